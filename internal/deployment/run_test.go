package deployment_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/stripesim"
)

// writes are the calls that changed something in live.
func (st *stack) writes(t *testing.T) []stripesim.Request {
	t.Helper()
	requests, err := st.stripe.Sim.Requests(stripesim.RequestFilter{Method: "POST", Mode: stripesim.Live})
	must(t, err)
	return requests
}

func (st *stack) job(t *testing.T, id string) (job int64) {
	t.Helper()
	must(t, st.pool.QueryRow(t.Context(), `SELECT job_id FROM deployments WHERE id = $1`, id).Scan(&job))
	return job
}

// An owner that was overtaken while its call was under way notes nothing; the
// next owner finds the effect instead of repeating it.
func TestStaleOwnerNotesNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.goLive(t, st.product(t, simple).ID)
	job := st.job(t, d.ID)
	hold, err := st.stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Hold, At: stripesim.AtAfter, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"},
	})
	must(t, err)
	stale := make(chan error, 1)
	go func() { stale <- st.runner.Run(st.as, d.ID, job, "stale") }()
	_, err = st.stripe.Sim.Held(t.Context(), hold)
	must(t, err)
	_, err = st.pool.Exec(t.Context(), `UPDATE deployments SET epoch = epoch + 1, lease_until = NULL WHERE id = $1`, d.ID)
	must(t, err)
	st.stripe.Sim.Release("", false)
	must(t, <-stale)
	steps, err := st.Steps(st.as, d.ID)
	must(t, err)
	if steps[0].Status != deployment.StepRunning {
		t.Errorf("the stale owner noted %s", steps[0].Status)
	}
	must(t, st.runner.Run(st.as, d.ID, job, "next"))
	if end := st.end(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	for _, r := range st.writes(t) {
		if r.Replayed {
			t.Errorf("%s %s was sent twice", r.Method, r.Path)
		}
	}
}

// While an owner is alive, a second worker with the same job steps back.
func TestOnlyOneOwner(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.goLive(t, st.product(t, simple).ID)
	job := st.job(t, d.ID)
	_, err := st.pool.Exec(t.Context(), `UPDATE deployments SET lease_until = now() + interval '1 hour' WHERE id = $1`, d.ID)
	must(t, err)
	if err := st.runner.Run(st.as, d.ID, job, "second"); !errors.Is(err, runner.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if err := st.runner.Run(st.as, d.ID, job+1, "of another job"); err != nil {
		t.Errorf("a job that is not the deployment's has nothing to do, got %v", err)
	}
}

// The plan that a person saw must hold when the worker checks it.
func TestStalePlanIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	p := st.product(t, simple)
	seen, err := st.PlanGoLive(st.as, p.ID, false)
	must(t, err)
	stale := "v1:stale"
	d, err := st.GoLive(st.as, deployment.GoLiveInput{ProductID: p.ID, PlanHash: &stale})
	must(t, err)
	end := st.end(t, d.ID)
	if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryPlanChanged || *end.LiveOutcome != deployment.Unchanged {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	if n := len(st.writes(t)); n != 0 {
		t.Errorf("%d writes", n)
	}
	d, err = st.GoLive(st.as, deployment.GoLiveInput{ProductID: p.ID, PlanHash: &seen.Hash})
	must(t, err)
	if end := st.end(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// What fails a check is refused before any write, with the report on it.
func TestFailedCheckIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	must(t, st.stripe.Sim.SetAccount(st.stripe.Account.ID, map[string]any{"charges_enabled": false}))
	end := st.end(t, st.goLive(t, st.product(t, simple).ID).ID)
	if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryValidation || st.review(t, end.ID).Validation.OK {
		t.Fatalf("%s %+v", end.Status, end.Error)
	}
	for _, r := range st.review(t, end.ID).Validation.Results {
		if (r.Status == plan.CheckFailed) != (r.Check == "account_ready") {
			t.Errorf("%s %s: %s", r.Check, r.Status, r.Message)
		}
	}
	if n := len(st.writes(t)); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// A refusal in the middle tells whose it was and what is left behind.
func TestRefusedStepFailsTruthfully(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	hold, err := st.stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Hold, At: stripesim.AtAfter, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"},
	})
	must(t, err)
	d := st.goLive(t, st.product(t, simple).ID)
	_, err = st.stripe.Sim.Held(t.Context(), hold)
	must(t, err)
	// The checks have passed; now somebody takes a lookup key in live.
	must(t, st.stripe.Sim.Seed(st.stripe.Account.ID, stripesim.Live,
		[]json.RawMessage{[]byte(`{"id": "prod_Other", "name": "Other"}`)},
		[]json.RawMessage{[]byte(`{"id": "price_Other", "product": "prod_Other", "currency": "usd", "unit_amount": 500, "lookup_key": "pine_pro_monthly"}`)}))
	st.stripe.Sim.Release("", false)
	end := st.end(t, d.ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Restored {
		t.Fatalf("%s, left %s", end.Status, *end.LiveOutcome)
	}
	e := end.Error
	if string(e.Category) != "STRIPE_REQUEST" || e.StepIndex == nil || e.StripeRequestID == nil || !strings.Contains(*e.Hint, "lookup key") {
		t.Errorf("%+v", e)
	}
	steps, err := st.Steps(st.as, d.ID)
	must(t, err)
	if got := steps[*e.StepIndex]; got.Status != deployment.StepFailed {
		t.Errorf("step %+v", got)
	}
}

// A heartbeat keeps the lease for as long as the owner lives.
func TestLeaseIsKept(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	background(t, st.runner.Beat)
	d := st.goLive(t, st.product(t, simple).ID)
	job := st.job(t, d.ID)
	hold, err := st.stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Match: stripesim.Match{Method: "GET", Path: "^/v1/account"}})
	must(t, err)
	ended := make(chan error, 1)
	go func() { ended <- st.runner.Run(st.as, d.ID, job, "owner") }()
	_, err = st.stripe.Sim.Held(t.Context(), hold)
	must(t, err)
	first := st.lease(t, d.ID)
	for st.lease(t, d.ID).Equal(first) { // ends with the first beat
	}
	if err := st.runner.Run(st.as, d.ID, job, "second"); !errors.Is(err, runner.ErrBusy) {
		t.Errorf("got %v while the owner lives", err)
	}
	st.stripe.Sim.Release("", false)
	must(t, <-ended)
}

