package seal_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/seal/sealtest"
)

// A ticket opens for its purpose alone, also after the keys were rotated, and tells
// nobody what is in it.
func TestTickets(t *testing.T) {
	t.Parallel()
	text, keys := sealtest.Keys(t)
	ticket, err := keys.Ticket("unsubscribe", "ada@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Trim(ticket, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" || strings.Contains(ticket, "ada") {
		t.Error(ticket)
	}
	rotated, err := seal.RotateKeyset(text)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := seal.ParseKeys(rotated)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*seal.Keys{keys, newer} {
		if content, err := k.Redeem("unsubscribe", ticket); err != nil || content != "ada@acme.example" {
			t.Errorf("%q %v", content, err)
		}
	}
	_, stranger := sealtest.Keys(t)
	for what, redeem := range map[string]func() (string, error){
		"another purpose": func() (string, error) { return keys.Redeem("invitation", ticket) },
		"other keys":      func() (string, error) { return stranger.Redeem("unsubscribe", ticket) },
		"cut":             func() (string, error) { return keys.Redeem("unsubscribe", ticket[:len(ticket)-2]) },
		"no ticket":       func() (string, error) { return keys.Redeem("unsubscribe", "%%%") },
		"nothing":         func() (string, error) { return keys.Redeem("unsubscribe", "") },
	} {
		if content, err := redeem(); err == nil {
			t.Errorf("%s: %q", what, content)
		}
	}
}
