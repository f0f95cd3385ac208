package mail

import (
	"strings"

	"github.com/golive-hq/golive/internal/text"
)

// How much of anybody's text a mail shows, in characters.
const (
	shortest = 60  // in a subject
	short    = 200 // on a line
	mostOf   = 600 // a line of a longer text
	lines    = 20  // of a longer text
)

// clean makes one line of anybody's text, as text.Line does, without repeated spaces.
// It is cut after most characters.
func clean(anybodys string, most int) string {
	line := strings.Join(strings.Fields(text.Line(anybodys)), " ")
	if runes := []rune(line); len(runes) > most {
		return strings.TrimRight(string(runes[:most-1]), " \u200c\u200d") + "…"
	}
	return line
}

// cleanLines is clean for a text of several lines.
func cleanLines(anybodys string) []string {
	var kept []string
	for line := range strings.Lines(anybodys) {
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
