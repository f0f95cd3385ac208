package ledger_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
)

// end applies what doorbells rung in that order lead to: each read sees the world as it is
// by then, which is never older than the newest event that rang.
func end(t *testing.T, worlds []world, rings []int) string {
	t.Helper()
	o := fresh(ledger.Manual)
	ids, newest := 0, 0
	for _, ring := range rings {
		newest = max(newest, ring)
		before := o.Status
		for _, s := range ledger.Apply(o, o.Payments[0], worlds[newest].seen(), func() string { ids++; return strconv.Itoa(ids) }) {
			if !ledger.Orders.Allows(before, s) {
				t.Errorf("%s became %s", before, s)
			}
			before = s
		}
		if (o.Status == ledger.Paid) != (o.Captured >= o.Due) {
			t.Errorf("%s with %d of %d", o.Status, o.Captured, o.Due)
		}
		if o.Refunded > o.Captured {
			t.Errorf("refunded %d of %d", o.Refunded, o.Captured)
		}
	}
	o.Attention = ledger.Attend(o, time.Unix(1000, 0), time.Unix(500, 0), false)
	for _, p := range o.Payments {
		slices.SortFunc(p.Refunds, func(a, b *ledger.Refund) int { return compare(*a.StripeRefundID, *b.StripeRefundID) })
		for i, r := range p.Refunds {
			r.ID = strconv.Itoa(i)
		}
		for i, d := range p.Disputes {
			d.ID = strconv.Itoa(i)
		}
	}
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func TestAnyOrderOfEventsEndsTheSame(t *testing.T) {
	t.Parallel()
	for name, worlds := range scenarios {
		natural := doorbells(len(worlds))
		want := end(t, worlds, natural)
		for _, rings := range permutations(natural) {
			if got := end(t, worlds, rings); got != want {
				t.Fatalf("%s, in the order %v:\n%s\nwant\n%s", name, rings, got, want)
			}
		}
	}
}

// doorbells are six events of that many worlds, in the order of nature: Stripe tells most of what
// happens by several.
func doorbells(worlds int) []int {
	rings := make([]int, 6)
	for i := range rings {
		rings[i] = i * worlds / len(rings)
	}
	return rings
}

// Doubled and lost events: the last one rings at least once, or a janitor reads instead.
func TestDoubledAndLostEventsEndTheSame(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for name, worlds := range scenarios {
		want := end(t, worlds, doorbells(len(worlds)))
		for range 10_000 / len(scenarios) {
			var rings []int
			for i := range worlds {
				for range random.IntN(3) {
					rings = append(rings, i)
				}
			}
			random.Shuffle(len(rings), func(i, j int) { rings[i], rings[j] = rings[j], rings[i] })
			rings = append(rings, len(worlds)-1)
			if got := end(t, worlds, rings); got != want {
				t.Fatalf("%s, by %v:\n%s\nwant\n%s", name, rings, got, want)
			}
		}
	}
}

func permutations(of []int) [][]int {
	if len(of) == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for i, first := range of {
		for _, rest := range permutations(slices.Delete(slices.Clone(of), i, i+1)) {
			all = append(all, append([]int{first}, rest...))
		}
	}
	return all
}
