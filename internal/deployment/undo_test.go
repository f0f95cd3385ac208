package deployment_test

import (
	"encoding/json"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// hold stops the nth write to live at a stage and returns when it is there.
func (st *stack) hold(t *testing.T, nth int, at string) (wait, release func()) {
	t.Helper()
	id, err := st.stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Hold, At: at, Match: stripesim.Match{Method: "POST", Mode: stripesim.Live, Nth: nth},
	})
	must(t, err)
	wait = func() {
		t.Helper()
		_, err := st.stripe.Sim.Held(t.Context(), id)
		must(t, err)
	}
	return wait, func() { st.stripe.Sim.Release("", false) }
}

// live is the product as it is in live now, nil where it is not there.
func (st *stack) live(t *testing.T, productID string) *catalog.Snapshot {
	t.Helper()
	s, err := st.Open(catalog.Live, st.stripe.Account.ID, st.stripe.Account.LiveKey).Snapshot(t.Context(), productID)
	must(t, err)
	return s
}

func (st *stack) cancel(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	d, err := st.Cancel(st.as, deployment.CancelInput{DeploymentID: id})
	must(t, err)
	return d
}

// sameLive tells whether two states of live are the same in every field.
func sameLive(t *testing.T, got, want *catalog.Snapshot) {
	t.Helper()
	if drift := plan.ProductDrift(&got.Product, &want.Product); len(drift) > 0 {
		t.Errorf("product differs in %v", drift)
	}
	for _, p := range want.Prices {
		now := got.Price(p.ID)
		if now == nil {
			t.Errorf("price %s is gone", p.ID)
		} else if drift := plan.PriceDrift(now, &p); len(drift) > 0 {
			t.Errorf("price %s differs in %v", p.ID, drift)
		}
	}
	for _, p := range got.Prices {
		if want.Price(p.ID) == nil && p.Active {
			t.Errorf("price %s is for sale", p.ID)
		}
	}
}

func TestCancelBeforeTheStartIsImmediate(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.goLive(t, st.product(t, simple).ID)
	if got := st.cancel(t, d.ID); got.Status != deployment.Cancelled || *got.LiveOutcome != deployment.Unchanged {
		t.Fatalf("%s", got.Status)
	}
	if again := st.cancel(t, d.ID); again.Status != deployment.Cancelled {
		t.Errorf("repeated: %s", again.Status)
	}
	st.work(t)
	if end := st.end(t, st.goLive(t, st.product(t, simple).ID).ID); end.Status != deployment.Completed {
		t.Errorf("the next one ends %s", end.Status)
	}
	_, err := st.Cancel(st.actor(t, "viewer@acme.example", tenant.RoleViewer), deployment.CancelInput{DeploymentID: d.ID})
	wantCode(t, err, fault.Forbidden)
}

// A cancel at any call of a first go-live leaves nothing for sale.
func TestCancelAtEveryCallTurnsBack(t *testing.T) {
	t.Parallel()
	for _, at := range []string{stripesim.AtArrival, stripesim.AtAfter} {
		for nth := 1; nth <= 5; nth++ {
			st := newStack(t)
			st.work(t)
			wait, release := st.hold(t, nth, at)
			d := st.goLive(t, st.product(t, simple).ID)
			wait()
			st.cancel(t, d.ID)
			release()
			end := st.end(t, d.ID)
			if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
				t.Errorf("%s %d: %s %s %q", at, nth, end.Status, *end.LiveOutcome, end.ProgressMessage)
			}
			live := st.live(t, simple)
			if live == nil || live.Product.Active || len(live.ActivePrices()) > 0 {
				t.Errorf("%s %d: still for sale: %+v", at, nth, live)
			}
			_, err := st.Cancel(st.as, deployment.CancelInput{DeploymentID: d.ID})
			must(t, err)
		}
	}
}

func TestCancelAfterTheEndIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	d := st.end(t, st.goLive(t, st.product(t, simple).ID).ID)
	_, err := st.Cancel(st.as, deployment.CancelInput{DeploymentID: d.ID})
	wantCode(t, err, fault.InvalidState)
}

// reprice replaces the monthly price in test, as a person would.
func (st *stack) reprice(t *testing.T) {
	t.Helper()
	state, err := st.stripe.Sim.Dump(st.stripe.Account.ID, stripesim.Test)
	must(t, err)
	for i, raw := range state.Prices {
		state.Prices[i] = edit(t, raw, "price_PineProMonthly", func(p map[string]any) { p["active"], p["lookup_key"] = false, nil })
	}
	state.Prices = append(state.Prices, []byte(`{"id": "price_PineProNew", "product": "prod_PinePro", "currency": "usd", "unit_amount": 2900,
		"nickname": "Pro monthly", "lookup_key": "pine_pro_monthly", "recurring": {"interval": "month"}, "tax_behavior": "exclusive"}`))
	for i, raw := range state.Products {
		state.Products[i] = edit(t, raw, simple, func(p map[string]any) { p["default_price"], p["description"] = "price_PineProNew", "Repriced" })
	}
	must(t, st.stripe.Sim.Load(st.stripe.Account.ID, stripesim.Test, state))
}

