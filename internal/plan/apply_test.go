package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// stories is how many lives of a product the tests below tell, each by its seed.
const stories = 150

// world is a product in test, in live, and in Golive's memory.
type world struct {
	*dice
	account *liveAccount
	test    catalog.Snapshot
	known   plan.Known
	// theirs tells that somebody keeps a metadata key of their own in live.
	theirs bool
}

func newWorld(seed uint64) *world {
	w := &world{dice: newDice(seed), account: &liveAccount{links: map[string]string{}}}
	w.test = w.catalogue()
	return w
}

func (w *world) input() plan.Input {
	known := w.known
	known.Links = linked(w.account.links)
	return plan.Input{Test: w.test, Live: w.account.clone().live, Known: known, StampOwner: tenantID}
}

// inAnyOrder returns the indices of a plan's steps in an order that their
// dependencies allow.
func (d *dice) inAnyOrder(steps []plan.Step) []int {
	var order []int
	for len(order) < len(steps) {
		i := d.IntN(len(steps))
		ready := !slices.Contains(order, i)
		for _, before := range steps[i].After {
			ready = ready && slices.Contains(order, before)
		}
		if ready {
			order = append(order, i)
		}
	}
	return order
}

// run applies steps in any order that they allow, and returns live as it was at
// each moment: before the first step, between them, and after the last.
func (w *world) run(t *testing.T, p plan.Plan, order []int) []*catalog.Snapshot {
	t.Helper()
	checkOrder(t, p)
	checkSteps(t, p)
	moments := []*catalog.Snapshot{w.account.clone().live}
	for _, i := range order {
		if _, err := w.account.apply(p.Steps[i]); err != nil {
			t.Fatalf("step %d: %v\n%s", i, err, render(t, p))
		}
		moments = append(moments, w.account.clone().live)
	}
	return moments
}

// goLive plans and applies, and remembers what it left.
func (w *world) goLive(t *testing.T) []*catalog.Snapshot {
	t.Helper()
	p := plan.Diff(w.input())
	w.link(p.Links)
	moments := w.run(t, p, w.inAnyOrder(p.Steps))
	w.remember()
	if again := plan.Diff(w.input()); !again.IsEmpty() {
		t.Fatalf("after\n%sthere is still to do\n%s", render(t, p), render(t, again))
	}
	return moments
}

// people edit in test, and now and then in live; and Golive forgets a price that it
// knows by its stamp.
func (w *world) people() {
	for range w.IntN(5) {
		w.edit(&w.test)
	}
	if w.account.live != nil && w.IntN(3) == 0 {
		w.drift(w.account)
		w.keepTheirs()
	}
	for i := range w.test.Prices {
		p := &w.test.Prices[i]
		liveID := w.account.links[p.ID]
		if liveID == "" || w.IntN(8) > 0 {
			continue
		}
		delete(w.account.links, p.ID)
		found := plan.Link{Resource: catalog.ResourcePrice, TestID: p.ID, LiveID: liveID}
		if !slices.Contains(plan.Diff(w.input()).Links, found) {
			w.account.links[p.ID] = liveID
		}
	}
}

// keepTheirs lets somebody keep a metadata key of their own in live, which stays.
func (w *world) keepTheirs() {
	w.account.live.Product.Metadata = maps.Clone(w.account.live.Product.Metadata)
	if w.account.live.Product.Metadata == nil {
		w.account.live.Product.Metadata = map[string]string{}
	}
	w.account.live.Product.Metadata["theirs"], w.theirs = "1", true
}

// link keeps what a plan found, before its first step.
func (w *world) link(links []plan.Link) {
	for _, l := range links {
		w.account.links[l.TestID] = l.LiveID
	}
}

// remember keeps what was left in live, for drift to be told from it: of metadata,
// what test has.
func (w *world) remember() {
	if w.account.live == nil {
		return
	}
	left := w.account.clone().live
	left.Product.Metadata = plan.Narrowed(left.Product.Metadata, w.test.Product.Metadata)
	prices := map[string]catalog.Price{}
	for testID, liveID := range w.account.links {
		p, test := left.Price(liveID), w.test.Price(testID)
		if p != nil && test != nil {
			p.Metadata = plan.Narrowed(p.Metadata, test.Metadata)
			prices[testID] = *p
		}
	}
	w.known.Product, w.known.Prices = &left.Product, prices
}

// A plan that was applied in any order that it allows leaves live as test is, and
// nothing to do, whatever was edited in test or changed in live before.
func TestDiffAppliedMakesLiveAsTest(t *testing.T) {
	t.Parallel()
	for seed := range uint64(stories) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(seed)
			for range 4 {
				w.goLive(t)
				w.asInTest(t)
				w.people()
			}
		})
	}
}

// asInTest compares live with test by fields, without the help of Diff.
func (w *world) asInTest(t *testing.T) {
	t.Helper()
	live := w.account.live
	if live == nil {
		if w.test.Product.Active {
			t.Fatal("the product is not in live")
		}
		return
	}
	product := live.Product
	product.Metadata = maps.Clone(product.Metadata)
	if delete(product.Metadata, "theirs"); w.theirs && live.Product.Metadata["theirs"] != "1" {
		t.Error("the metadata key that somebody else keeps in live is gone")
	}
	product.DefaultPrice = w.test.Product.DefaultPrice
	if w.test.Product.Shippable == nil {
		product.Shippable = nil // what somebody said of it in live stays
	}
	if fields := plan.ProductDrift(&w.test.Product, &product); fields != nil {
		t.Errorf("the product differs in %v", fields)
	}
	if w.account.links[w.test.Product.DefaultPrice] != live.Product.DefaultPrice {
		t.Errorf("the default price is %s, in test it is %s", live.Product.DefaultPrice, w.test.Product.DefaultPrice)
	}
	for i := range w.test.Prices {
		p := &w.test.Prices[i]
		twin := live.Price(w.account.links[p.ID])
		switch {
		case twin == nil && p.Active:
			t.Errorf("%s is not in live", p.ID)
		case twin != nil && p.Active && plan.PriceDrift(p, twin) != nil:
			t.Errorf("%s differs in %v", p.ID, plan.PriceDrift(p, twin))
		case twin != nil && !p.Active && twin.Active:
			t.Errorf("%s is still for sale", p.ID)
		}
	}
	for _, p := range live.ActivePrices() {
		testID, linked := w.testIDOf(p.ID)
		if made := p.Metadata[catalog.StampKey] != ""; made && (!linked || w.test.Price(testID) == nil) {
			t.Errorf("%s is for sale beside those of test", p.ID)
		}
	}
}
