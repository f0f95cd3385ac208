package domaintest

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
)

// Database is the one that a Stack is on.
type Database struct{ Pool *pgxpool.Pool }

// Exec changes the database as a person with psql does.
func (db Database) Exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := db.Pool.Exec(t.Context(), sql, args...)
	Must(t, err)
}

// WaitsForALock returns once a session of the database does.
func (db Database) WaitsForALock(t *testing.T) {
	t.Helper()
	db.Until(t, "somebody who waits for a lock", `SELECT EXISTS (SELECT FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock')`)
}

// Until waits until a query says true; what says what that means.
func (db Database) Until(t *testing.T, what, sql string, args ...any) {
	t.Helper()
	Until(t, what, func() (is bool) {
		Must(t, db.Pool.QueryRow(t.Context(), sql, args...).Scan(&is))
		return is
	})
}

// Clock is golive_now().
func (db Database) Clock(t *testing.T) (now time.Time) {
	t.Helper()
	Must(t, db.Pool.QueryRow(t.Context(), `SELECT golive_now()`).Scan(&now))
	return now
}

// At moves the clock of all processes to that instant.
func (db Database) At(t *testing.T, when time.Time) {
	t.Helper()
	db.Exec(t, `INSERT INTO clock (clock_offset) VALUES ($1::timestamptz - now())
		ON CONFLICT (singleton) DO UPDATE SET clock_offset = EXCLUDED.clock_offset`, when)
}

// Advance moves the clock by which things are due.
func (db Database) Advance(t *testing.T, by time.Duration) {
	t.Helper()
	db.Exec(t, `INSERT INTO clock (clock_offset) VALUES ($1::interval)
		ON CONFLICT (singleton) DO UPDATE SET clock_offset = clock.clock_offset + EXCLUDED.clock_offset`, by)
}

// Copies adds schedules like one that there is. set may change columns of them.
func (db Database) Copies(t *testing.T, id string, n int, set string) {
	t.Helper()
	db.Exec(t, fmt.Sprintf(`CREATE TEMP TABLE copies AS SELECT d.* FROM deployments d, generate_series(1, %d) WHERE id = '%s';
		UPDATE copies SET id = gen_random_uuid() %s; INSERT INTO deployments SELECT * FROM copies; DROP TABLE copies`, n, id, set))
}

// ResolvedBy makes it look as if other time zone data had resolved a schedule, an hour
// off, say.
func (db Database) ResolvedBy(t *testing.T, version string, off time.Duration, id string) {
	t.Helper()
	db.Exec(t, `UPDATE deployments SET tzdata_version = $1, due_at = due_at + $2::interval WHERE id = $3`, version, off, id)
}

// Job is the River job that may carry a deployment out.
func (db Database) Job(t *testing.T, id string) (job int64) {
	t.Helper()
	Must(t, db.Pool.QueryRow(t.Context(), `SELECT job_id FROM deployments WHERE id = $1`, id).Scan(&job))
	return job
}

// Notices counts the rows of mails by their kind and what became of them.
func (db Database) Notices(t *testing.T) map[string]int {
	t.Helper()
	type state struct {
		What string `db:"what"`
		N    int    `db:"n"`
	}
	found, err := postgres.All(t.Context(), db.Pool, pgx.RowToStructByName[state], `SELECT kind || ' ' || state AS what, count(*) AS n FROM mails GROUP BY 1`)
	Must(t, err)
	out := map[string]int{}
	for _, s := range found {
		out[s.What] = s.N
	}
	return out
}
