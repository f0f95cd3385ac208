package runner_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
)

// A dead owner's deployment gets a new job; whoever held the old one is fenced out.
func TestTakeoverFromTheDead(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	old := st.Job(t, d.ID)
	st.Exec(t, `UPDATE deployments SET lease_until = now() - interval '1 second', owner = 'dead' WHERE id = $1`, d.ID)
	st.SweepAbandoned(t, 1)
	if st.Job(t, d.ID) == old {
		t.Error("the job is still the dead one's")
	}
	var state string
	must(t, st.Pool.QueryRow(t.Context(), `SELECT state FROM river_job WHERE id = $1`, old).Scan(&state))
	if state != "discarded" {
		t.Errorf("the old job is %s", state)
	}
	must(t, st.Runner.Run(st.As, d.ID, old, "late"))
	st.WantStatus(t, d.ID, deployment.Pending)
	st.SweepAbandoned(t, 0)
	st.Work(t)
	if end := st.End(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s", end.Status)
	}
}

// Whatever happens to River's row, the deployment's own row brings it back.
func TestTakeoverReplacesLostJobs(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for name, lose := range map[string]string{
		"gone":                       `DELETE FROM river_job WHERE id = $1`,
		"cancelled":                  `UPDATE river_job SET state = 'cancelled', finalized_at = now() WHERE id = $1`,
		"completed":                  `UPDATE river_job SET state = 'completed', finalized_at = now() WHERE id = $1`,
		"fetched and never acquired": `UPDATE river_job SET state = 'running', attempted_at = now() - interval '11 seconds' WHERE id = $1`,
	} {
		d := st.StartGoLive(t, st.Product(t, simple).ID)
		st.SweepAbandoned(t, 0)
		st.Exec(t, lose, st.Job(t, d.ID))
		if n, err := st.Runner.TakeOver(t.Context()); n != 1 || err != nil {
			t.Errorf("%s: swept %d, %v", name, n, err)
		}
		st.CallOff(t, d.ID)
	}
}

// A worker whose lifeline has ended is dead, however long its lease. One of an earlier
// version has none, and what it took over from one that had is its own.
func TestTakeoverAtTheEndOfALifeline(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	alive, err := st.Runner.Lifeline.Await(t.Context())
	must(t, err)
	const dead = 7
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	for name, c := range map[string]struct {
		lifeline any
		epoch    int
		want     int
	}{
		"alive":                           {alive, 5, 0},
		"of an earlier version":           {nil, 5, 0},
		"of an earlier version, after it": {dead, 4, 0},
		"dead":                            {dead, 5, 1},
	} {
		st.Exec(t, `UPDATE deployments SET owner = 'worker', epoch = 5, lease_until = now() + interval '1 hour',
			lifeline = $2, lifeline_epoch = $3 WHERE id = $1`, d.ID, c.lifeline, c.epoch)
		old := st.Job(t, d.ID)
		if n, err := st.Runner.TakeOver(t.Context()); n != c.want || err != nil {
			t.Errorf("%s: took over %d, %v", name, n, err)
		}
		if (st.Job(t, d.ID) != old) != (c.want == 1) {
			t.Errorf("%s: job %d after %d", name, st.Job(t, d.ID), old)
		}
	}
}

// What was let go waits for its time, whoever had it: a parked deployment is nobody's.
func TestTakeoverLeavesWhatIsParked(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	st.Exec(t, `UPDATE deployments SET epoch = 5, lifeline = 7, lifeline_epoch = 5, lease_until = NULL, retry_at = now() + interval '1 hour'
		WHERE id = $1`, d.ID)
	st.SweepAbandoned(t, 0)
}
