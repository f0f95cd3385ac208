package deployment_test

import (
	"sync"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/pause"
)

// However many are asked for at once, sixteen of a live account have a job. The others
// wait in the table, and say why.
func TestPlacesAreSixteenOfAnAccount(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	ids := st.products(t, 24)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for _, id := range ids[i*6 : i*6+6] {
				if _, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: id}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	domaintest.Wait(t, &all, "the go-lives")
	fillAll(t, st) // what came while somebody else gave places away
	st.wantPlaces(t, fair.Places, 8)
	reasons := map[deployment.WaitReason]int{}
	for _, d := range st.active(t, ids) {
		reasons[*d.WaitReason]++
	}
	if reasons[deployment.WaitWorker] != fair.Places || reasons[deployment.WaitAccountBusy] != 8 {
		t.Errorf("waiting for %v", reasons)
	}
	st.SweepAbandoned(t, 0)
	st.wantPlaces(t, fair.Places, 8)
}

// Another account has places of its own, and its only go-live goes before a batch's last.
func TestPlacesOfAnotherAccountAreFree(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.full(t, 4)
	st.Exec(t, `UPDATE stripe_connections SET account_id = 'acct_other' WHERE mode = 'LIVE'`)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	if *d.WaitReason != deployment.WaitWorker {
		t.Errorf("waiting for %s", *d.WaitReason)
	}
	var first bool
	must(t, st.Pool.QueryRow(t.Context(), `SELECT (SELECT priority FROM river_job WHERE id = $1) < max(priority) FROM river_job`, st.Job(t, d.ID)).Scan(&first))
	if !first {
		t.Error("it goes behind a whole batch")
	}
}

// Whoever ends leaves its place to the oldest that waits, at once and without a sweep;
// also to a schedule started early.
func TestPlacesAreFilledAsTheyGetFree(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	early := st.InAnHour(t, simple)
	running, waiting := st.full(t, 2)
	now, err := st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: early.ID})
	must(t, err)
	if *now.WaitReason != deployment.WaitAccountBusy {
		t.Errorf("waiting for %s", *now.WaitReason)
	}
	st.CallOff(t, running[0])
	st.wantBusy(t, early.ID, false) // it is the oldest
	st.wantBusy(t, waiting[0], true)
	if end := st.CarryOut(t, early.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	st.wantBusy(t, waiting[0], false)
	st.wantBusy(t, waiting[1], true)
	st.wantPlaces(t, fair.Places, 1)
}

// One that waits can be cancelled like any other, which gives nobody a place.
func TestPlacesOfThoseThatWaitAreNone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, waiting := st.full(t, 2)
	if d := st.CallOff(t, waiting[0]); d.Status != deployment.Cancelled || *d.LiveOutcome != deployment.Unchanged {
		t.Errorf("%s", d.Status)
	}
	st.wantBusy(t, waiting[1], true)
	st.wantPlaces(t, fair.Places, 1)
}

// Where a worker died between an end and what follows from it, the sweep gives the place
// away; a pause gives none.
func TestPlacesAreFilledByTheSweep(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	running, waiting := st.full(t, 2)
	must(t, pause.Begin(t.Context(), st.Pool, "ops", "maintenance"))
	st.Exec(t, `UPDATE deployments SET status = 'CANCELLED', finished_at = now(), live_outcome = 'UNCHANGED' WHERE id = $1`, running[0])
	st.SweepAbandoned(t, 0)
	st.CallOff(t, running[1])
	st.wantPlaces(t, fair.Places-2, 2)
	must(t, pause.End(t.Context(), st.Pool, "ops"))
	st.SweepAbandoned(t, 2)
	st.wantBusy(t, waiting[0], false)
	st.wantPlaces(t, fair.Places, 0)
}

// The dead keep their places until they are taken over; what takes over is no more than
// they were.
func TestPlacesOfTheDeadAreTheirSuccessors(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	running, waiting := st.full(t, 3)
	st.Exec(t, `UPDATE deployments SET status = 'VALIDATING', wait_reason = NULL, owner = 'dead', lease_until = now() - interval '1 second' WHERE id = ANY($1)`, running[:5])
	st.SweepAbandoned(t, 5)
	st.wantPlaces(t, fair.Places, 3)
	st.wantBusy(t, waiting[0], true)
}

// Two sweeps, an end and more go-lives at once: never more than sixteen, and nobody is
// forgotten.
func TestPlacesAreNeverMore(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	running, _ := st.full(t, 10)
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			for _, id := range running[i*3 : i*3+3] {
				if _, err := st.Cancel(st.As, deployment.CancelInput{DeploymentID: id}); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 3 {
				if _, err := st.FillAll(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	domaintest.Wait(t, &all, "ends and sweeps")
	fillAll(t, st)
	st.SweepAbandoned(t, 0)
	st.wantPlaces(t, fair.Places, 1)
}

func fillAll(t *testing.T, st *stack) {
	t.Helper()
	_, err := st.FillAll(t.Context())
	must(t, err)
}
