package deployment_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// What test wants has changed since: HOLD waits for a person and says what has
// changed, DEPLOY_LATEST goes on.
func TestHoldWhereTestHasChanged(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.In(t, simple, time.Hour)
	held := st.Schedule(t, in)
	in.IfChanged = deployment.DeployLatest
	latest := st.Schedule(t, in)
	st.Reprice(t)
	st.SweepDue(t, held, time.Second, 1)
	st.CarryOut(t, held.ID)
	d := st.WantWaiting(t, held.ID, deployment.WaitChanged)
	for _, part := range []string{"description", "default_price", "new price price_PineProNew", "price_PineProMonthly: active, lookup_key"} {
		if !strings.Contains(d.ProgressMessage, part) {
			t.Errorf("nobody is told of %q in %q", part, d.ProgressMessage)
		}
	}
	if n := len(st.Writes(t)); n != 0 || d.Version != held.Version+1 || d.FinishedAt != nil || d.StartedAt != nil {
		t.Errorf("%d writes, version %d, %v, %v", n, d.Version, d.FinishedAt, d.StartedAt)
	}
	// It locks nothing, and no sweep takes it.
	st.SweepDue(t, held, 2*time.Second, 1)
	if end := st.CarryOut(t, latest.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	st.SweepDue(t, held, 3*time.Second, 0)
}

// "Now", for one that is held for that, means what test holds now; another time
// means what the person was told of.
func TestHoldIsFreedByAPerson(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	now, later, again := st.InAnHour(t, simple), st.InAnHour(t, simple), st.InAnHour(t, simple)
	st.Describe(t, stripesim.Test, "Better than ever")
	for range 3 {
		st.SweepDue(t, again, time.Second, 1)
		active, err := st.ActiveOf(st.As, []string{now.ProductID})
		must(t, err)
		st.CarryOut(t, active[now.ProductID].ID)
	}
	st.WantWaiting(t, later.ID, deployment.WaitChanged)
	again = st.WantWaiting(t, again.ID, deployment.WaitChanged)
	later = st.Move(t, later.ID, st.Clock(t).Add(time.Hour))
	if end := st.atItsTime(t, later); end.Status != deployment.Completed {
		t.Errorf("later: %s %s %+v", end.Status, end.ProgressMessage, end.Error)
	}
	again = st.Move(t, again.ID, st.Clock(t).Add(time.Hour))
	st.Describe(t, stripesim.Test, "Even better")
	st.atItsTime(t, again)
	st.WantWaiting(t, again.ID, deployment.WaitChanged)
	_, err := st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: now.ID})
	must(t, err)
	if end := st.CarryOut(t, now.ID); end.Status != deployment.Completed || end.Trigger != deployment.Immediate {
		t.Errorf("now: %s %+v", end.Status, end.Error)
	}
	if live := st.Live(t, simple); live.Product.Description != "Even better" {
		t.Errorf("live says %q", live.Product.Description)
	}
}

// "Now" for one that was not held is no word on a change that nobody was told of.
func TestHoldThoughNowWasSaid(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Describe(t, stripesim.Test, "Better than ever")
	_, err := st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: d.ID})
	must(t, err)
	st.CarryOut(t, d.ID)
	if held := st.WantWaiting(t, d.ID, deployment.WaitChanged); held.Trigger != deployment.AtScheduled {
		t.Errorf("%s", held.Trigger)
	}
}

// Live changed by others holds; live as Golive itself left it in between, and drift
// that was there to be seen, do not.
func TestHoldWhereLiveHasChanged(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	productID := st.Product(t, simple).ID
	in := st.In(t, simple, time.Hour)
	plan, err := st.PlanGoLive(st.As, productID, false)
	must(t, err)
	in.PlanHash = &plan.Hash
	before := st.Schedule(t, in)
	st.CarryOut(t, st.StartGoLive(t, productID).ID)
	if end := st.atItsTime(t, before); end.Status != deployment.Completed {
		t.Errorf("what Golive deployed in between: %s %s", end.Status, end.ProgressMessage)
	}
	drifting := st.InAnHour(t, simple)
	st.Describe(t, stripesim.Live, "Somebody was here")
	st.atItsTime(t, drifting)
	if d := st.WantWaiting(t, drifting.ID, deployment.WaitChanged); !strings.Contains(d.ProgressMessage, "in live") {
		t.Errorf("told %q", d.ProgressMessage)
	}
	seen, mended := st.InAnHour(t, simple), st.Schedule(t, st.In(t, simple, 2*time.Hour))
	if end := st.atItsTime(t, seen); end.Status != deployment.Completed {
		t.Errorf("drift that was seen: %s %s", end.Status, end.ProgressMessage)
	}
	if live := st.Live(t, simple); live.Product.Description == "Somebody was here" {
		t.Error("it is still there")
	}
	if end := st.atItsTime(t, mended); end.Status != deployment.Completed {
		t.Errorf("drift that Golive has mended since: %s %s", end.Status, end.ProgressMessage)
	}
	gone := st.InAnHour(t, simple)
	state, err := st.Stripe.Sim.Dump(st.Stripe.Account.ID, stripesim.Live)
	must(t, err)
	state.Products, state.Prices = nil, nil
	must(t, st.Stripe.Sim.Load(st.Stripe.Account.ID, stripesim.Live, state))
	st.atItsTime(t, gone)
	if d := st.Look(t, gone.ID); d.Status == deployment.Completed {
		t.Errorf("what vanished from live: %s %s", d.Status, d.ProgressMessage)
	}
}

