package deployment_test

import (
	"testing"
	"time"
)

// However many reminders wait for their time, and however many mails are out, a
// sweep reads what is due and nothing else.
func TestAMailSweepsCostIsFlat(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.withMail(t)
	d := st.told(t, byMail)
	for _, analyze := range []bool{false, true} {
		few := st.mailPages(t)
		st.exec(t, `INSERT INTO mails (tenant_id, deployment_id, version, kind, remind_minutes, recipient, actor, required, importance,
				due_at, next_at, state, settled_at)
			SELECT tenant_id, id, 1, 'REMINDER', n, $2, '', false, 4, at, at,
				CASE WHEN n % 3 = 0 THEN 'SENT' ELSE 'WAITING' END, CASE WHEN n % 3 = 0 THEN golive_now() END
			FROM deployments, generate_series(1, 7000) AS n, LATERAL (SELECT golive_now() + make_interval(mins => n + 100) AS at) AS t
			WHERE id = $1`, d.ID, time.Now().String())
		if analyze {
			st.exec(t, `ANALYZE mails`)
		}
		if many := st.mailPages(t); many > few+15 {
			t.Errorf("a sweep reads %d pages beside 7,000 others, and %d without (analyzed: %v)", many, few, analyze)
		}
	}
}

// mailPages counts the pages that a sweep touches which finds one mail due.
func (st *stack) mailPages(t *testing.T) (pages int) {
	t.Helper()
	tx, err := st.pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // what EXPLAIN has done is nothing to keep
	for sql, arg := range st.MailSweepQueries() {
		pages += pagesOf(t, tx, sql, arg)
	}
	return pages
}
