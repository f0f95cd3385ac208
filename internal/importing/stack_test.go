package importing_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/stripesim"
)

var must = domaintest.Must

// stack is the whole domain, with a worker of imports where a test starts one.
type stack struct{ *domaintest.Stack }

func newStack(t *testing.T) *stack {
	t.Helper()
	return &stack{domaintest.New(t)}
}

// sells puts so many products into test, each with one price and as much description.
func (st *stack) sells(t *testing.T, n int, description string) {
	t.Helper()
	var state stripesim.State
	for i := range n {
		id := fmt.Sprintf("prod_%05d", i)
		state.Products = append(state.Products, raw(t, map[string]any{"id": id, "name": "Plan " + id, "active": true, "description": description}))
		state.Prices = append(state.Prices, raw(t, map[string]any{"id": "price_" + id, "product": id, "active": true, "currency": "usd", "unit_amount": 100}))
	}
	must(t, st.Stripe.Sim.Load(st.Stripe.Account.ID, stripesim.Test, state))
}

func raw(t *testing.T, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return b
}

// holdPage stops the nth page of test's products; wait returns once it is asked for.
func (st *stack) holdPage(t *testing.T, nth int) (wait, release func()) {
	t.Helper()
	return st.HoldCall(t, stripesim.Fault{Match: stripesim.Match{Method: "GET", Path: "^/v1/products$", Mode: stripesim.Test, Nth: nth}})
}

// ended waits until the tenant's newest import has.
func (st *stack) ended(t *testing.T) *importing.Import {
	t.Helper()
	var newest *importing.Import
	domaintest.Until(t, "the end of the import", func() bool {
		var err error
		newest, err = st.Imports.Newest(st.As, st.Tenant.ID)
		must(t, err)
		return newest.FinishedAt != nil
	})
	return newest
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Errorf("code %q of %v; want %q", got, err, code)
	}
}

func (st *stack) one(t *testing.T, sql string, args ...any) (s string) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), sql, args...).Scan(&s))
	return s
}
