package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// Ctrl-C at the question ends it, though nobody has typed a line.
func TestConfirmEndsWithItsContext(t *testing.T) {
	t.Parallel()
	in, typed := io.Pipe()
	defer typed.Close()
	var said bytes.Buffer
	term := &terminal{in: in, err: &said, asks: true}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	yes, err := term.confirm(ctx, "Make 2 changes in live mode?")
	if yes || !errors.Is(err, errInterrupted) || !strings.Contains(said.String(), "[y/N] \n") {
		t.Errorf("%v, %v, said %q", yes, err, said.String())
	}
}

func TestConfirmTakesOnlyAYes(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]bool{"y\n": true, "Yes\n": true, "y": true, "\n": false, "": false, "yup\n": false, "n\n": false} {
		term := &terminal{in: strings.NewReader(reply), err: io.Discard, asks: true}
		if yes, err := term.confirm(t.Context(), "Well?"); yes != want || err != nil {
			t.Errorf("%q: %v, %v", reply, yes, err)
		}
	}
}

// A name is shown whole where it is honest, and moves nothing where it is not.
func TestPlainKeepsHonestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"👩\u200d💻 Developer": "👩\u200d💻 Developer", "حرفه\u200cای": "حرفه\u200cای", "קפה": "קפה",
		"\u202eevil\x1b[2J\r": "evil [2J ",
	} {
		if got := plain(name); got != want {
			t.Errorf("%+q is shown as %+q", name, got)
		}
	}
	shown := product{Name: "👩\u200d💻", StripeProductID: "prod_\u202e1"}.String()
	if shown != "👩\u200d💻 (prod_1)" {
		t.Errorf("a product is %+q", shown)
	}
}
