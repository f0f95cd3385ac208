package deployment_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/stripesim"
)

// At its time, not before, a schedule begins, once, and ends like a go-live.
func TestDueMeansDue(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.SweepDue(t, d, -time.Minute, 0) // the clock runs on
	st.WantWaiting(t, d.ID, deployment.WaitDueTime)
	st.SweepDue(t, d, 0, 1)
	st.SweepDue(t, d, time.Second, 0)
	st.WantStatus(t, d.ID, deployment.Pending)
	end := st.CarryOut(t, d.ID)
	if end.Status != deployment.Completed || end.Trigger != deployment.AtScheduled || !end.DueAt.Equal(*d.DueAt) {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	if st.Live(t, simple) == nil {
		t.Error("nothing is in live")
	}
}

// The whole by itself: a worker's sweeps, its job, its end.
func TestDueIsStartedByAWorker(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Work(t)
	st.At(t, *d.DueAt)
	if end := st.End(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// Lateness is told, and so is what was in the way.
func TestDueTellsItsLateness(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	punctual, late := st.InAnHour(t, simple), st.Schedule(t, st.In(t, coffee, 2*time.Hour))
	st.SweepDue(t, punctual, time.Second, 1)
	if d := st.Look(t, punctual.ID); strings.Contains(d.ProgressMessage, "ago") {
		t.Errorf("told %q", d.ProgressMessage)
	}
	st.SweepDue(t, late, 3*time.Minute, 1)
	if d := st.Look(t, late.ID); !strings.Contains(d.ProgressMessage, " 3m") {
		t.Errorf("told %q", d.ProgressMessage)
	}
	// The wait for a worker counts as well.
	st.At(t, late.DueAt.Add(5*time.Minute))
	must(t, st.Runner.Run(t.Context(), late.ID, st.Job(t, late.ID), "worker"))
	events, err := st.Events(st.As, late.ID, 2, 1)
	must(t, err)
	// The clock runs on, so the seconds are those of the machine.
	if e := events[0]; e.Status != deployment.Validating || !strings.Contains(e.Message, " 5m") {
		t.Errorf("%s told %q", e.Status, e.Message)
	}
}

// While another deployment of the product is active, one that is due waits, shows
// why, and begins when it is free.
func TestDueAndBusyWaits(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	running := st.StartGoLive(t, d.ProductID)
	st.SweepDue(t, d, time.Second, 0)
	st.WantWaiting(t, d.ID, deployment.WaitProductBusy)
	page, err := st.Upcoming(st.As, deployment.Filter{TenantID: st.Tenant.ID, First: 10})
	must(t, err)
	if got := *page.Deployments[0].WaitReason; got != deployment.WaitProductBusy {
		t.Errorf("upcoming shows %s", got)
	}
	st.CarryOut(t, running.ID)
	st.WantWaiting(t, d.ID, deployment.WaitDueTime)
	st.SweepDue(t, d, 2*time.Minute, 1)
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// Ten of one product fall due in one second and a person goes live as well: they
// take turns, and nobody else waits for them.
func TestDueOnesOfOneProductTakeTurns(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	var ten []*deployment.Deployment
	for range 10 {
		ten = append(ten, st.InAnHour(t, simple))
	}
	other := st.InAnHour(t, coffee)
	st.At(t, other.DueAt.Add(time.Second))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := st.StartDue(t.Context()); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			_, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: ten[0].ProductID})
			if code := fault.CodeOf(err); code != "" && code != fault.DeploymentInProgress {
				t.Error(err)
			}
		})
	}
	domaintest.Wait(t, &all, "sweeps and go-lives")
	st.WantStatus(t, other.ID, deployment.Pending)
	for range 11 {
		active, err := st.ActiveOf(st.As, []string{ten[0].ProductID})
		must(t, err)
		if len(active) != 1 {
			break
		}
		for _, d := range active {
			st.CarryOut(t, d.ID)
		}
		_, err = st.StartDue(t.Context())
		must(t, err)
	}
	for i, d := range ten {
		if end := st.Look(t, d.ID); end.Status != deployment.Completed {
			t.Errorf("number %d is %s: %s", i, end.Status, end.ProgressMessage)
		}
	}
}

