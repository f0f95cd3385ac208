// Package text is the one rule for what is written by others: what of a caller's
// text is refused, and what of anybody's text is shown, in terminals, mails,
// calendars and pages alike.
package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Flaw says what in a caller's text can be neither stored nor shown, as the object of
// "contains"; "" where there is nothing. Tabs and ends of lines are no flaw.
func Flaw(s string) string {
	if !utf8.ValidString(s) {
		return "bytes that aren't UTF-8"
	}
	for _, r := range s {
		if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' {
			return fmt.Sprintf("the control character U+%04X", r)
		}
	}
	return ""
}

// Joiners shape Arabic and Indic scripts and hold emoji together. Without them an
// honest name is broken, and alone they turn nothing.
const joiners = "\u200c\u200d"

// Line makes anybody's text safe to show on one line. Nothing is left in it that a
// terminal, a header or a calendar would obey, nor what turns the reading direction, by
// which a name could pass for another. Right-to-left letters stay as they are.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r) && !strings.ContainsRune(joiners, r):
			return -1
		}
		return r // U+FFFD for a byte that is no UTF-8
	}, s)
}
