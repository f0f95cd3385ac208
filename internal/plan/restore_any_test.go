package plan_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// A go-live that stopped anywhere is turned back to what was live before, in any
// order that the plans allow; turning back again has nothing to do, and a later
// go-live ends as if nothing had been.
func TestRestoreTurnsBackAnyPart(t *testing.T) {
	t.Parallel()
	for seed := range uint64(stories) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(seed)
			for range w.IntN(3) {
				w.goLive(t)
				w.people()
			}
			for range w.IntN(4) {
				w.driftAnyPrice() // so that many are replaced, some of them by half
			}
			before := w.account.clone().live
			touched := w.stopHalfway(t)
			if w.account.live == nil {
				return
			}
			back := w.restore(t, touched)
			w.asBefore(t, before, back)
			again := plan.Restore(w.restoration(touched))
			if !again.IsEmpty() {
				t.Errorf("after\n%sthere is still to turn back\n%s", render(t, back), render(t, again))
			}
			w.link(again.Links)
			w.goLive(t)
			w.asInTest(t)
		})
	}
}

func (w *world) driftAnyPrice() {
	if w.account.live != nil {
		w.driftPrice(w.account)
	}
}

// stopHalfway carries out some steps of a go-live.
func (w *world) stopHalfway(t *testing.T) []plan.Touched {
	t.Helper()
	p := plan.Diff(w.input())
	order := w.inAnyOrder(p.Steps)
	return w.carryOut(t, p, order[:w.IntN(len(order)+1)])
}

// carryOut applies steps of a plan and returns what they touched, as its journal
// would tell.
func (w *world) carryOut(t *testing.T, p plan.Plan, order []int) []plan.Touched {
	t.Helper()
	w.link(p.Links)
	w.run(t, p, order)
	var all []plan.Touched
	for i, s := range p.Steps {
		heir := heirOf(s, p.Steps)
		switch {
		case slices.Contains(order, i):
		case slices.Contains(order, heir):
			s.Want = nil
		default:
			continue
		}
		liveID := s.LiveID
		if s.Action == plan.Create {
			liveID = w.account.links[s.TestID]
		}
		if heir >= 0 {
			s.TestID = p.Steps[heir].TestID
		}
		one, err := plan.TouchedBy(s, liveID)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one...)
	}
	return all
}

// heirOf is the step that creates a price in the place of the one that s archives, or -1.
func heirOf(s plan.Step, steps []plan.Step) int {
	return slices.IndexFunc(steps, func(heir plan.Step) bool {
		return s.TestID == s.LiveID && s.Action == plan.Archive && heir.Action == plan.Create && heir.Change == s.Change
	})
}

func (w *world) restoration(touched []plan.Touched) plan.Restoration {
	in := w.input()
	return plan.Restoration{Touched: touched, Live: in.Live, Known: in.Known}
}

func (w *world) restore(t *testing.T, touched []plan.Touched) plan.Plan {
	t.Helper()
	back := plan.Restore(w.restoration(touched))
	w.alwaysForSale(t, w.run(t, back, w.inAnyOrder(back.Steps)))
	return back
}

// asBefore compares live with what it was, but for what Stripe lets nobody take
// back. What was created since is for sale no more.
func (w *world) asBefore(t *testing.T, before *catalog.Snapshot, back plan.Plan) {
	t.Helper()
	now := w.account.clone().live
	if before == nil {
		before = &catalog.Snapshot{Product: now.Product}
		before.Product.Active, before.Product.DefaultPrice = false, ""
	}
	if before.Product.Shippable == nil {
		now.Product.Shippable = nil
	}
	if fields := plan.ProductDrift(&before.Product, &now.Product); fields != nil {
		t.Errorf("the product differs from before in %v\n%s", fields, render(t, back))
	}
	for i := range now.Prices {
		p, old := now.Prices[i], before.Price(now.Prices[i].ID)
		if old == nil {
			if p.Active {
				t.Errorf("the new price %s is still for sale\n%s", p.ID, render(t, back))
			}
			continue
		}
		undecide(&p, old)
		if fields := plan.PriceDrift(old, &p); !slices.Equal(fields, nil) {
			t.Errorf("price %s differs from before in %v\n%s", p.ID, fields, render(t, back))
		}
	}
}

// undecide overlooks what was decided about tax since.
func undecide(p, before *catalog.Price) {
	if !settled(before.TaxBehavior) {
		p.TaxBehavior = before.TaxBehavior
	}
	options := map[string]catalog.CurrencyOption{}
	for currency, o := range p.CurrencyOptions {
		if old, had := before.CurrencyOptions[currency]; had && !settled(old.TaxBehavior) {
			o.TaxBehavior = old.TaxBehavior
		}
		options[currency] = o
	}
	p.CurrencyOptions = options
}