// Due ones of busy products, however many, keep no others from beginning.
func TestDueAndBusyBlocksNobody(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	other := st.Schedule(t, st.In(t, coffee, time.Hour+time.Minute))
	st.StartGoLive(t, d.ProductID)
	st.Copies(t, d.ID, 300, "")
	st.SweepDue(t, other, time.Second, 1)
	st.WantStatus(t, other.ID, deployment.Pending)
}

// A pause keeps what is due waiting.
func TestDueInAPauseWaits(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	must(t, pause.Begin(t.Context(), st.Pool, "ops", "prices are wrong everywhere"))
	st.SweepDue(t, d, time.Second, 0)
	must(t, pause.End(t.Context(), st.Pool, "ops"))
	st.SweepDue(t, d, 10*time.Minute, 1)
}

// At its time everything is checked again.
func TestDueWithAFailingCheckEndsFailed(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	must(t, st.Stripe.Sim.SetAccount(st.Stripe.Account.ID, map[string]any{"charges_enabled": false}))
	st.SweepDue(t, d, 0, 1)
	end := st.CarryOut(t, d.ID)
	if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryValidation || st.Review(t, end.ID).Validation.OK {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// Whoever scheduled must still be allowed to, in either way of withdrawing that.
func TestDueAsksForRightsAgain(t *testing.T) {
	t.Parallel()
	for how, withdraw := range map[string]string{
		"role":   `UPDATE members SET role = 'VIEWER' WHERE email = 'admin@acme.example'`,
		"tokens": `UPDATE api_tokens SET revoked_at = now()`,
		"none":   `SELECT 1`,
	} {
		st := newStack(t)
		d := st.InAnHour(t, simple)
		st.Exec(t, withdraw)
		st.SweepDue(t, d, 0, 1)
		end := st.CarryOut(t, d.ID)
		if how == "none" {
			if end.Status != deployment.Completed {
				t.Errorf("%s %+v", end.Status, end.Error)
			}
			continue
		}
		if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryPermission || *end.LiveOutcome != deployment.Unchanged {
			t.Errorf("%s: %s %+v", how, end.Status, end.Error)
		}
		if n := len(st.Writes(t)); n != 0 {
			t.Errorf("%s: %d writes", how, n)
		}
	}
}

// A worker of the version before takes over nothing that it does not understand.
func TestDueIsNotForTheVersionBefore(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	immediate := st.StartGoLive(t, st.Product(t, coffee).ID)
	st.SweepDue(t, d, 0, 1)
	for id, want := range map[string]int64{d.ID: 0, immediate.ID: 1} {
		tag, err := st.Pool.Exec(t.Context(), `UPDATE deployments SET owner = 'old', epoch = epoch + 1, able_epoch = epoch + 1,
			lease_until = clock_timestamp() WHERE id = $1 AND job_id IS NOT NULL AND status = 'PENDING'`, id)
		must(t, err)
		if tag.RowsAffected() != want {
			t.Errorf("took over %d of %s, want %d", tag.RowsAffected(), id, want)
		}
	}
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// A Stripe that is down at the due time is waited for, as by any deployment, also
// beyond the grace: it has begun in time.
func TestDueInAnOutageIsOutlasted(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Runner.Backoff.Patience = time.Millisecond
	d := st.InAnHour(t, simple)
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Method: "GET", Path: "^/v1/account$", Mode: stripesim.Live},
	})
	must(t, err)
	st.SweepDue(t, d, 0, 1)
	must(t, st.Runner.Run(t.Context(), d.ID, st.Job(t, d.ID), "worker"))
	if got := st.Look(t, d.ID); got.Status != deployment.Validating || *got.WaitReason != deployment.WaitStripeUnavailable {
		t.Fatalf("%s waiting for %v", got.Status, got.WaitReason)
	}
	st.Exec(t, `UPDATE deployments SET outage = '10 minutes' WHERE id = $1`, d.ID)
	st.At(t, d.DueAt.Add(20*time.Minute))
	n, err := st.HoldMissed(t.Context())
	must(t, err)
	if n != 0 {
		t.Errorf("%d held", n)
	}
	st.Stripe.Sim.ClearFaults()
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}
