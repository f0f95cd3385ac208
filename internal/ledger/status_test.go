package ledger_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/ledger"
)

func draw[S ~string](begin S, m ledger.Machine[S], all []S) string {
	var b strings.Builder
	fmt.Fprintf(&b, "```mermaid\nstateDiagram-v2\n    [*] --> %s\n", begin)
	for _, e := range m {
		for _, to := range e.To {
			fmt.Fprintf(&b, "    %s --> %s\n", e.From, to)
		}
	}
	for _, s := range all {
		if m.Ends(s) {
			fmt.Fprintf(&b, "    %s --> [*]\n", s)
		}
	}
	return b.String() + "```\n"
}

func deadlines() string {
	b := "| While | For | Then |\n| --- | --- | --- |\n"
	for _, d := range ledger.Deadlines {
		b += fmt.Sprintf("| %s | %s | %s |\n", d.What, span(d.Time.Minutes()), d.Then)
	}
	return b
}

func span(minutes float64) string {
	if minutes < 24*60 {
		return fmt.Sprintf("%.0f minutes", minutes)
	}
	return fmt.Sprintf("%.0f hours", minutes/60)
}

// The diagrams and the deadlines in the docs are drawn from the tables; UPDATE=1 redraws them.
func TestDocsShowTheTables(t *testing.T) {
	t.Parallel()
	const file = "../../docs/architecture.md"
	for name, drawn := range map[string]string{
		"orders":    draw(ledger.Created, ledger.Orders, ledger.OrderStatuses),
		"payments":  draw(ledger.PaymentNew, ledger.Payments, ledger.PaymentStatuses),
		"refunds":   draw(ledger.RefundRequested, ledger.Refunds, ledger.RefundStatuses),
		"deadlines": deadlines(),
	} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, ok := strings.Cut(string(b), "<!-- "+name+":begin -->\n")
		shown, after, ok2 := strings.Cut(rest, "<!-- "+name+":end -->")
		if !ok || !ok2 {
			t.Fatalf("%s has no place for %s", file, name)
		}
		switch {
		case shown == drawn:
		case os.Getenv("UPDATE") == "":
			t.Errorf("%s shows other %s than the tables have; redraw it with UPDATE=1 go test ./internal/ledger", file, name)
		default:
			text := before + "<!-- " + name + ":begin -->\n" + drawn + "<!-- " + name + ":end -->" + after
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// All 84 combinations of what Stripe may say. Columns are the session (none, open,
// complete, expired), each with what was paid (paid, unpaid, no_payment_required).
func TestStatusOfIsTotal(t *testing.T) {
	t.Parallel()
	const table = `
requires_payment_method O O O  O O O  P X P  E E E
requires_confirmation   O O O  O O O  P P P  E E E
requires_action         O O O  O O O  P P P  E E E
processing              P P P  P P P  P P P  P P P
requires_capture        A A A  A A A  A A A  A A A
canceled                X X X  X X X  X X X  E E E
succeeded               C C C  C C C  C C C  C C C`
	letters := map[string]ledger.PaymentStatus{
		"O": ledger.PaymentOpen, "P": ledger.PaymentProcessing, "A": ledger.PaymentAuthorized,
		"C": ledger.PaymentCaptured, "E": ledger.PaymentExpired, "X": ledger.PaymentCancelled,
	}
	cells := 0
	for i, row := range strings.Split(strings.TrimSpace(table), "\n") {
		cell := strings.Fields(row)
		if cell[0] != ledger.IntentStatuses[i] {
			t.Fatalf("row %d is of %s", i, cell[0])
		}
		for j, session := range ledger.SessionStatuses {
			for k, paid := range ledger.SessionPayments {
				want := letters[cell[1+3*j+k]]
				if got := ledger.StatusOf(cell[0], session, paid); got != want {
					t.Errorf("%s with session %q, %s: %s, want %s", cell[0], session, paid, got, want)
				}
				cells++
			}
		}
	}
	if cells != 84 {
		t.Errorf("%d cells", cells)
	}
}

func TestPathsPassEachStatusBetween(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to ledger.PaymentStatus
		want     string
	}{
		{ledger.PaymentSent, ledger.PaymentCaptured, "[OPEN CAPTURED]"},
		{ledger.PaymentProcessing, ledger.PaymentAuthorized, "[OPEN AUTHORIZED]"},
		{ledger.PaymentOpen, ledger.PaymentExpired, "[EXPIRED]"},
		{ledger.PaymentExpired, ledger.PaymentCaptured, "[]"},
		{ledger.PaymentOpen, ledger.PaymentOpen, "[]"},
	} {
		if got := fmt.Sprint(ledger.Payments.Path(c.from, c.to)); got != c.want {
			t.Errorf("%s to %s by %s, want %s", c.from, c.to, got, c.want)
		}
	}
}
