package app

// ReplaceKeys is replaceKeys.
var ReplaceKeys = replaceKeys
