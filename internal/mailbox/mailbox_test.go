package mailbox_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/mailbox"
)

// One spelling for one mailbox, and never that of another one.
func TestNormal(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"Ada@Harbour.Example":              "ada@harbour.example",
		"İ@example.org":                    "İ@example.org",
		"\u212a@example.org":               "\u212a@example.org", // the Kelvin sign
		"JÜRGEN@Example.org":               "jÜrgen@example.org",
		"info@BÜCHER.example":              "info@xn--bcher-kva.example",
		"info@xn--bcher-kva.example":       "info@xn--bcher-kva.example",
		"INFO@XN--BCHER-KVA.example":       "info@xn--bcher-kva.example",
		"info@bu\u0308cher.example":        "info@xn--bcher-kva.example", // ü of two characters
		"info@bücher。example":              "info@xn--bcher-kva.example",
		"info@faß.example":                 "info@xn--fa-hia.example",
		"info@ex_ä.example":                "info@ex_ä.example", // no domain
		"ops@intern_al":                    "ops@intern_al",
		"golive":                           "golive",
		"\"a@ü\"@bücher.example":           "\"a@ü\"@xn--bcher-kva.example",
		"info@example.xn--ls8h.invalid..x": "info@example.xn--ls8h.invalid..x",
	} {
		if got := mailbox.Normal(address); got != want {
			t.Errorf("%s is %s, not %s", address, got, want)
		}
	}
}

func TestWireKeepsTheMailbox(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"Ada.Lovelace@Example.org": "Ada.Lovelace@Example.org",
		"Info@Bücher.example":      "Info@xn--bcher-kva.example",
		"Jürgen@bücher.example":    "Jürgen@xn--bcher-kva.example",
	} {
		if got := mailbox.Wire(address); got != want {
			t.Errorf("%s travels as %s, not %s", address, got, want)
		}
	}
}
