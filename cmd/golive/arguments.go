package main

import (
	"fmt"
	"strings"

	"github.com/golive-hq/golive/internal/text"
)

// checkArguments refuses text that could not reach the API as it is: JSON would put
// another character in its place without a word. It names the flag, where there is one.
func checkArguments(args []string) error {
	for i, arg := range args {
		flaw := text.Flaw(arg)
		if flaw == "" {
			continue
		}
		name, _, isFlag := strings.Cut(arg, "=")
		switch {
		case isFlag && strings.HasPrefix(name, "--"):
		case i > 0 && strings.HasPrefix(args[i-1], "-"):
			name = args[i-1]
		default:
			name = fmt.Sprintf("argument %d", i+1)
		}
		return fmt.Errorf("%s contains %s: remove it and try again", plain(name), flaw)
	}
	return nil
}
