package web

import _ "embed" // for the file beside this one

// Documents is the manifest of all GraphQL documents that the page sends: a JSON object of
// documents by the SHA-256 of each, in hex.
//
//go:embed documents.json
var Documents []byte
