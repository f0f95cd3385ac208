package runner_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/stripesim"
)

// vanish takes an object out of live, as only Stripe's support can.
func (st *stack) vanish(t *testing.T, id string) {
	t.Helper()
	state, err := st.Stripe.Sim.Dump(st.Stripe.Account.ID, stripesim.Live)
	must(t, err)
	var kept []json.RawMessage
	for _, raw := range state.Prices {
		var object struct{ ID string }
		must(t, json.Unmarshal(raw, &object))
		if object.ID != id {
			kept = append(kept, raw)
		}
	}
	state.Prices = kept
	must(t, st.Stripe.Sim.Load(st.Stripe.Account.ID, stripesim.Live, state))
}

// add lets somebody make objects in live.
func (st *stack) add(t *testing.T, products, prices string) {
	t.Helper()
	state, err := st.Stripe.Sim.Dump(st.Stripe.Account.ID, stripesim.Live)
	must(t, err)
	if products != "" {
		state.Products = append(state.Products, json.RawMessage(products))
	}
	state.Prices = append(state.Prices, json.RawMessage(prices))
	must(t, st.Stripe.Sim.Load(st.Stripe.Account.ID, stripesim.Live, state))
}

// repriced is the second of two go-lives, of which the first made the price that the
// second replaced.
func (st *stack) repriced(t *testing.T) (first, second *deployment.Deployment, old string) {
	t.Helper()
	p := st.Product(t, simple)
	first = st.Completed(t, p)
	old = st.Live(t, simple).Product.DefaultPrice
	st.Reprice(t)
	return first, st.Completed(t, p), old
}

// wantRefused holds the way back to be refused in the preview and in the run, by a check
// that names why, before any write.
func (st *stack) wantRefused(t *testing.T, id, check, naming string) {
	t.Helper()
	before, writes := st.Live(t, simple), len(st.Writes(t))
	_, err := st.PlanRollback(st.As, id)
	wantCode(t, err, fault.ValidationFailed)
	if err != nil && !strings.Contains(err.Error(), naming) {
		t.Errorf("the preview says %v, want it to name %s", err, naming)
	}
	d, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: id})
	must(t, err)
	end := st.End(t, d.ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Unchanged || end.Error.Category != deployment.CategoryValidation ||
		!strings.Contains(end.Error.Message, naming) {
		t.Errorf("the run ended %s %s %+v", end.Status, end.ProgressMessage, end.Error)
	}
	if found := statusOf(st.Review(t, d.ID).Validation, check); found != plan.CheckFailed {
		t.Errorf("%s is %q", check, found)
	}
	if n := len(st.Writes(t)) - writes; n != 0 {
		t.Errorf("%d writes", n)
	}
	sameLive(t, st.Live(t, simple), before)
	st.WantStatus(t, id, deployment.Completed)
}

// What Stripe would refuse on the way back is found before the first write.
func TestRollbackIsCheckedBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	const key = "pine_pro_monthly"
	free := func(t *testing.T, st *stack) {
		t.Helper()
		for _, p := range st.Live(t, simple).Prices {
			if p.LookupKey == key {
				st.Edit(t, stripesim.Live, p.ID, func(p map[string]any) { p["lookup_key"] = nil })
			}
		}
	}
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, st *stack, old string)
		check     string
	}{
		"the old lookup key is another product's": {func(t *testing.T, st *stack, _ string) {
			free(t, st)
			st.add(t, `{"id": "prod_theirs", "name": "Theirs"}`, `{"id": "price_theirs", "product": "prod_theirs", "currency": "usd", "unit_amount": 1, "lookup_key": "`+key+`"}`)
		}, "lookup_keys"},
		"the old lookup key is an archived price's": {func(t *testing.T, st *stack, _ string) {
			free(t, st)
			st.add(t, `{"id": "prod_theirs", "name": "Theirs"}`, `{"id": "price_theirs", "product": "prod_theirs", "active": false, "currency": "usd", "unit_amount": 1, "lookup_key": "`+key+`"}`)
		}, "lookup_keys"},
		"the old lookup key is a price's that we did not make": {func(t *testing.T, st *stack, _ string) {
			free(t, st)
			st.add(t, "", `{"id": "price_theirs", "product": "`+simple+`", "currency": "usd", "unit_amount": 1, "lookup_key": "`+key+`"}`)
		}, "lookup_keys"},
		"the old default price is gone": {func(t *testing.T, st *stack, old string) { st.vanish(t, old) }, "default_price"},
		"a price that was for sale is gone": {func(t *testing.T, st *stack, old string) {
			st.vanish(t, old)
		}, "live_prices"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			st.Work(t)
			_, second, old := st.repriced(t)
			c.meanwhile(t, st, old)
			naming := old
			if c.check == "lookup_keys" {
				naming = "price_theirs"
			}
			st.wantRefused(t, second.ID, c.check, naming)
		})
	}
}

