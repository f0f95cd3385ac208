package deployment_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/stripesim"
)

// atItsTime carries d out at its time as far as it goes.
func (st *stack) atItsTime(t *testing.T, d *deployment.Deployment) *deployment.Deployment {
	t.Helper()
	st.startDue(t, d, time.Second, 1)
	return st.carryOut(t, d.ID)
}

// describe changes the product's description, in one of the worlds.
func (st *stack) describe(t *testing.T, mode stripesim.Mode, description string) {
	t.Helper()
	state, err := st.stripe.Sim.Dump(st.stripe.Account.ID, mode)
	must(t, err)
	for i, raw := range state.Products {
		state.Products[i] = edit(t, raw, simple, func(p map[string]any) { p["description"] = description })
	}
	must(t, st.stripe.Sim.Load(st.stripe.Account.ID, mode, state))
}

// What test wants has changed since: HOLD waits for a person and says what has
// changed, DEPLOY_LATEST goes on.
func TestIfTestHasChanged(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.in(t, simple, time.Hour)
	held := st.schedule(t, in)
	in.IfChanged = deployment.DeployLatest
	latest := st.schedule(t, in)
	st.reprice(t)
	st.startDue(t, held, time.Second, 1)
	st.carryOut(t, held.ID)
	d := st.wantWaiting(t, held.ID, deployment.WaitChanged)
	for _, part := range []string{"description", "default_price", "new price price_PineProNew", "price_PineProMonthly: active, lookup_key"} {
		if !strings.Contains(d.ProgressMessage, part) {
			t.Errorf("nobody is told of %q in %q", part, d.ProgressMessage)
		}
	}
	if n := len(st.writes(t)); n != 0 || d.Version != held.Version+1 || d.FinishedAt != nil || d.StartedAt != nil {
		t.Errorf("%d writes, version %d, %v, %v", n, d.Version, d.FinishedAt, d.StartedAt)
	}
	// It locks nothing, and no sweep takes it.
	st.startDue(t, held, 2*time.Second, 1)
	if end := st.carryOut(t, latest.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	st.startDue(t, held, 3*time.Second, 0)
}

// "Now", for one that is held for that, means what test holds now; another time
// means what the person was told of.
func TestWhatFreesAChangedSchedule(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	now, later, again := st.inAnHour(t, simple), st.inAnHour(t, simple), st.inAnHour(t, simple)
	st.describe(t, stripesim.Test, "Better than ever")
	for range 3 {
		st.startDue(t, again, time.Second, 1)
		active, err := st.ActiveOf(st.as, []string{now.ProductID})
		must(t, err)
		st.carryOut(t, active[now.ProductID].ID)
	}
	st.wantWaiting(t, later.ID, deployment.WaitChanged)
	again = st.wantWaiting(t, again.ID, deployment.WaitChanged)
	later = st.reschedule(t, later.ID, st.now(t).Add(time.Hour))
	if end := st.atItsTime(t, later); end.Status != deployment.Completed {
		t.Errorf("later: %s %s %+v", end.Status, end.ProgressMessage, end.Error)
	}
	again = st.reschedule(t, again.ID, st.now(t).Add(time.Hour))
	st.describe(t, stripesim.Test, "Even better")
	st.atItsTime(t, again)
	st.wantWaiting(t, again.ID, deployment.WaitChanged)
	_, err := st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: now.ID})
	must(t, err)
	if end := st.carryOut(t, now.ID); end.Status != deployment.Completed || end.Trigger != deployment.Immediate {
		t.Errorf("now: %s %+v", end.Status, end.Error)
	}
	if live := st.live(t, simple); live.Product.Description != "Even better" {
		t.Errorf("live says %q", live.Product.Description)
	}
}

// "Now" for one that was not held is no word on a change that nobody was told of.
func TestNowDoesNotMeanWhateverHasChanged(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	st.describe(t, stripesim.Test, "Better than ever")
	_, err := st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: d.ID})
	must(t, err)
	st.carryOut(t, d.ID)
	if held := st.wantWaiting(t, d.ID, deployment.WaitChanged); held.Trigger != deployment.AtScheduled {
		t.Errorf("%s", held.Trigger)
	}
}

// Live changed by others holds; live as Golive itself left it in between, and drift
// that was there to be seen, do not.
func TestIfLiveHasChanged(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	productID := st.product(t, simple).ID
	in := st.in(t, simple, time.Hour)
	plan, err := st.PlanGoLive(st.as, productID, false)
	must(t, err)
	in.PlanHash = &plan.Hash
	before := st.schedule(t, in)
	st.carryOut(t, st.goLive(t, productID).ID)
	if end := st.atItsTime(t, before); end.Status != deployment.Completed {
		t.Errorf("what Golive deployed in between: %s %s", end.Status, end.ProgressMessage)
	}
	drifting := st.inAnHour(t, simple)
	st.describe(t, stripesim.Live, "Somebody was here")
	st.atItsTime(t, drifting)
	if d := st.wantWaiting(t, drifting.ID, deployment.WaitChanged); !strings.Contains(d.ProgressMessage, "in live") {
		t.Errorf("told %q", d.ProgressMessage)
	}
	seen, mended := st.inAnHour(t, simple), st.schedule(t, st.in(t, simple, 2*time.Hour))
	if end := st.atItsTime(t, seen); end.Status != deployment.Completed {
		t.Errorf("drift that was seen: %s %s", end.Status, end.ProgressMessage)
	}
	if live := st.live(t, simple); live.Product.Description == "Somebody was here" {
		t.Error("it is still there")
	}
	if end := st.atItsTime(t, mended); end.Status != deployment.Completed {
		t.Errorf("drift that Golive has mended since: %s %s", end.Status, end.ProgressMessage)
	}
	gone := st.inAnHour(t, simple)
	state, err := st.stripe.Sim.Dump(st.stripe.Account.ID, stripesim.Live)
	must(t, err)
	state.Products, state.Prices = nil, nil
	must(t, st.stripe.Sim.Load(st.stripe.Account.ID, stripesim.Live, state))
	st.atItsTime(t, gone)
	if d := st.get(t, gone.ID); d.Status == deployment.Completed {
		t.Errorf("what vanished from live: %s %s", d.Status, d.ProgressMessage)
	}
}

