package pgtest_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// A watched statement can be kept from Postgres, and those that may pass arrive.
func TestStatementsAreWatched(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	proxy := pgtest.NewProxy(t, url)
	var mu sync.Mutex
	var said []string
	proxy.Watch(func() pgtest.Teller {
		return func(sql string) bool {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, sql)
			return sql != `INSERT INTO mine VALUES ($1)`
		}
	})
	pool, err := postgres.Open(t.Context(), proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for _, sql := range []string{`CREATE TABLE mine (n int)`, `SELECT count(*) FROM mine`} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.Exec(t.Context(), `INSERT INTO mine VALUES ($1)`, 1); err == nil {
		t.Error("what was kept back was carried out")
	}
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM mine`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows, %v", n, err)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, sql := range []string{`CREATE TABLE mine (n int)`, `SELECT count(*) FROM mine`, `INSERT INTO mine VALUES ($1)`} {
		if !slices.Contains(said, sql) {
			t.Errorf("%s was not told, but %q", sql, said)
		}
	}
}