// A read, however long it may take, ends with the right to act: a worker that stops
// hands over at once, and one that was overtaken does not wait for what it was told.
func TestReadsEndWithTheRun(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(st *stack, id string, stop func()) error{
		"stopped": func(_ *stack, _ string, stop func()) error { stop(); return nil },
		"overtaken": func(st *stack, id string, _ func()) error {
			_, err := st.pool.Exec(t.Context(), `UPDATE deployments SET epoch = epoch + 1 WHERE id = $1`, id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			background(t, st.runner.Beat)
			d := st.goLive(t, st.product(t, simple).ID)
			job := st.job(t, d.ID)
			hold, err := st.stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Times: -1, Match: stripesim.Match{Method: "GET", Path: "^/v1/account$", Mode: stripesim.Live}})
			must(t, err)
			t.Cleanup(st.stripe.Sim.ClearFaults)
			ctx, stop := context.WithCancel(st.as)
			defer stop()
			ended := make(chan error, 1)
			go func() { ended <- st.runner.Run(ctx, d.ID, job, "owner") }()
			_, err = st.stripe.Sim.Held(t.Context(), hold)
			must(t, err)
			must(t, end(st, d.ID, stop))
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			// Had it waited for the timeout, it would have asked again.
			if held, err := st.stripe.Sim.Held(t.Context(), hold); err != nil || len(held) != 1 {
				t.Errorf("%d reads are held, %v", len(held), err)
			}
		})
	}
}

func (st *stack) lease(t *testing.T, id string) (until time.Time) {
	t.Helper()
	must(t, st.pool.QueryRow(t.Context(), `SELECT lease_until FROM deployments WHERE id = $1`, id).Scan(&until))
	return until
}

// A heartbeat that was on its way when a run let go does not bring the lease back:
// whoever takes over would have to wait for its end.
func TestAHeartbeatRevivesNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, err := st.stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Times: -1, Match: stripesim.Match{Method: "GET", Path: "^/v1/account"}})
	must(t, err)
	gone, kept := st.held(t, simple), st.held(t, "prod_CoffeeBag")
	_, err = st.pool.Exec(t.Context(), `UPDATE deployments SET lease_until = NULL WHERE id = $1`, gone)
	must(t, err)
	background(t, st.runner.Beat)
	// One statement renews all leases of a process: that it renewed the other one
	// twice shows that it had its chance.
	for until, renewals := st.lease(t, kept), 0; renewals < 2; {
		if now := st.lease(t, kept); now.After(until) {
			until, renewals = now, renewals+1
		}
	}
	var revived bool
	must(t, st.pool.QueryRow(t.Context(), `SELECT lease_until IS NOT NULL FROM deployments WHERE id = $1`, gone).Scan(&revived))
	if revived {
		t.Error("a heartbeat revived a lease that was let go")
	}
}

// held starts a deployment that runs, until the test ends, into a held call.
func (st *stack) held(t *testing.T, productID string) string {
	t.Helper()
	d := st.goLive(t, st.product(t, productID).ID)
	job := st.job(t, d.ID)
	background(t, func(ctx context.Context) { _ = st.runner.Run(ctx, d.ID, job, "owner") })
	t.Cleanup(func() { st.stripe.Sim.ClearFaults() })
	for owned := false; !owned; {
		must(t, st.pool.QueryRow(t.Context(), `SELECT owner IS NOT NULL FROM deployments WHERE id = $1`, d.ID).Scan(&owned))
	}
	return d.ID
}
