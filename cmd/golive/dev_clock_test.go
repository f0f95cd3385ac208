package main

import "testing"

func TestDevRefusesTimesThatAreNone(t *testing.T) {
	t.Parallel()
	for at, says := range map[string]string{
		"tomorrow":             `"tomorrow" is no time: write an instant such as 2026-12-25T08:55:00Z`,
		"2026-12-25T08:55:00":  "is no time",
		"2026-13-25T08:55:00Z": "is no time",
		"2026-02-30T08:55:00Z": "is no time",
		"":                     "is no time",
		"1999-12-31T23:59:59Z": "another century",
		"9999-12-31T23:59:59Z": "another century",
	} {
		golive(t, nil, "dev", "--time", at).fails(t, exitUsage, says)
	}
}
