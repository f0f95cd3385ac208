package domaintest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// NewWithoutWalks is New on a database that walks through a table only where nothing else
// leads to its rows, so that WalksNowhere tells of a statement that would take longer the
// more rows others have.
func NewWithoutWalks(t *testing.T) *Stack {
	t.Helper()
	url := pgtest.URL(t)
	pool, err := postgres.Open(t.Context(), url)
	Must(t, err)
	defer pool.Close()
	// Compiling what it takes for dear would take longer than what is done.
	for _, setting := range []string{"enable_seqscan", "jit"} {
		Database{pool}.Exec(t, fmt.Sprintf(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET %s = off', current_database()); END $$`, setting))
	}
	return NewOn(t, url)
}

// short are the tables that never have many rows: one, and one for each account whose places
// were all taken of late.
var short = map[string]bool{"clock": true, "account_full": true}

// WalksNowhere fails where what is done walks through a table that isn't short. It must ask
// the database nothing of the test's own.
func (st *Stack) WalksNowhere(t *testing.T, do func()) {
	t.Helper()
	before := st.walks(t)
	do()
	for table, n := range st.walks(t) {
		if n > before[table] && !short[table] {
			t.Errorf("%s was walked through %d times", table, n-before[table])
		}
	}
}

// walks are how often each table was walked through. Sessions tell as they end; those that
// listen read no table.
func (st *Stack) walks(t *testing.T) map[string]int {
	t.Helper()
	st.services.Tenants.DB.Reset()
	st.Pool.Reset()
	st.Until(t, "the sessions have ended", `SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND query !~* '^(un)?listen|^-- ping')`)
	all, err := postgres.All(t.Context(), st.Pool, pgx.RowToStructByPos[struct {
		Table string
		Walks int
	}], `SELECT relname, seq_scan FROM pg_stat_user_tables WHERE seq_scan > 0`)
	Must(t, err)
	of := map[string]int{}
	for _, one := range all {
		of[one.Table] = one.Walks
	}
	return of
}
