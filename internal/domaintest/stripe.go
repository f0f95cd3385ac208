package domaintest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// Account is at Stripe, both worlds of it.
type Account struct{ Stripe *simtest.Server }

// Hold stops the nth write to live at a stage; wait returns once it is there.
func (a Account) Hold(t *testing.T, nth int, at string) (wait, release func()) {
	t.Helper()
	return a.HoldCall(t, stripesim.Fault{At: at, Match: stripesim.Match{Method: "POST", Mode: stripesim.Live, Nth: nth}})
}

// HoldCall stops calls that match; wait returns once there is one. What is held goes on
// with release, or at the end of the test.
func (a Account) HoldCall(t *testing.T, f stripesim.Fault) (wait, release func()) {
	t.Helper()
	f.Kind = stripesim.Hold
	id, err := a.Stripe.Sim.AddFault(f)
	Must(t, err)
	wait = func() {
		t.Helper()
		a.Held(t, id)
	}
	return wait, func() { a.Stripe.Sim.Release("", false) }
}

// Held waits until a fault holds calls, and returns them.
func (a Account) Held(t *testing.T, faultID string) []stripesim.Held {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), Patience)
	defer stop()
	held, err := a.Stripe.Sim.Held(ctx, faultID)
	if err != nil {
		t.Fatalf("waited for a call to hold: %v", err)
	}
	return held
}

// Edit changes the objects of one of the worlds that have an id.
func (a Account) Edit(t *testing.T, mode stripesim.Mode, id string, change func(object map[string]any)) {
	t.Helper()
	state, err := a.Stripe.Sim.Dump(a.Stripe.Account.ID, mode)
	Must(t, err)
	for _, objects := range [][]json.RawMessage{state.Products, state.Prices} {
		for i, raw := range objects {
			objects[i] = edited(t, raw, id, change)
		}
	}
	Must(t, a.Stripe.Sim.Load(a.Stripe.Account.ID, mode, state))
}

func edited(t *testing.T, raw json.RawMessage, id string, change func(map[string]any)) json.RawMessage {
	t.Helper()
	var object map[string]any
	Must(t, json.Unmarshal(raw, &object))
	if object["id"] == id {
		change(object)
	}
	b, err := json.Marshal(object)
	Must(t, err)
	return b
}

// Describe changes the description of Simple, in one of the worlds.
func (a Account) Describe(t *testing.T, mode stripesim.Mode, description string) {
	t.Helper()
	a.Edit(t, mode, Simple, func(p map[string]any) { p["description"] = description })
}

// Reprice replaces the monthly price of Simple in test, as a person would.
func (a Account) Reprice(t *testing.T) {
	t.Helper()
	a.Edit(t, stripesim.Test, "price_PineProMonthly", func(p map[string]any) { p["active"], p["lookup_key"] = false, nil })
	state, err := a.Stripe.Sim.Dump(a.Stripe.Account.ID, stripesim.Test)
	Must(t, err)
	state.Prices = append(state.Prices, []byte(`{"id": "price_PineProNew", "product": "prod_PinePro", "currency": "usd", "unit_amount": 2900,
		"nickname": "Pro monthly", "lookup_key": "pine_pro_monthly", "recurring": {"interval": "month"}, "tax_behavior": "exclusive"}`))
	Must(t, a.Stripe.Sim.Load(a.Stripe.Account.ID, stripesim.Test, state))
	a.Edit(t, stripesim.Test, Simple, func(p map[string]any) { p["default_price"], p["description"] = "price_PineProNew", "Repriced" })
}

// Writes are the calls that changed something in live.
func (a Account) Writes(t *testing.T) []stripesim.Request {
	t.Helper()
	requests, err := a.Stripe.Sim.Requests(stripesim.RequestFilter{Method: "POST", Mode: stripesim.Live})
	Must(t, err)
	return requests
}
