package deployment_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/deployment"
)

const admin = "admin@acme.example"

// advance moves the clock by which things are due.
func (st *stack) advance(t *testing.T, by time.Duration) {
	t.Helper()
	st.exec(t, `INSERT INTO clock (clock_offset) VALUES ($1::interval)
		ON CONFLICT (singleton) DO UPDATE SET clock_offset = clock.clock_offset + EXCLUDED.clock_offset`, by)
}

// deliver hands out what is due and sends it, as a worker would, until nothing is
// left that goes out now.
func (st *stack) deliver(t *testing.T) {
	t.Helper()
	for st.deliverLot(t) > 0 {
	}
}

// deliverLot is one sweep of deliver.
func (st *stack) deliverLot(t *testing.T) int {
	t.Helper()
	n, err := st.SweepMail(t.Context())
	must(t, err)
	rows, err := st.pool.Query(t.Context(), `SELECT m.id, m.job_id FROM mails m JOIN river_job j ON j.id = m.job_id
		WHERE m.state = 'QUEUED' AND m.claimed_until IS NULL ORDER BY j.priority, j.id`)
	must(t, err)
	var ids, jobs []int64
	for rows.Next() {
		var id, job int64
		must(t, rows.Scan(&id, &job))
		ids, jobs = append(ids, id), append(jobs, job)
	}
	must(t, rows.Err())
	for i, id := range ids {
		must(t, st.Deliver(t.Context(), id, jobs[i]))
	}
	return n
}

// schedule writes a deployment that is due after some time, and tells of it.
func (st *stack) schedule(t *testing.T, after time.Duration, n deployment.NotificationSettings) string {
	t.Helper()
	settings, err := json.Marshal(n)
	must(t, err)
	p := st.product(t, simple)
	id := uuid.Must(uuid.NewV7()).String()
	st.exec(t, `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status,
			wait_reason, requested_by, input_digest, due_at, time_zone, if_changed, drift_seen, notifications)
		VALUES ($1, $2, $3, 'acct_x', $4, 'GO_LIVE', 'SCHEDULED', 'SCHEDULED', 'DUE_TIME', $5, 'x', golive_now() + $6::interval,
			'America/New_York', 'HOLD', '', $7)`, id, st.tenant.ID, p.ID, simple, admin, after, settings)
	must(t, st.Tell(st.as, id, deployment.NoticeScheduled))
	return id
}

// reschedule moves it, as seen from now.
func (st *stack) reschedule(t *testing.T, id string, after time.Duration) {
	t.Helper()
	st.exec(t, `UPDATE deployments SET due_at = golive_now() + $2::interval, version = version + 1, wait_reason = 'DUE_TIME' WHERE id = $1`, id, after)
	must(t, st.Tell(st.as, id, deployment.NoticeRescheduled))
}

// miss holds it, because nobody could start it.
func (st *stack) miss(t *testing.T, id string) {
	t.Helper()
	st.exec(t, `UPDATE deployments SET version = version + 1, wait_reason = 'MISSED', progress_message = 'Nobody could start it in time.' WHERE id = $1`, id)
	must(t, st.Tell(t.Context(), id, deployment.NoticeMissed))
}

// states counts the rows of mails by what became of them.
func (st *stack) states(t *testing.T) map[string]int {
	t.Helper()
	rows, err := st.pool.Query(t.Context(), `SELECT kind || ' ' || state, count(*) FROM mails GROUP BY 1`)
	must(t, err)
	out := map[string]int{}
	for rows.Next() {
		var what string
		var n int
		must(t, rows.Scan(&what, &n))
		out[what] = n
	}
	must(t, rows.Err())
	return out
}

// run carries a deployment out here and now.
func (st *stack) run(t *testing.T, d *deployment.Deployment) *deployment.Deployment {
	t.Helper()
	must(t, st.Run(t.Context(), d.ID, st.job(t, d.ID), "test"))
	return st.end(t, d.ID)
}
