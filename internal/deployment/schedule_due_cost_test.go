package deployment_test

import "testing"

// However many wait or are held, a sweep and a look at the metrics read what is due
// and nothing else. The pages they read say so, whatever the clock on the wall does.
func TestDueSweepCostIsFlat(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	// Statistics that are out of date are the usual case; so is a table that has them.
	for _, analyze := range []bool{false, true} {
		few := st.pagesRead(t, d)
		st.Copies(t, d.ID, 5_000, ", due_at = due_at + random() * interval '300 days' + interval '1 day', test_snapshot = NULL, plan = NULL, validation = NULL")
		st.Copies(t, d.ID, 2_000, ", due_at = due_at - interval '1 day', wait_reason = 'MISSED', test_snapshot = NULL, plan = NULL, validation = NULL")
		if analyze {
			st.Exec(t, `ANALYZE deployments`)
		}
		if many := st.pagesRead(t, d); many > few+10 {
			t.Errorf("a sweep reads %d pages beside 7,000 others, and %d without (analyzed: %v)", many, few, analyze)
		}
	}
}
