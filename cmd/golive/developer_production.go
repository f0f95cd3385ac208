//go:build production

package main

// developerCommands are none.
type developerCommands struct{}
