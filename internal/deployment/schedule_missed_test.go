package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/stripesim"
)

// Down over the due time: within the grace it begins, once, and its lateness is
// told; later it is held and nothing is in live.
func TestMissedAfterTheGrace(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.At(t, d.DueAt.Add(14*time.Minute+50*time.Second))
	st.SweepMissed(t, 0)
	st.At(t, d.DueAt.Add(15*time.Minute+time.Second))
	n, err := st.StartDue(t.Context())
	must(t, err)
	st.SweepMissed(t, 1)
	st.SweepMissed(t, 0)
	held := st.WantWaiting(t, d.ID, deployment.WaitMissed)
	if n != 0 || held.Version != d.Version+1 || !strings.Contains(held.ProgressMessage, "15 minutes") {
		t.Errorf("%d began; version %d, %q", n, held.Version, held.ProgressMessage)
	}
	var audits int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM audit_log WHERE subject = $1 AND action = 'deployment.missed' AND actor = 'golive'`, d.ID).Scan(&audits))
	if audits != 1 {
		t.Errorf("%d audit entries", audits)
	}
	// However late it gets, no sweep takes it.
	st.SweepDue(t, d, 24*time.Hour, 0)
	if n := len(st.Writes(t)); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// What was in the way is said.
func TestMissedTellsWhy(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	busy := st.InAnHour(t, simple)
	st.StartGoLive(t, busy.ProductID)
	st.At(t, busy.DueAt.Add(time.Hour))
	st.SweepMissed(t, 1)
	if d := st.Look(t, busy.ID); !strings.Contains(d.ProgressMessage, "another deployment of the product was running") {
		t.Errorf("told %q", d.ProgressMessage)
	}
	paused := st.Schedule(t, st.In(t, coffee, time.Hour))
	must(t, pause.Begin(t.Context(), st.Pool, "ops", "maintenance"))
	st.At(t, paused.DueAt.Add(time.Hour))
	st.SweepMissed(t, 1)
	if d := st.Look(t, paused.ID); !strings.Contains(d.ProgressMessage, "an operator had paused Golive") {
		t.Errorf("told %q", d.ProgressMessage)
	}
}

// A database so slow that a lot takes longer than its time holds them all the same.
func TestMissedIsHeldByASlowDatabase(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Copies(t, d.ID, 7, "")
	st.Exec(t, `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.35); RETURN NEW; END $$;
		CREATE TRIGGER slow BEFORE UPDATE ON deployments FOR EACH ROW EXECUTE FUNCTION slow()`)
	st.Runner.Lease = 4 * time.Second
	st.At(t, d.DueAt.Add(time.Hour))
	st.SweepMissed(t, 8)
}

// Five hundred missed at once are five hundred held, and none begins.
func TestMissedInADowntimeBurstsNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Copies(t, d.ID, 499, "")
	st.Work(t)
	st.At(t, d.DueAt.Add(2*time.Hour))
	st.Until(t, "five hundred to be held", `SELECT count(*) >= 500 FROM deployments WHERE status = 'SCHEDULED' AND wait_reason = 'MISSED'`)
	var others, jobs int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM deployments WHERE wait_reason IS DISTINCT FROM 'MISSED'),
		(SELECT count(*) FROM river_job)`).Scan(&others, &jobs))
	if others != 0 || jobs != 0 || len(st.Writes(t)) != 0 {
		t.Errorf("%d not held, %d jobs, %d writes", others, jobs, len(st.Writes(t)))
	}
}

// One that was let begin, and that no worker took up in time, is held when its lease
// is taken, or before, by the sweep.
func TestMissedIsCheckedWhenTheLeaseIsTaken(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"lease", "sweep"} {
		st := newStack(t)
		d := st.InAnHour(t, simple)
		st.SweepDue(t, d, time.Second, 1)
		job := st.Job(t, d.ID)
		st.At(t, d.DueAt.Add(15*time.Minute+time.Second))
		if by == "sweep" {
			st.SweepMissed(t, 1)
		}
		must(t, st.Runner.Run(t.Context(), d.ID, job, "late worker"))
		held := st.WantWaiting(t, d.ID, deployment.WaitMissed)
		if n := len(st.Writes(t)); n != 0 || held.StartedAt != nil {
			t.Errorf("%s: %d writes, started %v", by, n, held.StartedAt)
		}
		st.SweepAbandoned(t, 0)
		// It locks nothing.
		now := st.StartGoLive(t, d.ProductID)
		st.CallOff(t, now.ID)
		// A person frees it, and its new job is the only one that counts.
		_, err := st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: d.ID, Version: &held.Version})
		must(t, err)
		must(t, st.Runner.Run(t.Context(), d.ID, job, "late worker"))
		st.WantStatus(t, d.ID, deployment.Pending)
		if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
			t.Errorf("%s: %s %+v", by, end.Status, end.Error)
		}
	}
}

// A pause over the due time, met while it was being checked: the sweep holds it,
// since whoever resumes the world hours later means no such thing.
func TestMissedInAPauseDuringTheChecks(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.SweepDue(t, d, 0, 1)
	st.Exec(t, `UPDATE deployments SET status = 'VALIDATING', wait_reason = NULL, started_at = now() WHERE id = $1`, d.ID)
	must(t, pause.Begin(t.Context(), st.Pool, "ops", "maintenance"))
	st.At(t, d.DueAt.Add(5*time.Hour))
	st.SweepMissed(t, 1)
	st.WantWaiting(t, d.ID, deployment.WaitMissed)
}

// What is being written is never held.
func TestMissedIsNothingThatHasBegunToWrite(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.SweepDue(t, d, 0, 1)
	wait, release := st.Hold(t, 1, stripesim.AtAfter)
	job := st.Job(t, d.ID)
	done := make(chan error, 1)
	go func() { done <- st.Runner.Run(st.As, d.ID, job, "worker") }()
	wait()
	st.At(t, d.DueAt.Add(5*time.Hour))
	st.Exec(t, `UPDATE deployments SET lease_until = NULL, epoch = epoch + 1 WHERE id = $1`, d.ID)
	st.SweepMissed(t, 0)
	release()
	must(t, domaintest.Receive(t, done, "the end of the run"))
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// A cancel under way comes before everything.
func TestMissedComesAfterACancel(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.SweepDue(t, d, 0, 1)
	st.Exec(t, `UPDATE deployments SET status = 'VALIDATING', wait_reason = NULL WHERE id = $1`, d.ID)
	st.CallOff(t, d.ID)
	st.At(t, d.DueAt.Add(time.Hour))
	st.SweepMissed(t, 0)
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Cancelled {
		t.Errorf("%s", end.Status)
	}
	_, err := st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: d.ID})
	wantCode(t, err, fault.InvalidState)
}

// One that cannot be held, at the head of the lot, keeps no other from being held.
func TestMissedThatCannotBeHeldPoisonsNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Copies(t, d.ID, 120, ", due_at = due_at + interval '1 second'")
	st.Exec(t, `ALTER TABLE deployment_events ADD CONSTRAINT broken CHECK (deployment_id <> '`+d.ID+`') NOT VALID`)
	st.At(t, d.DueAt.Add(16*time.Minute))
	held := 0
	for range 3 {
		n, err := st.HoldMissed(t.Context())
		if err == nil || !strings.Contains(err.Error(), d.ID) {
			t.Errorf("told %v", err)
		}
		held += n
	}
	if held != 120 {
		t.Errorf("%d held", held)
	}
	st.Exec(t, `ALTER TABLE deployment_events DROP CONSTRAINT broken`)
	st.SweepMissed(t, 1)
}