// What a go-live that was turned back left in live is Golive's own doing.
func TestLeftoversAreNoDrift(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	wait, release := st.hold(t, 2, stripesim.AtAfter)
	now := st.goLive(t, d.ProductID)
	job := st.job(t, now.ID)
	done := make(chan error, 1)
	go func() { done <- st.runner.Run(st.as, now.ID, job, "worker") }()
	wait()
	st.cancel(t, now.ID)
	release()
	must(t, <-done)
	st.wantStatus(t, now.ID, deployment.Cancelled)
	if end := st.atItsTime(t, d); end.Status != deployment.Completed {
		t.Errorf("%s %s %+v", end.Status, end.ProgressMessage, end.Error)
	}
}

// What is to be adopted was seen as it was when it was scheduled.
func TestWhatIsToBeAdoptedMayNotChange(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.in(t, simple, time.Hour)
	in.Adopt = true
	must(t, st.stripe.Sim.Seed(st.stripe.Account.ID, stripesim.Live,
		[]json.RawMessage{[]byte(`{"id": "` + simple + `", "name": "Pine Pro", "description": "as it was"}`)}, nil))
	asItWas, err := st.stripe.Sim.Dump(st.stripe.Account.ID, stripesim.Live)
	must(t, err)
	described, priced, unchanged := st.schedule(t, in), st.schedule(t, in), st.schedule(t, in)
	st.describe(t, stripesim.Live, "as it is")
	st.atItsTime(t, described)
	st.wantWaiting(t, described.ID, deployment.WaitChanged)
	with := asItWas
	with.Prices = append(with.Prices, []byte(`{"id": "price_Theirs", "product": "`+simple+`", "currency": "usd", "unit_amount": 500}`))
	must(t, st.stripe.Sim.Load(st.stripe.Account.ID, stripesim.Live, with))
	st.atItsTime(t, priced)
	st.wantWaiting(t, priced.ID, deployment.WaitChanged)
	must(t, st.stripe.Sim.Load(st.stripe.Account.ID, stripesim.Live, asItWas))
	if end := st.atItsTime(t, unchanged); end.Status != deployment.Completed {
		t.Errorf("%s %s %+v", end.Status, end.ProgressMessage, end.Error)
	}
}

// A rollback holds what was scheduled before it, and nothing that is scheduled after.
func TestARollbackHoldsEarlierSchedules(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	live := st.goLive(t, st.product(t, simple).ID)
	st.carryOut(t, live.ID)
	in := st.in(t, simple, time.Hour)
	in.IfChanged = deployment.DeployLatest
	before, other := st.schedule(t, in), st.inAnHour(t, "prod_CoffeeBag")
	rollback, err := st.Rollback(st.as, deployment.RollbackInput{DeploymentID: live.ID})
	must(t, err)
	meanwhile := st.inAnHour(t, simple)
	if end := st.carryOut(t, rollback.ID); end.Status != deployment.Completed {
		t.Fatalf("%s %+v", end.Status, end.Error)
	}
	d := st.wantWaiting(t, before.ID, deployment.WaitChanged)
	if !strings.Contains(d.ProgressMessage, "admin@acme.example rolled the product back") {
		t.Errorf("told %q", d.ProgressMessage)
	}
	st.wantWaiting(t, other.ID, deployment.WaitDueTime)
	st.wantWaiting(t, meanwhile.ID, deployment.WaitDueTime)
	st.cancel(t, meanwhile.ID)
	moved := st.reschedule(t, before.ID, st.now(t).Add(2*time.Hour))
	st.at(t, moved.DueAt.Add(-time.Second))
	if end := st.atItsTime(t, moved); end.Status != deployment.Completed {
		t.Errorf("%s %s %+v", end.Status, end.ProgressMessage, end.Error)
	}
}

// A cancel that comes while a change is found out wins over holding it.
func TestACancelComesBeforeAChange(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	st.describe(t, stripesim.Test, "Better than ever")
	st.startDue(t, d, time.Second, 1)
	hold, err := st.stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Match: stripesim.Match{Method: "GET", Path: "^/v1/account"}})
	must(t, err)
	job := st.job(t, d.ID)
	done := make(chan error, 1)
	go func() { done <- st.runner.Run(st.as, d.ID, job, "worker") }()
	_, err = st.stripe.Sim.Held(t.Context(), hold)
	must(t, err)
	// No bell tells the run of it.
	st.exec(t, `UPDATE deployments SET cancel_requested_at = now(), cancel_requested_by = 'x' WHERE id = $1`, d.ID)
	st.stripe.Sim.Release("", false)
	must(t, <-done)
	st.wantStatus(t, d.ID, deployment.Cancelled)
}