// A default price that somebody has archived since cannot be the default again: the
// present one stays.
func TestRollbackToADefaultPriceThatIsArchived(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	st.Completed(t, p)
	old := st.Live(t, simple).Product.DefaultPrice
	var other string
	for _, price := range st.Product(t, simple).Snapshot.Prices {
		if price.Active && price.ID != p.Snapshot.Product.DefaultPrice {
			other = price.ID
		}
	}
	st.Edit(t, stripesim.Test, simple, func(p map[string]any) { p["default_price"] = other })
	second := st.Completed(t, p)
	st.Edit(t, stripesim.Live, old, func(p map[string]any) { p["active"] = false })
	st.wantRefused(t, second.ID, "default_price", old)
	st.Edit(t, stripesim.Live, old, func(p map[string]any) { p["active"] = true })
	st.RolledBack(t, second.ID)
	if now := st.Live(t, simple).Product.DefaultPrice; now != old {
		t.Errorf("the default price is %s, want %s", now, old)
	}
}

// A product that somebody archived since stays archived, and whoever rolls back is told.
func TestRollbackOfAProductArchivedSince(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	_, second, _ := st.repriced(t)
	st.Edit(t, stripesim.Live, simple, func(p map[string]any) { p["active"] = false })
	back := st.RolledBack(t, second.ID)
	if found := statusOf(st.Review(t, back.ID).Validation, "live_product"); found != plan.CheckWarning {
		t.Errorf("nobody is told: %q", found)
	}
	if st.Live(t, simple).Product.Active {
		t.Error("it is for sale again")
	}
}

// What a deployment made of which there is no record is the last word about live: what
// came before is not rolled back over it.
func TestRollbackOverWhatNobodyRecorded(t *testing.T) {
	t.Parallel()
	const lost = "01a2ffff-0000-7000-8000-000000000001"
	stamp := func(st *stack, deployment string) string {
		return catalog.Stamp{Tenant: st.Tenant.ID, TestID: "price_lost", Deployment: deployment, Step: 3}.String()
	}
	made := func(mark string) string {
		return `{"id": "price_lost_live", "product": "` + simple + `", "currency": "usd", "unit_amount": 9, "metadata": {"golive": "` + mark + `"}}`
	}
	for name, c := range map[string]struct {
		mark    func(st *stack, first, second string) string
		refused bool
	}{
		"a deployment of which no record is left":     {func(st *stack, _, _ string) string { return stamp(st, lost) }, true},
		"a step that its deployment does not have":    {func(st *stack, _, second string) string { return stamp(st, second) + "7" }, true},
		"an id that is none":                          {func(st *stack, _, _ string) string { return stamp(st, "no id") }, true},
		"another tenant's, of another installation":   {func(_ *stack, _, _ string) string { return "x/price_lost/" + lost + "/3" }, false},
		"no stamp of ours, whatever it may look like": {func(_ *stack, _, _ string) string { return "by hand" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			st.Work(t)
			first, second, _ := st.repriced(t)
			st.add(t, "", made(c.mark(st, first.ID, second.ID)))
			if c.refused {
				st.wantRefused(t, second.ID, "records", "price_lost_live")
			} else {
				st.RolledBack(t, second.ID)
			}
		})
	}
}

// A database that was restored from a backup of before the second go-live refuses to
// roll back the first one. Once a go-live has found again what there is, what comes
// after it can be rolled back, and what came before it cannot.
func TestRollbackAfterARestoredBackup(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	first := st.Completed(t, p)
	links := st.links(t)
	st.Reprice(t)
	second := st.Completed(t, p)
	for _, forget := range []string{
		`DELETE FROM deployment_steps WHERE deployment_id = $1`, `DELETE FROM deployment_events WHERE deployment_id = $1`,
		`DELETE FROM links WHERE deployment_id = $1`, `DELETE FROM deployments WHERE id = $1`,
	} {
		st.Exec(t, forget, second.ID)
	}
	if n := len(st.links(t)); n != len(links) {
		t.Fatalf("%d links, want those of the backup, %d", n, len(links))
	}
	st.wantRefused(t, first.ID, "records", second.ID)
	st.Completed(t, p)
	st.Describe(t, stripesim.Test, "Better")
	third := st.Completed(t, p)
	st.RolledBack(t, third.ID)
	_, err := st.PlanRollback(st.As, first.ID)
	if err == nil {
		t.Error("what came before the backup's end can be rolled back")
	}
}
