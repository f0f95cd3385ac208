package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/golive-hq/golive/internal/client"
)

// bar shows progress: one line that is drawn again and again where that can be
// done, else a line for each event.
type bar struct {
	t     *terminal
	drawn bool
}

const mostBar = 28

func (b *bar) draw(e client.Event) {
	if !b.t.redraws {
		b.t.say("%3d%% %s", e.Percentage, plain(e.Message))
		return
	}
	fmt.Fprint(b.t.err, "\r\x1b[2K"+progressLine(e, b.t.width()))
	b.drawn = true
}

// progressLine takes less than the columns that there are: a line that wraps could not be
// drawn over.
func progressLine(e client.Event, columns int) string {
	width := min(mostBar, columns/4)
	filled := e.Percentage * width / 100
	line := fmt.Sprintf("%s%s %3d%% %s", strings.Repeat("█", filled), strings.Repeat("░", width-filled), e.Percentage, plain(e.Message))
	return shorten(line, columns-1)
}

// end leaves the last drawing and goes to the next line.
func (b *bar) end() {
	if b.drawn {
		b.t.say("")
		b.drawn = false
	}
}

// shorten cuts a text so that it takes at most so many columns.
func shorten(text string, columns int) string {
	used, fits := 0, 0
	for i, r := range text {
		used += columnsOf(r)
		if used <= columns-1 {
			fits = i + len(string(r))
		}
	}
	if used <= columns {
		return text
	}
	return text[:fits] + "…"
}

// columnsOf is how wide terminals draw a character: nothing for marks, two columns for
// ideographs and emoji.
func columnsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana), r >= 0x1F300 && r <= 0x1FAFF, r >= 0xFF01 && r <= 0xFF60:
		return 2
	}
	return 1
}
