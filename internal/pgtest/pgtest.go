// Package pgtest gives each test a migrated Postgres database of its own.
//
// All test binaries of a `go test ./...` share one server, kept in memory where
// the system has a /dev/shm; the last one to leave lets it end. A database is a
// copy of a template that is migrated once, so it costs milliseconds.
// TEST_DATABASE_URL (a superuser's URL of any database) replaces that server.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
)

// New returns a pool on a database of t's own, with the newest schema and no
// rows. Both are gone after t and its cleanups.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closePool(t, pool) })
	return pool
}

// URL returns the DATABASE_URL of a database as New makes it, for tests that
// start processes of their own.
func URL(t testing.TB) string {
	t.Helper()
	return create(t, true)
}

// Empty returns the DATABASE_URL of a database without any schema.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, false)
}

// Kept returns the DATABASE_URL of a database as New makes it that is no test's own. It lives
// as long as this process has a session in it: no process is told that its tests are over, so
// the next one's sweep drops it, or the end of the server.
func Kept(ctx context.Context) (string, error) {
	s, err := shared()
	if err != nil {
		return "", err
	}
	name := databaseName("kept", time.Now())
	_, err = s.admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+s.template+s.strategy)
	return s.dsn(name), err
}

// closePool waits for no lost connection: a test that forgets to release one
// shall fail, not hang.
func closePool(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Errorf("%d connections were never released to the pool: a missing rows.Close, Release or Rollback", pool.Stat().AcquiredConns())
	}
}

// server is what one test binary knows of the shared server.
type server struct {
	admin    *pgxpool.Pool // its size bounds how many databases are made at once
	url      *url.URL
	template string
	strategy string
}

// shared is connected at the first use.
var shared = sync.OnceValues(connect)

func create(t testing.TB, migrated bool) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	name := databaseName("test", time.Now())
	sql := "CREATE DATABASE " + name
	if migrated {
		sql += " TEMPLATE " + s.template + s.strategy
	}
	if _, err := s.admin.Exec(context.Background(), sql); err != nil {
		t.Fatalf("test database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.drop(context.Background(), name); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	return s.dsn(name)
}

// databaseName carries its time of birth, by which sweep knows the abandoned.
func databaseName(kind string, now time.Time) string {
	return fmt.Sprintf("golive_%s_%d_%s", kind, now.Unix(), strings.ToLower(rand.Text()[:10]))
}

func (s *server) dsn(db string) string {
	u := *s.url
	u.Path = "/" + db
	return u.String()
}

// drop ends the connections of processes that the test left behind.
func (s *server) drop(ctx context.Context, db string) error {
	_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{db}.Sanitize()+" WITH (FORCE)")
	return err
}
