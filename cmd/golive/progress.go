package main

import (
	"fmt"
	"strings"

	"github.com/golive-hq/golive/internal/client"
)

// bar shows progress: one line that is drawn again and again where that can be
// done, else a line for each event.
type bar struct {
	t     *terminal
	drawn bool
}

const (
	barWidth  = 28
	textWidth = 70 // keeps the line from wrapping, which would break the redrawing
)

func (b *bar) draw(e client.Event) {
	if !b.t.redraws {
		b.t.say("%3d%% %s", e.Percentage, plain(e.Message))
		return
	}
	filled := e.Percentage * barWidth / 100
	line := fmt.Sprintf("%s%s %3d%% %s", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), e.Percentage, plain(e.Message))
	fmt.Fprint(b.t.err, "\r\x1b[2K"+shorten(line, textWidth+barWidth-20))
	b.drawn = true
}

// end leaves the last drawing and goes to the next line.
func (b *bar) end() {
	if b.drawn {
		b.t.say("")
		b.drawn = false
	}
}

func shorten(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:width-1]) + "…"
}
