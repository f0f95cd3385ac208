package runner_test

import (
	"errors"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/stripesim"
)

// An owner that was overtaken while its call was under way notes nothing; the
// next owner finds the effect instead of repeating it.
func TestLeaseLostNotesNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	job := st.Job(t, d.ID)
	hold, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Hold, At: stripesim.AtAfter, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"},
	})
	must(t, err)
	stale := make(chan error, 1)
	go func() { stale <- st.Runner.Run(st.As, d.ID, job, "stale") }()
	st.Held(t, hold)
	_, err = st.Pool.Exec(t.Context(), `UPDATE deployments SET epoch = epoch + 1, lease_until = NULL WHERE id = $1`, d.ID)
	must(t, err)
	st.Stripe.Sim.Release("", false)
	must(t, domaintest.Receive(t, stale, "the end of the run"))
	steps, err := st.Steps(st.As, d.ID)
	must(t, err)
	if steps[0].Status != journal.StepRunning {
		t.Errorf("the stale owner noted %s", steps[0].Status)
	}
	must(t, st.Runner.Run(st.As, d.ID, job, "next"))
	if end := st.End(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	for _, r := range st.Writes(t) {
		if r.Replayed {
			t.Errorf("%s %s was sent twice", r.Method, r.Path)
		}
	}
}

// While an owner is alive, a second worker with the same job steps back.
func TestLeaseHasOneOwner(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	job := st.Job(t, d.ID)
	_, err := st.Pool.Exec(t.Context(), `UPDATE deployments SET lease_until = now() + interval '1 hour' WHERE id = $1`, d.ID)
	must(t, err)
	if err := st.Runner.Run(st.As, d.ID, job, "second"); !errors.Is(err, runner.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if err := st.Runner.Run(st.As, d.ID, job+1, "of another job"); err != nil {
		t.Errorf("a job that is not the deployment's has nothing to do, got %v", err)
	}
}

// A heartbeat keeps the lease for as long as the owner lives.
func TestLeaseIsKept(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	background(t, "the heartbeat", st.Runner.Beat)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	job := st.Job(t, d.ID)
	hold, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Match: stripesim.Match{Method: "GET", Path: "^/v1/account"}})
	must(t, err)
	ended := make(chan error, 1)
	go func() { ended <- st.Runner.Run(st.As, d.ID, job, "owner") }()
	st.Held(t, hold)
	first := st.lease(t, d.ID)
	domaintest.Until(t, "the first beat", func() bool { return !st.lease(t, d.ID).Equal(first) })
	if err := st.Runner.Run(st.As, d.ID, job, "second"); !errors.Is(err, runner.ErrBusy) {
		t.Errorf("got %v while the owner lives", err)
	}
	st.Stripe.Sim.Release("", false)
	must(t, domaintest.Receive(t, ended, "the end of the run"))
}

// A heartbeat that was on its way when a run let go does not bring the lease back:
// whoever takes over would have to wait for its end.
func TestLeaseLetGoIsNotRevived(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Times: -1, Match: stripesim.Match{Method: "GET", Path: "^/v1/account"}})
	must(t, err)
	gone, kept := st.held(t, simple), st.held(t, coffee)
	_, err = st.Pool.Exec(t.Context(), `UPDATE deployments SET lease_until = NULL WHERE id = $1`, gone)
	must(t, err)
	background(t, "the heartbeat", st.Runner.Beat)
	// One statement renews all leases of a process: that it renewed the other one
	// twice shows that it had its chance.
	until, renewals := st.lease(t, kept), 0
	domaintest.Until(t, "two beats", func() bool {
		if now := st.lease(t, kept); now.After(until) {
			until, renewals = now, renewals+1
		}
		return renewals == 2
	})
	var revived bool
	must(t, st.Pool.QueryRow(t.Context(), `SELECT lease_until IS NOT NULL FROM deployments WHERE id = $1`, gone).Scan(&revived))
	if revived {
		t.Error("a heartbeat revived a lease that was let go")
	}
}
