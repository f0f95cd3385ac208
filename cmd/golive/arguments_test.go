package main

import (
	"strings"
	"testing"
)

func TestArgumentsAreText(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"--reason":   {"go-live", "prod_1", "--reason", "f\xfcr"},
		"--reason c": {"go-live", "--reason=\x1b[31m", "prod_1"},
		"argument 2": {"go-live", "prod_\x7f"},
		"-t contain": {"products", "-t", "\u0085"},
	} {
		if err := checkArguments(args); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", args, err)
		}
	}
	if err := checkArguments([]string{"schedule", "👩\u200d💻", "--reason", "two\nlines", "--tenant=קפה"}); err != nil {
		t.Error(err)
	}
}
