package runner_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// The whole demo catalogue goes live at once; a second time there is nothing to do.
func TestRunTakesTheDemoCatalogueLive(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	writes := 0
	for _, again := range []bool{false, true} {
		var started []*deployment.Deployment
		for _, p := range st.Imported {
			if p.StripeProductID != neverLive {
				started = append(started, st.StartGoLive(t, p.ID))
			}
		}
		for _, d := range started {
			end := st.End(t, d.ID)
			if end.Status != deployment.Completed || end.ProgressPercentage != 100 || st.Review(t, end.ID).Plan.IsEmpty() != again {
				t.Errorf("%s: %s %d%% %q %+v", d.StripeProductID, end.Status, end.ProgressPercentage, end.ProgressMessage, end.Error)
			}
		}
		if n := len(st.Writes(t)); (n == writes) != again {
			t.Errorf("%d writes after %d", n, writes)
		}
		writes = len(st.Writes(t))
	}
}

// What was archived before it ever was live stays in test.
func TestRunLeavesArchivedProductsInTest(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	end := st.End(t, st.StartGoLive(t, st.Product(t, neverLive).ID).ID)
	if end.Status != deployment.Completed || !st.Review(t, end.ID).Plan.IsEmpty() {
		t.Errorf("%s with plan %+v", end.Status, st.Review(t, end.ID).Plan)
	}
}

// The plan that a person saw must hold when the worker checks it.
func TestRunRefusesAStalePlan(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	seen, err := st.PlanGoLive(st.As, p.ID, false)
	must(t, err)
	stale := "v1:00000000000000000000000000000000"
	d, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: p.ID, PlanHash: &stale})
	must(t, err)
	end := st.End(t, d.ID)
	if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryPlanChanged || *end.LiveOutcome != deployment.Unchanged {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	if n := len(st.Writes(t)); n != 0 {
		t.Errorf("%d writes", n)
	}
	d, err = st.GoLive(st.As, deployment.GoLiveInput{ProductID: p.ID, PlanHash: &seen.Hash})
	must(t, err)
	if end := st.End(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// What fails a check is refused before any write, with the report on it.
func TestRunRefusesWhatFailsACheck(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	must(t, st.Stripe.Sim.SetAccount(st.Stripe.Account.ID, map[string]any{"charges_enabled": false}))
	end := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
	if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryValidation || st.Review(t, end.ID).Validation.OK {
		t.Fatalf("%s %+v", end.Status, end.Error)
	}
	for _, r := range st.Review(t, end.ID).Validation.Results {
		if (r.Status == plan.CheckFailed) != (r.Check == "account_ready") {
			t.Errorf("%s %s: %s", r.Check, r.Status, r.Message)
		}
	}
	if n := len(st.Writes(t)); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// A read, however long it may take, ends with the right to act: a worker that stops
// hands over at once, and one that was overtaken does not wait for what it was told.
func TestRunEndsItsReads(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(st *stack, id string, stop func()) error{
		"stopped": func(_ *stack, _ string, stop func()) error { stop(); return nil },
		"overtaken": func(st *stack, id string, _ func()) error {
			_, err := st.Pool.Exec(t.Context(), `UPDATE deployments SET epoch = epoch + 1 WHERE id = $1`, id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			background(t, "the heartbeat", st.Runner.Beat)
			d := st.StartGoLive(t, st.Product(t, simple).ID)
			job := st.Job(t, d.ID)
			hold, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Times: -1, Match: stripesim.Match{Method: "GET", Path: "^/v1/account$", Mode: stripesim.Live}})
			must(t, err)
			t.Cleanup(st.Stripe.Sim.ClearFaults)
			ctx, stop := context.WithCancel(st.As)
			defer stop()
			ended := make(chan error, 1)
			go func() { ended <- st.Runner.Run(ctx, d.ID, job, "owner") }()
			st.Held(t, hold)
			must(t, end(st, d.ID, stop))
			if err := domaintest.Receive(t, ended, "the end of the run"); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			// Had it waited for the timeout, it would have asked again.
			if held := st.Held(t, hold); len(held) != 1 {
				t.Errorf("%d reads are held", len(held))
			}
		})
	}
}

// While Stripe makes a run wait, people see why and for how long; once it goes on, no
// more.
func TestRunShowsWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]struct {
		reason  deployment.WaitReason
		message string
	}{
		"429:endpoint-rate": {deployment.WaitStripeRateLimit, "Stripe is rate limiting requests; continuing in "},
		stripesim.Error503:  {deployment.WaitStripeUnavailable, "Stripe is not responding; continuing in "},
	} {
		st := newStack(t)
		st.Runner.Backoff.First, st.Runner.Backoff.Most = time.Hour, time.Hour
		st.Work(t)
		_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: kind, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}})
		must(t, err)
		d := st.StartGoLive(t, st.Product(t, simple).ID)
		st.Hear(t, d.ID, want.message, func(e *deployment.Event) bool { return strings.HasPrefix(e.Message, want.message) })
		if got := st.Look(t, d.ID); got.WaitReason == nil || *got.WaitReason != want.reason {
			t.Errorf("%s: waits for %v", kind, got.WaitReason)
		}
		bob := st.Actor(t, "bob@acme.example", tenant.RoleDeployer)
		_, err = st.Cancel(bob, deployment.CancelInput{DeploymentID: d.ID})
		must(t, err)
		if end := st.End(t, d.ID); end.Status != deployment.Cancelled || end.WaitReason != nil {
			t.Errorf("%s: %s, waits for %v", kind, end.Status, end.WaitReason)
		}
		st.wantActors(t, d.ID, "bob@acme.example", "deployment.cancel_requested", "deployment.turned_back", "deployment.cancelled")
	}
}

