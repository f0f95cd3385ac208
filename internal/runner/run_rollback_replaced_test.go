package runner_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/stripesim"
)

// However a price was turned back to from its replacement, going live once more
// replaces it again: at the end one is for sale, and rolling back finds the other.
func TestRollbackOfReplacedPrices(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*testing.T, *stack, *product.Product){
		"rolled back": func(t *testing.T, st *stack, p *product.Product) {
			st.RolledBack(t, st.Completed(t, p).ID)
		},
		"there and back": func(t *testing.T, st *stack, p *product.Product) {
			forward := st.RolledBack(t, st.RolledBack(t, st.Completed(t, p).ID).ID)
			st.RolledBack(t, forward.ID)
		},
		"cancelled before the old one was archived": func(t *testing.T, st *stack, p *product.Product) {
			wait, release := st.Hold(t, 1, stripesim.AtAfter)
			d := st.StartGoLive(t, p.ID)
			wait()
			st.CallOff(t, d.ID)
			release()
			if end := st.End(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
				t.Errorf("%s %q", end.Status, end.ProgressMessage)
			}
		},
		"cancelled": func(t *testing.T, st *stack, p *product.Product) {
			wait, release := st.Hold(t, 2, stripesim.AtAfter)
			d := st.StartGoLive(t, p.ID)
			wait()
			st.CallOff(t, d.ID)
			release()
			if end := st.End(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
				t.Errorf("%s %q", end.Status, end.ProgressMessage)
			}
		},
	}
	for name, goBack := range ways {
		for _, key := range []any{nil, "tax"} {
			st := newStack(t)
			st.Work(t)
			p := st.taxed(t, key)
			before := st.Live(t, "prod_tax")
			goBack(t, st, p)
			sameLive(t, st.Live(t, "prod_tax"), before)
			third := st.Completed(t, p)
			if live := st.Live(t, "prod_tax"); len(live.ActivePrices()) != 1 || live.ActivePrices()[0].TaxBehavior != "inclusive" {
				t.Errorf("%s, key %v: for sale are %+v", name, key, live.ActivePrices())
			}
			st.RolledBack(t, third.ID)
			sameLive(t, st.Live(t, "prod_tax"), before)
		}
	}
}
