package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// terminal is where a command reads and writes. out is for what was asked for,
// err for everything that is said on the way.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	// asks tells that a person can answer, redraws that a line can be
	// overwritten, colours that colours are seen.
	asks, redraws, colours bool
}

func newTerminal() *terminal {
	seen := term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb"
	return &terminal{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		asks:    term.IsTerminal(int(os.Stdin.Fd())),
		redraws: seen,
		colours: seen && os.Getenv("NO_COLOR") == "",
	}
}

// width is how many columns a line may take; 80 where nobody knows.
func (t *terminal) width() int {
	if columns, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil && columns > 0 {
		return columns
	}
	return 80
}

// say writes one line for the person.
func (t *terminal) say(format string, args ...any) {
	fmt.Fprintf(t.err, format+"\n", args...)
}

// answer writes the one line that was asked for.
func (t *terminal) answer(line string) error {
	_, err := fmt.Fprintln(t.out, line)
	return err
}

// document writes v as one line of JSON.
func (t *terminal) document(v any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// confirm asks a question that only y or yes agrees to. Where ctx ends first it
// says that nothing was started and returns errInterrupted.
func (t *terminal) confirm(ctx context.Context, question string) (bool, error) {
	if !t.asks {
		return false, errors.New("can't ask for confirmation because standard input isn't a terminal: add --yes to continue without asking")
	}
	fmt.Fprintf(t.err, "%s [y/N] ", question)
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	// A read of a terminal cannot be cut off: it is left to end with the process.
	go func() {
		line, err := bufio.NewReader(t.in).ReadString('\n')
		answers <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		t.say("\nAborted. Nothing was changed.")
		return false, errInterrupted
	case a := <-answers:
		reply := strings.ToLower(strings.TrimSpace(a.line))
		if errors.Is(a.err, io.EOF) {
			a.err = nil
		}
		return reply == "y" || reply == "yes", a.err
	}
}

// mustConfirm is confirm where no is the end.
func (t *terminal) mustConfirm(ctx context.Context, question string) error {
	yes, err := t.confirm(ctx, question)
	if err == nil && !yes {
		t.say("Aborted. Nothing was changed.")
		err = errTold
	}
	return err
}

// The colours of a plan.
const (
	green  = "32"
	yellow = "33"
	red    = "31"
	dim    = "2"
)

func (t *terminal) paint(colour, text string) string {
	if !t.colours {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// plain makes text from elsewhere safe to show: a product's name could
// otherwise move the cursor and rewrite what the person is about to confirm.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '\ufffd'
		}
		return r
	}, text)
}
