package deployment_test

import (
	"encoding/json"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/stripesim"
)

// taxed is a product that went live, whose price has since decided about tax one
// way in live and another way in test: only a new price can follow, under the same
// test id.
func (st *stack) taxed(t *testing.T, lookupKey any) *product.Product {
	t.Helper()
	price, err := json.Marshal(map[string]any{
		"id": "price_tax", "product": "prod_tax", "currency": "usd", "unit_amount": 500, "lookup_key": lookupKey,
		"recurring": map[string]any{"interval": "month"},
	})
	must(t, err)
	must(t, st.stripe.Sim.Seed(st.stripe.Account.ID, stripesim.Test, []json.RawMessage{[]byte(`{"id": "prod_tax", "name": "Tax"}`)}, []json.RawMessage{price}))
	_, err = st.Products.Import(st.as, st.tenant.ID, nil)
	must(t, err)
	p := st.product(t, "prod_tax")
	st.completed(t, p)
	for mode, behavior := range map[stripesim.Mode]string{stripesim.Live: "exclusive", stripesim.Test: "inclusive"} {
		state, err := st.stripe.Sim.Dump(st.stripe.Account.ID, mode)
		must(t, err)
		for i, raw := range state.Prices {
			var of struct{ ID, Product string }
			must(t, json.Unmarshal(raw, &of))
			if of.Product == "prod_tax" {
				state.Prices[i] = edit(t, raw, of.ID, func(p map[string]any) { p["tax_behavior"] = behavior })
			}
		}
		must(t, st.stripe.Sim.Load(st.stripe.Account.ID, mode, state))
	}
	return p
}

// completed goes live.
func (st *stack) completed(t *testing.T, p *product.Product) *deployment.Deployment {
	t.Helper()
	end := st.end(t, st.goLive(t, p.ID).ID)
	if end.Status != deployment.Completed {
		t.Fatalf("%s %q %+v", end.Status, end.ProgressMessage, end.Error)
	}
	return end
}

// However a price was turned back to from its replacement, going live once more
// replaces it again: at the end one is for sale, and rolling back finds the other.
func TestReplacedPriceGoesBackAndForth(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*testing.T, *stack, *product.Product){
		"rolled back": func(t *testing.T, st *stack, p *product.Product) {
			st.rollback(t, st.completed(t, p).ID)
		},
		"there and back": func(t *testing.T, st *stack, p *product.Product) {
			forward := st.rollback(t, st.rollback(t, st.completed(t, p).ID).ID)
			st.rollback(t, forward.ID)
		},
		"cancelled before the old one was archived": func(t *testing.T, st *stack, p *product.Product) {
			wait, release := st.hold(t, 1, stripesim.AtAfter)
			d := st.goLive(t, p.ID)
			wait()
			st.cancel(t, d.ID)
			release()
			if end := st.end(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
				t.Errorf("%s %q", end.Status, end.ProgressMessage)
			}
		},
		"cancelled": func(t *testing.T, st *stack, p *product.Product) {
			wait, release := st.hold(t, 2, stripesim.AtAfter)
			d := st.goLive(t, p.ID)
			wait()
			st.cancel(t, d.ID)
			release()
			if end := st.end(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
				t.Errorf("%s %q", end.Status, end.ProgressMessage)
			}
		},
	}
	for name, goBack := range ways {
		for _, key := range []any{nil, "tax"} {
			st := newStack(t)
			st.work(t)
			p := st.taxed(t, key)
			before := st.live(t, "prod_tax")
			goBack(t, st, p)
			sameLive(t, st.live(t, "prod_tax"), before)
			third := st.completed(t, p)
			if live := st.live(t, "prod_tax"); len(live.ActivePrices()) != 1 || live.ActivePrices()[0].TaxBehavior != "inclusive" {
				t.Errorf("%s, key %v: for sale are %+v", name, key, live.ActivePrices())
			}
			st.rollback(t, third.ID)
			sameLive(t, st.live(t, "prod_tax"), before)
		}
	}
}
