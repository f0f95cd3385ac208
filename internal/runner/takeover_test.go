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