func edit(t *testing.T, raw json.RawMessage, id string, change func(map[string]any)) json.RawMessage {
	t.Helper()
	var object map[string]any
	must(t, json.Unmarshal(raw, &object))
	if object["id"] == id {
		change(object)
	}
	b, err := json.Marshal(object)
	must(t, err)
	return b
}

// A repricing that is cancelled at any call is as if it had never been.
func TestCancelledRepricingRestores(t *testing.T) {
	t.Parallel()
	for nth := 1; nth <= 3; nth++ {
		st := newStack(t)
		st.work(t)
		p := st.product(t, simple)
		st.end(t, st.goLive(t, p.ID).ID)
		before := st.live(t, simple)
		st.reprice(t)
		wait, release := st.hold(t, nth, stripesim.AtAfter)
		d := st.goLive(t, p.ID)
		wait()
		st.cancel(t, d.ID)
		release()
		if end := st.end(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
			t.Errorf("call %d: %s %s %q", nth, end.Status, *end.LiveOutcome, end.ProgressMessage)
		}
		sameLive(t, st.live(t, simple), before)
	}
}

// Back, and forward again, and back: each as planned, and only ever the top.
func TestRollback(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	p := st.product(t, simple)
	first := st.end(t, st.goLive(t, p.ID).ID)
	afterFirst := st.live(t, simple)
	st.reprice(t)
	second := st.end(t, st.goLive(t, p.ID).ID)
	afterSecond := st.live(t, simple)

	_, err := st.PlanRollback(st.as, first.ID)
	wantCode(t, err, fault.InvalidState)
	_, err = st.Rollback(st.as, deployment.RollbackInput{DeploymentID: first.ID})
	wantCode(t, err, fault.InvalidState)

	back := st.rollback(t, second.ID)
	sameLive(t, st.live(t, simple), afterFirst)
	st.wantStatus(t, second.ID, deployment.RolledBack)

	forward := st.rollback(t, back.ID)
	sameLive(t, st.live(t, simple), afterSecond)
	st.wantStatus(t, second.ID, deployment.Completed)
	st.wantStatus(t, back.ID, deployment.RolledBack)

	st.rollback(t, forward.ID)
	sameLive(t, st.live(t, simple), afterFirst)
	st.wantStatus(t, second.ID, deployment.RolledBack)

	st.rollback(t, first.ID)
	if live := st.live(t, simple); live.Product.Active || len(live.ActivePrices()) > 0 {
		t.Errorf("still for sale: %+v", live)
	}
	if p := st.product(t, simple); p.LiveStatus != "NOT_LIVE" {
		t.Errorf("live status %s", p.LiveStatus)
	}
	again := st.end(t, st.goLive(t, p.ID).ID)
	if again.Status != deployment.Completed {
		t.Errorf("going live again: %s %+v", again.Status, again.Error)
	}
}

// rollback rolls a deployment back as planned, and expects it to end well.
func (st *stack) rollback(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	seen, err := st.PlanRollback(st.as, id)
	must(t, err)
	d, err := st.Rollback(st.as, deployment.RollbackInput{DeploymentID: id, PlanHash: &seen.Hash})
	must(t, err)
	end := st.end(t, d.ID)
	if end.Status != deployment.Completed || end.Kind != deployment.Rollback || *end.RollbackOfID != id {
		t.Fatalf("%s %s %q %+v", end.Kind, end.Status, end.ProgressMessage, end.Error)
	}
	return end
}

func (st *stack) wantStatus(t *testing.T, id string, want deployment.Status) {
	t.Helper()
	d, err := st.Get(st.as, id)
	must(t, err)
	if d.Status != want {
		t.Errorf("%s is %s, want %s", id, d.Status, want)
	}
}

// What went live in one account is not rolled back in another.
func TestRollbackOfAnotherAccountIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	d := st.end(t, st.goLive(t, st.product(t, simple).ID).ID)
	st.exec(t, `UPDATE deployments SET live_account_id = 'acct_earlier' WHERE id = $1`, d.ID)
	_, err := st.PlanRollback(st.as, d.ID)
	wantCode(t, err, fault.InvalidState)
	_, err = st.Rollback(st.as, deployment.RollbackInput{DeploymentID: d.ID})
	wantCode(t, err, fault.InvalidState)
}
