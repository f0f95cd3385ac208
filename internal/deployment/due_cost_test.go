package deployment_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
)

// However many wait or are held, a sweep and a look at the metrics read what is due
// and nothing else. The pages they read say so, whatever the clock on the wall does.
func TestASweepsCostIsFlat(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	// Statistics that are out of date are the usual case; so is a table that has them.
	for _, analyze := range []bool{false, true} {
		few := st.pagesRead(t, d)
		st.copies(t, d.ID, 5_000, ", due_at = due_at + random() * interval '300 days' + interval '1 day', test_snapshot = NULL, plan = NULL, validation = NULL")
		st.copies(t, d.ID, 2_000, ", due_at = due_at - interval '1 day', wait_reason = 'MISSED', test_snapshot = NULL, plan = NULL, validation = NULL")
		if analyze {
			st.exec(t, `ANALYZE deployments`)
		}
		if many := st.pagesRead(t, d); many > few+10 {
			t.Errorf("a sweep reads %d pages beside 7,000 others, and %d without (analyzed: %v)", many, few, analyze)
		}
	}
}

// pagesRead counts the pages that a sweep touches which finds one due.
func (st *stack) pagesRead(t *testing.T, d *deployment.Deployment) (pages int) {
	t.Helper()
	st.at(t, d.DueAt.Add(time.Second))
	tx, err := st.pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // what EXPLAIN has done is nothing to keep
	for _, sweep := range deployment.SweepQueries() {
		pages += pagesOf(t, tx, sweep.SQL, sweep.Args...)
	}
	return pages + pagesOf(t, tx, deployment.OpsStatusSQL)
}

func pagesOf(t *testing.T, tx pgx.Tx, sql string, args ...any) int {
	t.Helper()
	var raw []byte
	must(t, tx.QueryRow(t.Context(), `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+sql, args...).Scan(&raw))
	var explained []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		} `json:"Plan"`
	}
	must(t, json.Unmarshal(raw, &explained))
	return explained[0].Plan.Hit + explained[0].Plan.Read
}
