package deployment_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
)

// Newer rules move what was resolved by older ones, and say so; what was resolved
// by newer ones than ours, and chosen instants, they leave alone.
func TestTimeZoneDataMoveWallTimes(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC))
	older := st.byWall(t, simple, newYork, "America/New_York")
	same := st.byWall(t, simple, newYork, "America/Chicago")
	newer := st.byWall(t, simple, newYork, "America/New_York")
	instant := st.InAnHour(t, simple)
	st.ResolvedBy(t, "2020a", time.Hour, older.ID)
	st.ResolvedBy(t, "2020b", 0, same.ID)
	st.ResolvedBy(t, "2999z", time.Hour, newer.ID)
	st.SweepOldZones(t, 1)
	st.SweepOldZones(t, 0)
	got := st.Look(t, older.ID)
	if !got.DueAt.Equal(*older.DueAt) || got.Version != older.Version+1 || *got.ChangedBy != "golive" {
		t.Errorf("due %v, version %d by %v", got.DueAt, got.Version, got.ChangedBy)
	}
	if m := got.ProgressMessage; !strings.Contains(m, "America/New_York") || !strings.Contains(m, "2027-12-25 14:00:00 UTC") {
		t.Errorf("told %q", m)
	}
	if got := st.Look(t, same.ID); !got.DueAt.Equal(*same.DueAt) || got.Version != same.Version || got.LastSequence != same.LastSequence {
		t.Errorf("what did not move: %v, version %d", got.DueAt, got.Version)
	}
	if got := st.Look(t, newer.ID); !got.DueAt.Equal(newer.DueAt.Add(time.Hour)) {
		t.Errorf("older data turned the clock back to %v", got.DueAt)
	}
	if got := st.Look(t, instant.ID); !got.DueAt.Equal(*instant.DueAt) {
		t.Errorf("an instant moved to %v", got.DueAt)
	}
	var versions string
	must(t, st.Pool.QueryRow(t.Context(), `SELECT string_agg(DISTINCT tzdata_version, ' ') FROM deployments`).Scan(&versions))
	if versions != localtime.Version()+" 2999z" {
		t.Errorf("versions %s", versions)
	}
	var audits int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM audit_log WHERE action = 'deployment.moved'`).Scan(&audits))
	if audits != 1 {
		t.Errorf("%d audit entries", audits)
	}
}

// One whose time has passed by the new rules is due, or missed.
func TestTimeZoneDataMoveIntoThePast(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 12, 25, 0, 0, 0, 0, time.UTC))
	due, missed := st.byWall(t, simple, newYork, "America/New_York"), st.byWall(t, coffee, localtime.Date(2027, 12, 25, 8, 0, 0), "America/New_York")
	for _, d := range []*deployment.Deployment{due, missed} {
		st.ResolvedBy(t, "2020a", 3*time.Hour, d.ID)
	}
	st.At(t, due.DueAt.Add(time.Minute))
	n, err := st.StartDue(t.Context())
	must(t, err)
	st.SweepOldZones(t, 2)
	st.SweepMissed(t, 1)
	st.SweepDue(t, due, 2*time.Minute, 1)
	st.WantStatus(t, due.ID, deployment.Pending)
	st.WantWaiting(t, missed.ID, deployment.WaitMissed)
	if n != 0 {
		t.Errorf("%d began by the old rules", n)
	}
}

// A person wanted to be asked about readings that clocks show twice; new rules that
// make one of the chosen reading ask nobody, and take the first.
func TestTimeZoneDataAskNobody(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 10, 1, 0, 0, 0, 0, time.UTC))
	d := st.byWall(t, simple, localtime.Date(2027, 11, 7, 1, 30, 0), "America/New_York")
	st.Exec(t, `UPDATE deployments SET disambiguation = 'REJECT', time_resolution = 'UNIQUE' WHERE id = $1`, d.ID)
	st.ResolvedBy(t, "2020a", time.Hour, d.ID)
	st.SweepOldZones(t, 1)
	if got := st.Look(t, d.ID); !got.DueAt.Equal(*d.DueAt) || *got.TimeResolution != localtime.OverlapEarlier {
		t.Errorf("due %v, %s", got.DueAt, *got.TimeResolution)
	}
}

// A zone that new data have dropped leaves its schedules where they are.
func TestTimeZoneDataWithoutAZoneMoveNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.At(t, time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC))
	d := st.Schedule(t, deployment.ScheduleInput{
		ProductID: st.Product(t, simple).ID, When: moment.When{Local: &newYork, Zone: "America/New_York"}, Notifications: byMail,
	})
	st.Deliver(t)
	post.Take()
	st.Exec(t, `UPDATE deployments SET time_zone = 'Atlantis/Capital' WHERE id = $1`, d.ID)
	st.ResolvedBy(t, "2020a", 0, d.ID)
	st.SweepOldZones(t, 0)
	if got := st.Look(t, d.ID); !got.DueAt.Equal(*d.DueAt) {
		t.Errorf("due %v", got.DueAt)
	}
	st.SweepDue(t, d, time.Second, 1)
	st.CarryOut(t, d.ID)
	st.Deliver(t)
	if got := subjects(post.Take()); got != "Live" {
		t.Errorf("told %s", got)
	}
}

// Processes that start at once share the work: none waits for a lot that another one
// is at, nor does any of it again.
func TestTimeZoneDataAreAppliedSideBySide(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC))
	d := st.byWall(t, simple, newYork, "America/New_York")
	st.ResolvedBy(t, "2020a", time.Hour, d.ID)
	st.Copies(t, d.ID, 250, "")
	tx, err := st.Pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // it may have ended
	_, err = tx.Exec(t.Context(), `SELECT FROM deployments ORDER BY due_at, id LIMIT 100 FOR NO KEY UPDATE`)
	must(t, err)
	st.SweepOldZones(t, 151)
	must(t, tx.Rollback(t.Context())) // that process died
	var all sync.WaitGroup
	var moved atomic.Int64
	for range 3 {
		all.Go(func() {
			n, err := st.ResolveAgain(t.Context())
			if err != nil {
				t.Error(err)
			}
			moved.Add(int64(n))
		})
	}
	domaintest.Wait(t, &all, "three at once")
	if n := moved.Load(); n != 100 {
		t.Errorf("%d moved of the 100 that were left", n)
	}
}

// What is due next is moved first, whichever data resolved it: a lot that fails costs
// those that have more time.
func TestTimeZoneDataAreAppliedToTheNextFirst(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC))
	next := st.byWall(t, simple, newYork, "America/New_York")
	st.ResolvedBy(t, "2020b", time.Hour, next.ID)
	st.Copies(t, next.ID, 99, ", tzdata_version = '2020a', due_at = due_at + interval '1 day'")
	st.Copies(t, next.ID, 1, ", tzdata_version = '2020a', due_at = due_at + interval '2 days', reason = 'last'")
	st.Exec(t, `ALTER TABLE deployments ADD CHECK (reason <> 'last' OR tzdata_version = '2020a') NOT VALID`)
	if n, err := st.ResolveAgain(t.Context()); n != 100 || err == nil {
		t.Errorf("%d moved, and %v", n, err)
	}
	if got := st.Look(t, next.ID); !got.DueAt.Equal(*next.DueAt) {
		t.Errorf("due %v", got.DueAt)
	}
}

// More than a lot, and a worker does it when it starts.
func TestTimeZoneDataAreAppliedByAWorkerThatStarts(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC))
	d := st.byWall(t, simple, newYork, "America/New_York")
	st.ResolvedBy(t, "2020a", time.Hour, d.ID)
	st.Copies(t, d.ID, 250, "")
	st.Work(t)
	st.Until(t, "all to be resolved anew", `SELECT count(*) = 0 FROM deployments WHERE tzdata_version = '2020a'`)
	var wrong int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM deployments WHERE due_at <> $1`, *d.DueAt).Scan(&wrong))
	if wrong != 0 {
		t.Errorf("%d at another time", wrong)
	}
}
