// Package text is the one rule for what is written by others: what of a caller's
// text is refused, and what of anybody's text is shown, in terminals, mails,
// calendars and pages alike.
package text

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Flaw says what in a caller's text can't be stored, or not be shown as it is, as the
// object of "contains"; "" where there is nothing. Tabs and ends of lines are no flaw,
// nor are the marks that right-to-left names come with when they are pasted.
func Flaw(s string) string {
	if !utf8.ValidString(s) {
		return "bytes that aren't UTF-8"
	}
	for _, r := range s {
		switch {
		case unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r':
			return fmt.Sprintf("the control character U+%04X", r)
		case r == '\u202d' || r == '\u202e':
			return fmt.Sprintf("U+%04X, which overrides the reading direction", r)
		}
	}
	return ""
}

// Said is an optional text that says something, nil for one that is blank.
func Said(s *string) *string {
	if s == nil || strings.TrimSpace(*s) == "" {
		return nil
	}
	return s
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

// Fold is the same for texts that differ in case alone, letter by letter: lower-casing
// would make one of letters that are two, such as İ and i.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, s)
}

// Surrogates replaces each character that a string literal of JSON or GraphQL writes as
// two escapes (\ud83d\ude00) by the character itself. Not ok is a literal with half of one,
// which is no character at all; decoders take it for U+FFFD without a word.
func Surrogates(literal string) (joined string, ok bool) {
	var b strings.Builder
	for {
		at := strings.IndexByte(literal, '\\')
		if at < 0 || at+1 == len(literal) {
			b.WriteString(literal)
			return b.String(), true
		}
		b.WriteString(literal[:at])
		literal = literal[at:]
		first := escaped(literal)
		if !utf16.IsSurrogate(first) {
			b.WriteString(literal[:2])
			literal = literal[2:]
			continue
		}
		whole := utf16.DecodeRune(first, escaped(literal[escape:]))
		if whole == unicode.ReplacementChar {
			return "", false
		}
		b.WriteRune(whole)
		literal = literal[2*escape:]
	}
}

// escape is the length of an escape such as \u00e4.
const escape = 6

// escaped is what the escape at the beginning of s stands for, -1 where there is none.
func escaped(s string) rune {
	if len(s) < escape || s[:2] != `\u` {
		return -1
	}
	code, err := strconv.ParseUint(s[2:escape], 16, 16)
	if err != nil {
		return -1
	}
	return rune(code)
}
