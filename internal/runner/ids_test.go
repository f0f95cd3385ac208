package runner_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/stripesim"
)

// sells puts a product with prices into test, the first of them its default.
func (st *stack) sells(t *testing.T, id string, priceIDs ...string) *product.Product {
	t.Helper()
	encode := func(object map[string]any) json.RawMessage {
		raw, err := json.Marshal(object)
		must(t, err)
		return raw
	}
	var prices []json.RawMessage
	for i, priceID := range priceIDs {
		prices = append(prices, encode(map[string]any{"id": priceID, "product": id, "currency": "usd", "unit_amount": 500 + i, "lookup_key": id + "/{" + priceID + "}"}))
	}
	made := encode(map[string]any{"id": id, "name": id, "default_price": priceIDs[0]})
	must(t, st.Stripe.Sim.Seed(st.Stripe.Account.ID, stripesim.Test, []json.RawMessage{made}, prices))
	_, err := st.Imports.Here(st.As, st.Tenant.ID, nil)
	must(t, err)
	return st.Product(t, id)
}

// lastStepHeldBack starts a go-live whose last step, that of the default price, waits in
// the journal for a Stripe that is down.
func (st *stack) lastStepHeldBack(t *testing.T, p *product.Product) string {
	t.Helper()
	st.Runner.Backoff.Patience = 0
	st.fault(t, stripesim.Error503, "POST", "^/v1/products/")
	d := st.StartGoLive(t, p.ID)
	if got := st.turn(t, d.ID); got.Status != deployment.Deploying {
		t.Fatalf("%s %+v", got.Status, got.Error)
	}
	st.Stripe.Sim.ClearFaults()
	return d.ID
}

// What a product and a price share is their id alone: one product's own price, and
// another's, go live beside it, and back.
func TestLinkOfAProductAndAPriceOfTheSameID(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	both := st.sells(t, "same", "same", "other")
	st.sells(t, "another", "another", "price_of_another")
	thief := st.sells(t, "price_of_another", "their_price")
	for _, p := range []*product.Product{both, st.Product(t, "another"), thief} {
		d := st.Completed(t, p)
		found, err := st.PlanGoLive(st.As, p.ID, false)
		must(t, err)
		if !found.IsEmpty() {
			t.Errorf("%s: still to do: %+v", p.StripeProductID, found.Changes)
		}
		for _, l := range st.linksOf(t, p) {
			if live := st.Live(t, p.StripeProductID); (l.Resource == catalog.ResourceProduct) != (l.LiveID == live.Product.ID) || l.Base == nil {
				t.Errorf("%s %s is linked to %s, left as %s", l.Resource, l.TestID, l.LiveID, l.Base)
			}
		}
		st.RolledBack(t, d.ID)
		if live := st.Live(t, p.StripeProductID); live.Product.Active || len(live.ActivePrices()) > 0 {
			t.Errorf("%s: rolled back to %+v", p.StripeProductID, live)
		}
	}
}

func (st *stack) linksOf(t *testing.T, p *product.Product) []product.Link {
	t.Helper()
	links, err := product.Links(t.Context(), st.Pool, st.Stripe.Account.ID, p.StripeProductID)
	must(t, err)
	if want := len(p.Snapshot.Prices) + 1; len(links) != want {
		t.Errorf("%s has %d links, want %d", p.StripeProductID, len(links), want)
	}
	return links
}

// A journal that an earlier version wrote is gone on with in its own form.
func TestJournalOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for i, id := range []string{"price_plain", "a/b?c#d%e", "x}&active=false{", "price:x"} {
		p := st.sells(t, fmt.Sprintf("prod_%d", i), id, []string{"w", "y", "x", "z"}[i])
		d := st.lastStepHeldBack(t, p)
		st.Exec(t, `UPDATE deployment_steps SET form = 1, body = 'default_price={`+id+`}', want = jsonb_build_object('default_price', '{`+id+`}')
			WHERE deployment_id = $1 AND resource = 'product' AND action <> 'CREATE'`, d)
		end := st.turn(t, d)
		live := st.Live(t, p.StripeProductID)
		switch odd := id == "x}&active=false{"; {
		case !odd && (end.Status != deployment.Completed || live.Product.DefaultPrice == ""):
			t.Errorf("%q: %s %+v, the default price is %q", id, end.Status, end.Error, live.Product.DefaultPrice)
		case odd && (end.Status != deployment.Failed || *end.LiveOutcome != deployment.Restored):
			t.Errorf("%q, whose bytes say something else: %s %+v", id, end.Status, end.Error)
		}
	}
}

