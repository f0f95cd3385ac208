package engine_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
)

// black is how long a call to a Stripe that says nothing takes.
const black = 10 * time.Millisecond

// A Stripe that hangs takes its time in the calls, not between them; that counts.
func TestCallsThatHangCount(t *testing.T) {
	t.Parallel()
	for method, status := range map[string]engine.Status{"POST": engine.Pending, "GET": engine.Running} {
		b := setup(t)
		b.plan(t, 1)
		b.steps[0].Status = status
		_, err := b.server.Sim.AddFault(stripesim.Fault{
			Kind: stripesim.Hold, Times: -1, At: stripesim.AtArrival, Match: stripesim.Match{Method: method, Path: "^/v1/products"},
		})
		if err != nil {
			t.Fatal(err)
		}
		gateway := stripegw.New(stripegw.Config{APIBase: b.server.URL, Timeout: black, ReadTimeout: black})
		r := engine.Run{
			Gateway: gateway.Open(catalog.Live, b.server.Account.ID, b.server.Account.LiveKey), Journal: b.memory,
			ProductID: "prod_pro", Links: maps.Clone(b.links),
			Backoff: engine.Backoff{First: time.Millisecond, Most: time.Millisecond, Budget: time.Hour, Patience: 3 * black},
		}
		err = r.Forward(t.Context(), slices.Clone(b.steps))
		var outage *engine.OutageError
		if !errors.As(err, &outage) {
			t.Fatalf("%s: %v", method, err)
		}
		hung := time.Duration(b.server.Sim.Faults()[0].Hits) * black
		if outage.Tried < hung {
			t.Errorf("%s: calls hung for %v and more, and %v count", method, hung, outage.Tried)
		}
	}
}

// Nor does one object's trouble last longer than its budget because each try of it
// takes long. No machine makes this many calls within that budget.
func TestCallsCountForTheBudget(t *testing.T) {
	t.Parallel()
	const many = 2000
	b := setup(t)
	b.plan(t, 1)
	_, err := b.server.Sim.AddFault(stripesim.Fault{Kind: stripesim.LockTimeout, Times: many, Match: stripesim.Match{Method: "POST"}})
	if err != nil {
		t.Fatal(err)
	}
	r := engine.Run{
		Gateway: b.live, Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links),
		Backoff: engine.Backoff{First: 1, Most: 1, Budget: 5 * time.Millisecond, Patience: time.Hour},
	}
	var failed *engine.StepError
	if err := r.Forward(t.Context(), slices.Clone(b.steps)); !errors.As(err, &failed) {
		t.Errorf("after %d tries: %v", b.server.Sim.Faults()[0].Hits, err)
	}
}
