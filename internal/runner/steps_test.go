package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/stripesim"
)

// A refusal in the middle tells whose it was and what is left behind.
func TestStepRefusedFailsTruthfully(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	hold, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Hold, At: stripesim.AtAfter, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"},
	})
	must(t, err)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	st.Held(t, hold)
	// The checks have passed; now somebody takes a lookup key in live.
	must(t, st.Stripe.Sim.Seed(st.Stripe.Account.ID, stripesim.Live,
		[]json.RawMessage{[]byte(`{"id": "prod_Other", "name": "Other"}`)},
		[]json.RawMessage{[]byte(`{"id": "price_Other", "product": "prod_Other", "currency": "usd", "unit_amount": 500, "lookup_key": "pine_pro_monthly"}`)}))
	st.Stripe.Sim.Release("", false)
	end := st.End(t, d.ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Restored {
		t.Fatalf("%s, left %s", end.Status, *end.LiveOutcome)
	}
	e := end.Error
	if string(e.Category) != "STRIPE_REQUEST" || e.StepIndex == nil || e.StripeRequestID == nil || !strings.Contains(*e.Hint, "lookup key") {
		t.Errorf("%+v", e)
	}
	steps, err := st.Steps(st.As, d.ID)
	must(t, err)
	if got := steps[*e.StepIndex]; got.Status != journal.StepFailed {
		t.Errorf("step %+v", got)
	}
}

// A call whose answer got lost after it took effect, and is refused when it is
// repeated, did take effect: it is found, and undone.
func TestStepWithALostAnswerIsFoundAndUndone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Runner.Backoff.Budget = time.Microsecond
	st.Work(t)
	for _, f := range []stripesim.Fault{
		{Kind: stripesim.ResetAfter, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}},
		{Kind: "429:endpoint-rate", Times: 3, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}},
		{Kind: "429:endpoint-rate", Times: 9, Match: stripesim.Match{Method: "POST", Path: "^/v1/prices$"}},
	} {
		_, err := st.Stripe.Sim.AddFault(f)
		must(t, err)
	}
	end := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Restored {
		t.Errorf("%s %s %q", end.Status, *end.LiveOutcome, end.ProgressMessage)
	}
	if live := st.Live(t, simple); live == nil || live.Product.Active || len(live.ActivePrices()) > 0 {
		t.Errorf("live holds %+v", live)
	}
}

// A firewall on the way to Stripe that refuses for a while is waited out, half-way
// through as well: its no is not Stripe's.
func TestStepOutlastsAFirewall(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	for _, m := range []stripesim.Match{{Method: "POST", Nth: 2}, {Method: "GET", Nth: 3}} {
		_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Firewall, Times: 3, Match: m})
		must(t, err)
	}
	end := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
	if end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// A worker that is frozen leaves at most one transaction that others wait for: its steps
// do not queue for the row in the database, where each would hold it in turn.
func TestStepsAreNotedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	prices := make([]json.RawMessage, 12)
	for i := range prices {
		prices[i] = json.RawMessage(fmt.Sprintf(`{"product": "prod_many", "currency": "usd", "unit_amount": %d}`, i+1))
	}
	must(t, st.Stripe.Sim.Seed(st.Stripe.Account.ID, stripesim.Test, []json.RawMessage{[]byte(`{"id": "prod_many", "name": "Many"}`)}, prices))
	_, err := st.Imports.Here(st.As, st.Tenant.ID, nil)
	must(t, err)
	hold, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Hold, At: stripesim.AtAfter, Times: 8, Match: stripesim.Match{Method: "POST", Path: "^/v1/prices$"},
	})
	must(t, err)
	st.Work(t)
	d := st.StartGoLive(t, st.Product(t, "prod_many").ID)
	domaintest.Until(t, "eight calls", func() bool {
		held, err := st.Stripe.Sim.Held(t.Context(), hold)
		return err == nil && len(held) == 8
	})
	tx, err := st.Pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), `SELECT FROM deployments WHERE id = $1 FOR UPDATE`, d.ID)
	must(t, err)
	st.Stripe.Sim.Release("", false)
	waiting := func() (n int) {
		must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
			AND wait_event_type = 'Lock' AND query LIKE '%deployments%' AND query NOT LIKE '%unnest%'`).Scan(&n))
		return n
	}
	domaintest.Until(t, "one that waits for the row", func() bool { return waiting() > 0 })
	for range 100 { // the others have their answers, too
		if n := waiting(); n > 1 {
			t.Fatalf("%d wait for the row", n)
		}
	}
	must(t, tx.Rollback(t.Context()))
	if end := st.End(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}
