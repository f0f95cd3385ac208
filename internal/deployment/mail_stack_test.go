package deployment_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/postgres"
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
	n, err := st.outbox.Sweep(t.Context())
	must(t, err)
	type queued struct {
		ID  int64 `db:"id"`
		Job int64 `db:"job_id"`
	}
	lot, err := postgres.All(t.Context(), st.pool, pgx.RowToStructByName[queued], `SELECT m.id, m.job_id FROM mails m
		JOIN river_job j ON j.id = m.job_id WHERE m.state = 'QUEUED' AND m.claimed_until IS NULL ORDER BY j.priority, j.id`)
	must(t, err)
	for _, q := range lot {
		must(t, st.outbox.Deliver(t.Context(), q.ID, q.Job))
	}
	return n
}

// told schedules the product in an hour, and says who is told of it.
func (st *stack) told(t *testing.T, n deployment.NotificationSettings) *deployment.Deployment {
	t.Helper()
	in := st.in(t, simple, time.Hour)
	in.Notifications = n
	return st.schedule(t, in)
}

// miss lets the time of d pass without anybody starting it.
func (st *stack) miss(t *testing.T, d *deployment.Deployment) {
	t.Helper()
	st.at(t, d.DueAt.Add(16*time.Minute))
	st.holdMissed(t, 1)
}

// states counts the rows of mails by what became of them.
func (st *stack) states(t *testing.T) map[string]int {
	t.Helper()
	type state struct {
		What string `db:"what"`
		N    int    `db:"n"`
	}
	found, err := postgres.All(t.Context(), st.pool, pgx.RowToStructByName[state], `SELECT kind || ' ' || state AS what, count(*) AS n FROM mails GROUP BY 1`)
	must(t, err)
	out := map[string]int{}
	for _, s := range found {
		out[s.What] = s.N
	}
	return out
}
