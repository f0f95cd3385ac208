package deployment_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/moment"
)

// Two tenants share an account, and both have the product scheduled for one second:
// one of them begins, the other waits, and the sweep does all else.
func TestDueInASharedAccountTakesTurns(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	as, theirs := st.Sharer(t, simple)
	mine := st.InAnHour(t, simple)
	third := st.InAnHour(t, coffee)
	due := *mine.DueAt
	answer, err := st.ScheduleGoLive(as, deployment.ScheduleInput{ProductID: theirs.ID, When: moment.When{Instant: &due, Zone: "UTC"}})
	must(t, err)
	st.SweepDue(t, mine, time.Second, 2)
	st.WantStatus(t, third.ID, deployment.Pending)
	st.WantStatus(t, mine.ID, deployment.Pending)
	d, err := st.Get(as, answer.Deployment.ID)
	must(t, err)
	if d.Status != deployment.Scheduled || *d.WaitReason != deployment.WaitProductBusy {
		t.Errorf("theirs is %s", d.Status)
	}
}

// The other tenant's go-live becomes active between the sweep's look and its write:
// that takes nothing from the others of the lot.
func TestDueThatLosesARacePoisonsNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	as, theirs := st.Sharer(t, simple)
	mine, other := st.InAnHour(t, simple), st.InAnHour(t, coffee)
	st.At(t, mine.DueAt.Add(time.Second))
	// Their go-live is inserted and not committed: the sweep cannot see it, and waits
	// for its end at the index.
	tx, err := st.Pool.Begin(t.Context())
	must(t, err)
	must(t, st.occupy(t, tx, theirs, simple))
	swept := make(chan int, 1)
	go func() {
		n, err := st.StartDue(t.Context())
		if err != nil {
			t.Error(err)
		}
		swept <- n
	}()
	st.WaitsForALock(t)
	must(t, tx.Commit(t.Context()))
	if n := domaintest.Receive(t, swept, "the sweep"); n != 1 {
		t.Errorf("%d began", n)
	}
	st.WantStatus(t, other.ID, deployment.Pending)
	st.WantWaiting(t, mine.ID, deployment.WaitProductBusy)
	_ = as
}

// A schedule that somebody holds locked, and a product that is being deployed just
// now, are passed over, not waited for.
func TestDueSweepWaitsForNobody(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	moved, started, free := st.InAnHour(t, simple), st.InAnHour(t, coffee), st.InAnHour(t, neverLive)
	tx, err := st.Pool.Begin(t.Context())
	must(t, err)
	for sql, id := range map[string]string{
		`SELECT FROM deployments WHERE id = $1 FOR NO KEY UPDATE`: moved.ID,
		`SELECT FROM products WHERE id = $1 FOR NO KEY UPDATE`:    started.ProductID,
	} {
		_, err := tx.Exec(t.Context(), sql, id)
		must(t, err)
	}
	st.SweepDue(t, free, time.Second, 1)
	st.WantStatus(t, free.ID, deployment.Pending)
	must(t, tx.Rollback(t.Context()))
	st.SweepDue(t, free, 2*time.Second, 2)
}

// Two tenants share an account, and both have its products due: sweeps that begin
// them take live objects in one order, whichever schedule was made or is due first.
// So one that waits for the first object stands in nobody's way at the next.
func TestDueSweepsTakeLiveObjectsInOneOrder(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, theirs := st.Sharer(t, simple)
	st.InAnHour(t, simple)
	first := st.InAnHour(t, coffee)
	st.At(t, first.DueAt.Add(time.Second))
	tx, err := st.Pool.Begin(t.Context()) // the other tenant's sweep
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // it may have ended
	_, err = tx.Exec(t.Context(), `SET LOCAL deadlock_timeout = '1ms'`)
	must(t, err)
	must(t, st.occupy(t, tx, theirs, coffee))
	swept := make(chan int, 1)
	go func() {
		n, err := st.StartDue(t.Context())
		if err != nil {
			t.Error(err)
		}
		swept <- n
	}()
	st.WaitsForALock(t)
	if err := st.occupy(t, tx, theirs, simple); err != nil {
		t.Errorf("a sweep waited for one live object and held another one: %v", err)
	}
	must(t, tx.Rollback(t.Context()))
	if n := domaintest.Receive(t, swept, "the sweep"); n != 2 {
		t.Errorf("%d began", n)
	}
}

// A go-live that is not committed yet holds its product as a sweep would: that one
// passes over it, and what else is due begins.
func TestDueSweepPassesOverAGoLiveUnderWay(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, theirs := st.Sharer(t, simple)
	d, free := st.InAnHour(t, simple), st.InAnHour(t, coffee)
	tx, err := st.Pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // it may have ended
	must(t, st.occupy(t, tx, theirs, simple))
	went := make(chan error, 1)
	go func() {
		_, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: d.ProductID})
		went <- err
	}()
	st.WaitsForALock(t)
	st.SweepDue(t, free, time.Second, 1)
	st.WantStatus(t, free.ID, deployment.Pending)
	must(t, tx.Rollback(t.Context()))
	must(t, domaintest.Receive(t, went, "the go-live"))
	st.WantWaiting(t, d.ID, deployment.WaitProductBusy)
}
