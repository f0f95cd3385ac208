package outbox_test

import (
	"testing"
	"time"
)

// However many of one person's reminders wait for their time, and however many
// mails are out, a sweep and a look at the metrics read what is due and nothing else.
func TestSweepCostIsFlat(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.WithMail(t)
	d := st.Told(t, byMail)
	st.At(t, d.DueAt.Add(-29*time.Minute)) // its reminder is due
	for round, analyze := range []bool{false, true} {
		few := st.mailPages(t)
		st.Exec(t, `INSERT INTO mails (tenant_id, deployment_id, version, kind, remind_minutes, recipient, actor, required, importance,
				due_at, next_at, state, settled_at)
			SELECT tenant_id, id, 10 + $3, 'REMINDER', n, $2, '', false, 4, at, at,
				CASE WHEN n % 3 = 0 THEN 'SENT' ELSE 'WAITING' END, CASE WHEN n % 3 = 0 THEN at - interval '10 days' END
			FROM deployments, generate_series(1, 7000) AS n, LATERAL (SELECT golive_now() + make_interval(mins => n + 100) AS at) AS t
			WHERE id = $1`, d.ID, admin, round)
		if analyze {
			st.Exec(t, `ANALYZE mails`)
		}
		for i, many := range st.mailPages(t) {
			if many > few[i]+15 {
				t.Errorf("query %d reads %d pages beside 7,000 others, and %d without (analyzed: %v)", i, many, few[i], analyze)
			}
		}
	}
}
