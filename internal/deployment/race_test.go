package deployment_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
)

// In the very moment in which a schedule falls due, two workers start it and a
// person moves it, wants it now, or cancels it: whoever is first wins, everybody
// else is told so, and the history agrees.
func TestRacesAgainstTheDueInstant(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	outcomes := map[string]int{}
	lead := 12 * time.Millisecond
	for i := range 60 {
		d := st.inAnHour(t, simple)
		st.at(t, d.DueAt.Add(-rand.N(lead)))
		what := []string{"move", "now", "cancel"}[i%3]
		err := st.race(t, d, what)
		// The moment in which both may win lies elsewhere on a machine that is busy.
		switch {
		case what == "move" && err == nil:
			lead = max(lead*2/3, time.Microsecond)
		case what == "move":
			lead *= 2
		}
		outcomes[what+": "+string(fault.CodeOf(err))]++
		st.settled(t, d, what, err)
		if end := st.get(t, d.ID); !end.Status.Terminal() {
			st.cancel(t, d.ID)
		}
	}
	t.Log(outcomes)
	if outcomes["move: "] == 0 || outcomes["move: INVALID_STATE"] == 0 {
		t.Errorf("no race: %v", outcomes)
	}
}

// race returns what the person is told.
func (st *stack) race(t *testing.T, d *deployment.Deployment, what string) (err error) {
	t.Helper()
	var all sync.WaitGroup
	begin, said := make(chan struct{}), make(chan struct{})
	for range 2 {
		all.Go(func() {
			<-begin
			for going := true; going; {
				if _, err := st.StartDue(t.Context()); err != nil {
					t.Error(err)
				}
				select {
				case <-said:
					going = false
				default:
				}
			}
		})
	}
	all.Go(func() {
		defer close(said)
		<-begin
		switch what {
		case "move":
			later := d.DueAt.Add(time.Hour)
			_, err = st.Reschedule(st.as, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version, When: deployment.When{Instant: &later, Zone: "UTC"}})
		case "now":
			_, err = st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: d.ID, Version: &d.Version})
		default:
			_, err = st.Cancel(st.as, deployment.CancelInput{DeploymentID: d.ID, Version: &d.Version})
		}
	})
	close(begin)
	all.Wait()
	st.at(t, d.DueAt.Add(time.Second))
	if _, err := st.StartDue(t.Context()); err != nil {
		t.Error(err)
	}
	return err
}

// settled holds the outcome to be one of those that agree with what was told.
func (st *stack) settled(t *testing.T, was *deployment.Deployment, what string, told error) {
	t.Helper()
	var got struct {
		status, trigger  string
		version, jobs    int
		started          int
		acts, moved      bool
		events, sequence int
	}
	must(t, st.pool.QueryRow(t.Context(), `SELECT status, trigger, version, (SELECT count(*) FROM river_job WHERE args->>'deployment_id' = d.id::text),
			(SELECT count(*) FROM deployment_events WHERE deployment_id = d.id AND status = 'PENDING'),
			job_id IS NOT NULL, due_at <> $2, (SELECT count(*) FROM deployment_events WHERE deployment_id = d.id), last_sequence
		FROM deployments d WHERE id = $1`, was.ID, *was.DueAt).Scan(&got.status, &got.trigger, &got.version, &got.jobs, &got.started,
		&got.acts, &got.moved, &got.events, &got.sequence))
	first := fmt.Sprintf("%s %s, moved %v, %d starts, %d jobs", got.status, got.trigger, got.moved, got.started, got.jobs)
	want := map[string][]string{
		"move: ":              {"SCHEDULED SCHEDULED, moved true, 0 starts, 0 jobs"},
		"move: INVALID_STATE": {"PENDING SCHEDULED, moved false, 1 starts, 1 jobs"},
		"now: ":               {"PENDING IMMEDIATE, moved false, 1 starts, 1 jobs"},
		"now: INVALID_STATE":  {"PENDING SCHEDULED, moved false, 1 starts, 1 jobs"},
		"cancel: ": {
			"CANCELLED SCHEDULED, moved false, 0 starts, 0 jobs", // before it began
			"CANCELLED SCHEDULED, moved false, 1 starts, 1 jobs", // after
		},
	}[what+": "+string(fault.CodeOf(told))]
	for _, w := range want {
		if first == w && got.events == got.sequence {
			return
		}
	}
	t.Errorf("%s was told %v, and it is %s with %d of %d events", what, told, first, got.events, got.sequence)
}

// Two tenants share an account, and both have its products due: sweeps that begin
// them take live objects in one order, whichever schedule was made or is due first.
// So one that waits for the first object stands in nobody's way at the next.
func TestSweepsTakeLiveObjectsInOneOrder(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, theirs := st.sharer(t, simple)
	st.inAnHour(t, simple)
	first := st.inAnHour(t, "prod_CoffeeBag")
	st.at(t, first.DueAt.Add(time.Second))
	tx, err := st.pool.Begin(t.Context()) // the other tenant's sweep
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // it may have ended
	_, err = tx.Exec(t.Context(), `SET LOCAL deadlock_timeout = '1ms'`)
	must(t, err)
	must(t, st.occupy(t, tx, theirs, "prod_CoffeeBag"))
	swept := make(chan int)
	go func() {
		n, err := st.StartDue(t.Context())
		if err != nil {
			t.Error(err)
		}
		swept <- n
	}()
	st.waitsForALock(t)
	if err := st.occupy(t, tx, theirs, simple); err != nil {
		t.Errorf("a sweep waited for one live object and held another one: %v", err)
	}
	must(t, tx.Rollback(t.Context()))
	if n := <-swept; n != 2 {
		t.Errorf("%d began", n)
	}
}

// A go-live that is not committed yet holds its product as a sweep would: that one
// passes over it, and what else is due begins.
func TestTheSweepPassesOverAGoLiveUnderWay(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, theirs := st.sharer(t, simple)
	d, free := st.inAnHour(t, simple), st.inAnHour(t, "prod_CoffeeBag")
	tx, err := st.pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // it may have ended
	must(t, st.occupy(t, tx, theirs, simple))
	went := make(chan error, 1)
	go func() {
		_, err := st.GoLive(st.as, deployment.GoLiveInput{ProductID: d.ProductID})
		went <- err
	}()
	st.waitsForALock(t)
	st.startDue(t, free, time.Second, 1)
	st.wantStatus(t, free.ID, deployment.Pending)
	must(t, tx.Rollback(t.Context()))
	must(t, <-went)
	st.wantWaiting(t, d.ID, deployment.WaitProductBusy)
}