// What a go-live that was turned back left in live is Golive's own doing.
func TestHoldNotForLeftovers(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	wait, release := st.Hold(t, 2, stripesim.AtAfter)
	now := st.StartGoLive(t, d.ProductID)
	job := st.Job(t, now.ID)
	done := make(chan error, 1)
	go func() { done <- st.Runner.Run(st.As, now.ID, job, "worker") }()
	wait()
	st.CallOff(t, now.ID)
	release()
	must(t, domaintest.Receive(t, done, "the end of the run"))
	st.WantStatus(t, now.ID, deployment.Cancelled)
	if end := st.atItsTime(t, d); end.Status != deployment.Completed {
		t.Errorf("%s %s %+v", end.Status, end.ProgressMessage, end.Error)
	}
}

// What is to be adopted was seen as it was when it was scheduled.
func TestHoldWhereTheAdoptedHasChanged(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.In(t, simple, time.Hour)
	in.Adopt = true
	must(t, st.Stripe.Sim.Seed(st.Stripe.Account.ID, stripesim.Live,
		[]json.RawMessage{[]byte(`{"id": "` + simple + `", "name": "Pine Pro", "description": "as it was"}`)}, nil))
	asItWas, err := st.Stripe.Sim.Dump(st.Stripe.Account.ID, stripesim.Live)
	must(t, err)
	described, priced, unchanged := st.Schedule(t, in), st.Schedule(t, in), st.Schedule(t, in)
	st.Describe(t, stripesim.Live, "as it is")
	st.atItsTime(t, described)
	st.WantWaiting(t, described.ID, deployment.WaitChanged)
	with := asItWas
	with.Prices = append(with.Prices, []byte(`{"id": "price_Theirs", "product": "`+simple+`", "currency": "usd", "unit_amount": 500}`))
	must(t, st.Stripe.Sim.Load(st.Stripe.Account.ID, stripesim.Live, with))
	st.atItsTime(t, priced)
	st.WantWaiting(t, priced.ID, deployment.WaitChanged)
	must(t, st.Stripe.Sim.Load(st.Stripe.Account.ID, stripesim.Live, asItWas))
	if end := st.atItsTime(t, unchanged); end.Status != deployment.Completed {
		t.Errorf("%s %s %+v", end.Status, end.ProgressMessage, end.Error)
	}
}

// A rollback holds what was scheduled before its end, also while it ran, and what was
// moved meanwhile; nothing that is scheduled after.
func TestHoldOfSchedulesBeforeARollback(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	live := st.StartGoLive(t, st.Product(t, simple).ID)
	st.CarryOut(t, live.ID)
	in := st.In(t, simple, time.Hour)
	in.IfChanged = deployment.DeployLatest
	before, other := st.Schedule(t, in), st.InAnHour(t, coffee)
	rollback, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: live.ID})
	must(t, err)
	meanwhile, moved := st.InAnHour(t, simple), st.InAnHour(t, simple)
	moved = st.Move(t, moved.ID, st.Clock(t).Add(3*time.Hour))
	if end := st.CarryOut(t, rollback.ID); end.Status != deployment.Completed {
		t.Fatalf("%s %+v", end.Status, end.Error)
	}
	d := st.WantWaiting(t, before.ID, deployment.WaitChanged)
	if !strings.Contains(d.ProgressMessage, admin) {
		t.Errorf("told %q", d.ProgressMessage)
	}
	st.WantWaiting(t, other.ID, deployment.WaitDueTime)
	for _, d := range []*deployment.Deployment{meanwhile, moved} {
		st.WantWaiting(t, d.ID, deployment.WaitChanged)
		st.CallOff(t, d.ID)
	}
	after := st.InAnHour(t, simple)
	st.WantWaiting(t, after.ID, deployment.WaitDueTime)
	st.CallOff(t, after.ID)
	moved = st.Move(t, before.ID, st.Clock(t).Add(2*time.Hour))
	st.At(t, moved.DueAt.Add(-time.Second))
	if end := st.atItsTime(t, moved); end.Status != deployment.Completed {
		t.Errorf("%s %s %+v", end.Status, end.ProgressMessage, end.Error)
	}
}

// A cancel that comes while a change is found out wins over holding it.
func TestHoldComesAfterACancel(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Describe(t, stripesim.Test, "Better than ever")
	st.SweepDue(t, d, time.Second, 1)
	hold, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Match: stripesim.Match{Method: "GET", Path: "^/v1/account"}})
	must(t, err)
	job := st.Job(t, d.ID)
	done := make(chan error, 1)
	go func() { done <- st.Runner.Run(st.As, d.ID, job, "worker") }()
	st.Held(t, hold)
	// No bell tells the run of it.
	st.Exec(t, `UPDATE deployments SET cancel_requested_at = now(), cancel_requested_by = 'x' WHERE id = $1`, d.ID)
	st.Stripe.Sim.Release("", false)
	must(t, domaintest.Receive(t, done, "the end of the run"))
	st.WantStatus(t, d.ID, deployment.Cancelled)
}
