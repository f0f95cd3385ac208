package postgres_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// A pooler in transaction mode is refused at the start; one in session mode is none of
// our business.
func TestOpenRefusesPoolersThatShareSessions(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	for _, few := range []string{"", "&pool_max_conns=2"} {
		pool, err := postgres.Open(t.Context(), pgtest.NewPooler(t, url, true)+few)
		if err == nil {
			pool.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "PgBouncer's transaction mode") {
			t.Errorf("with %q: %v", few, err)
		}
		pool, err = postgres.Open(t.Context(), pgtest.NewPooler(t, url, false)+few)
		if err != nil {
			t.Errorf("in session mode, with %q: %v", few, err)
			continue
		}
		pool.Close()
	}
}
