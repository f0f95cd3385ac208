package runner_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/stripesim"
)

// A Stripe that is down parks the deployment, which goes on by itself.
func TestParkOutlastsAnOutage(t *testing.T) {
	t.Parallel()
	for path, method := range map[string]string{"^/v1/account$": "GET", "^/v1/products$": "POST", "^/v1/prices$": "POST"} {
		st := newStack(t)
		st.Runner.Backoff.Patience = time.Millisecond
		st.Work(t)
		_, err := st.Stripe.Sim.AddFault(stripesim.Fault{
			Kind: stripesim.Error503, Times: 20, Match: stripesim.Match{Method: method, Path: path, Mode: stripesim.Live},
		})
		must(t, err)
		d := st.StartGoLive(t, st.Product(t, simple).ID)
		if end := st.End(t, d.ID); end.Status != deployment.Completed {
			t.Errorf("%s: %s %+v", path, end.Status, end.Error)
		}
		if !st.waited(t, d.ID) {
			t.Errorf("%s: nobody was told to wait", path)
		}
	}
}

// An outage beyond the budget ends the way forward; the way back waits for Stripe.
func TestParkTurnsBackInALongOutage(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Runner.Backoff.Patience = time.Millisecond
	st.Runner.Outages.Budget = 5 * time.Millisecond
	st.Work(t)
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Method: "POST", Path: "^/v1/prices$"}})
	must(t, err)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	st.Hear(t, d.ID, "its turn back", func(e *deployment.Event) bool {
		return e.Percentage > 0 && st.Look(t, d.ID).Direction == deployment.Undo
	})
	st.Stripe.Sim.ClearFaults()
	end := st.End(t, d.ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Restored || end.Error.Category != "STRIPE_UNAVAILABLE" {
		t.Errorf("%s %s %+v", end.Status, *end.LiveOutcome, end.Error)
	}
}
