package mail

import (
	"strings"
	"unicode"
)

// How much of anybody's text a mail shows, in characters.
const (
	shortest = 60  // in a subject
	short    = 200 // on a line
	mostOf   = 600 // a line of a longer text
	lines    = 20  // of a longer text
)

// clean makes one line of anybody's text: nothing that a header, a calendar or a
// terminal would obey, and nothing that turns the reading direction, by which a
// name could pass for another. It is cut after most characters.
func clean(text string, most int) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	text = strings.Map(func(r rune) rune {
		// Joiners shape Arabic, Indic scripts and emoji.
		if unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' {
			return -1
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > most {
		return strings.TrimRight(string(runes[:most-1]), " ") + "…"
	}
	return text
}

// cleanLines is clean for a text of several lines.
func cleanLines(text string) []string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = clean(line, mostOf); line == "" {
			continue
		}
		if len(kept) == lines {
			return append(kept, "…")
		}
		kept = append(kept, line)
	}
	return kept
}