// Whoever has a connection asks for no second one: as many at once as a pool has
// connections would wait for each other for ever.
func TestRunNeedsOneConnection(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	one := url + "?pool_max_conns=1"
	if strings.Contains(url, "?") {
		one = url + "&pool_max_conns=1"
	}
	st := &stack{domaintest.NewOn(t, one)}
	post := st.WithMail(t)
	var end context.CancelFunc
	st.As, end = context.WithTimeout(st.As, domaintest.Patience)
	defer end()
	id := st.Product(t, simple).ID
	_, err := st.Validate(st.As, id, false)
	must(t, err)
	p, err := st.PlanGoLive(st.As, id, false)
	must(t, err)
	d, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: id, PlanHash: &p.Hash})
	must(t, err)
	run := func(id string) {
		t.Helper()
		must(t, st.Runner.Run(st.As, id, st.Job(t, id), "worker"))
		if end := st.Look(t, id); end.Status != deployment.Completed {
			t.Fatalf("%s: %s", end.Status, end.ProgressMessage)
		}
	}
	run(d.ID)
	_, err = st.PlanRollback(st.As, d.ID)
	must(t, err)
	back, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: d.ID})
	must(t, err)
	run(back.ID)

	due, now, missed := st.InAnHour(t, simple), st.InAnHour(t, simple), st.InAnHour(t, simple)
	later := due.DueAt.Add(time.Minute)
	_, err = st.Reschedule(st.As, deployment.RescheduleInput{DeploymentID: due.ID, Version: due.Version, When: moment.When{Instant: &later, Zone: "UTC"}})
	must(t, err)
	_, err = st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: now.ID})
	must(t, err)
	run(now.ID)
	st.At(t, later.Add(time.Second))
	_, err = st.StartDue(st.As)
	must(t, err)
	st.CallOff(t, due.ID)
	st.At(t, missed.DueAt.Add(time.Hour))
	_, err = st.HoldMissed(st.As)
	must(t, err)
	_, err = st.Upcoming(st.As, deployment.Filter{TenantID: st.Tenant.ID, First: 10})
	must(t, err)
	_, err = st.Runner.TakeOver(st.As)
	must(t, err)
	_, err = st.ResolveAgain(st.As)
	must(t, err)
	st.Deliver(t)
	if len(post.Take()) == 0 {
		t.Error("no mail")
	}
}

// What follows from starting a schedule early is whoever's did that.
func TestRunOfAScheduleStartedEarlyIsWhoStartedIt(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for _, early := range []bool{true, false} {
		d, by := st.InAnHour(t, simple), domaintest.Admin
		if early {
			by = "early@acme.example"
			_, err := st.DeployNow(st.Actor(t, by, tenant.RoleDeployer), deployment.DeployNowInput{DeploymentID: d.ID})
			must(t, err)
		} else {
			st.SweepDue(t, d, time.Second, 1)
		}
		if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
			t.Fatalf("%s %+v", end.Status, end.Error)
		}
		st.wantActors(t, d.ID, by, "deployment.completed")
	}
}

// One that waits for Stripe leaves its place in the account to others meanwhile, and gets
// one again.
func TestParkLeavesItsPlace(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Runner.Outages.Retry = 30 * time.Second
	st.Runner.Backoff.Patience = 0
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	st.fault(t, stripesim.Error503, "GET", "^/v1/account$")
	st.CarryOut(t, d.ID)
	st.SweepAbandoned(t, 0)
	var placed bool
	must(t, st.Pool.QueryRow(t.Context(), `SELECT job_id IS NOT NULL FROM deployments WHERE id = $1`, d.ID).Scan(&placed))
	if placed {
		t.Error("it keeps its place")
	}
	st.Exec(t, `UPDATE deployments SET retry_at = now() WHERE id = $1`, d.ID)
	st.SweepAbandoned(t, 1)
	st.Stripe.Sim.ClearFaults()
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}