// What nobody knows fails its step, and everything goes back.
func TestUnknownPlaceholderEndsTheGoLive(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.lastStepHeldBack(t, st.sells(t, "prod_unknown", "price_u"))
	st.Exec(t, `UPDATE deployment_steps SET body = 'default_price={price:gone}' WHERE deployment_id = $1 AND body LIKE 'default_price=%'`, d)
	end := st.turn(t, d)
	if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryInternal || *end.LiveOutcome != deployment.Restored || end.Error.StepIndex == nil {
		t.Errorf("%s %+v %v", end.Status, end.Error, end.LiveOutcome)
	}
	sent, err := st.Stripe.Sim.Requests(stripesim.RequestFilter{Writes: true, Path: "^/v1/products/", Mode: stripesim.Live})
	must(t, err)
	for _, r := range sent {
		if r.Status == 200 && r.Body != "active=false" {
			t.Errorf("sent %s", r.Body)
		}
	}
}

// A worker that doesn't know the form of a journal leaves the deployment to others.
func TestRequiresAWorkerThatKnowsTheJournal(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.lastStepHeldBack(t, st.sells(t, "prod_form", "price_f"))
	var requires, forms int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT requires, (SELECT count(DISTINCT form) FROM deployment_steps WHERE deployment_id = id AND form = 2)
		FROM deployments WHERE id = $1`, d).Scan(&requires, &forms))
	if requires != 4 || forms != 1 {
		t.Errorf("it requires %d, its steps have %d new forms", requires, forms)
	}
}

// So it does where another version planned the way forward, and this one the way back.
func TestRequiresAWorkerThatKnowsTheWayBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.lastStepHeldBack(t, st.sells(t, "prod_back", "price_b"))
	st.Exec(t, `UPDATE deployments SET requires = 0 WHERE id = $1`, d)
	st.CallOff(t, d)
	if end := st.turn(t, d); end.Status != deployment.Cancelled || !end.UndoPlanned {
		t.Fatalf("%s, its way back planned: %t", end.Status, end.UndoPlanned)
	}
	var requires int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT requires FROM deployments WHERE id = $1`, d).Scan(&requires))
	if requires != 4 {
		t.Errorf("it requires %d", requires)
	}
}

// A create that was begun more than 23 hours ago is found by lookup key and content
// where somebody took its stamp off. Before, its idempotency key is what is trusted.
func TestAgedCreateIsNotRepeated(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for hours, want := range map[int]deployment.Status{22: deployment.Failed, 24: deployment.Completed} {
		id := fmt.Sprintf("prod_%d", hours)
		d := st.lastStepHeldBack(t, st.sells(t, id, "price_of_"+id))
		live := st.Live(t, id).Prices[0]
		st.Edit(t, stripesim.Live, live.ID, func(p map[string]any) { p["metadata"] = map[string]any{} }) // forgets keys, too
		st.Exec(t, `DELETE FROM links WHERE live_id = $1`, live.ID)
		st.Exec(t, `UPDATE deployment_steps SET status = 'RUNNING', started_at = now() - $2::interval
			WHERE deployment_id = $1 AND resource = 'price'`, d, time.Duration(hours)*time.Hour)
		end := st.turn(t, d)
		now := st.Live(t, id)
		if end.Status != want || len(now.Prices) != 1 || want == deployment.Completed && now.Product.DefaultPrice != live.ID {
			t.Errorf("after %d hours: %s %+v, live holds %+v", hours, end.Status, end.Error, now)
		}
	}
}
