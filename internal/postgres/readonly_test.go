package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// spell makes the database of a new pool read-only for new sessions, as providers do
// whose disk is full, and fills the pool with such sessions.
func spell(t *testing.T, begin string) (url string, pool *pgxpool.Pool, end func()) {
	t.Helper()
	url = pgtest.URL(t)
	admin, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.Background()) })
	alter := func(sql string) {
		var name string
		if err := admin.QueryRow(t.Context(), `SELECT quote_ident(current_database())`).Scan(&name); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Exec(t.Context(), `ALTER DATABASE `+name+` `+sql); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := admin.Exec(t.Context(), `CREATE TABLE wishes (n int)`); err != nil {
		t.Fatal(err)
	}
	alter(begin)
	if pool, err = postgres.Open(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	var all []*pgxpool.Conn
	for range pool.Config().MaxConns {
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, conn)
	}
	for _, conn := range all {
		conn.Release()
	}
	return url, pool, func() { alter(`RESET ALL`) }
}

func wish(ctx context.Context, pool *pgxpool.Pool) error {
	return postgres.InTx(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO wishes VALUES (1)`)
		return err
	})
}

// A session that took no write is not used again: once the database takes some, no
// session of before stands in the way for long.
func TestReadOnlySessionsAreLeft(t *testing.T) {
	t.Parallel()
	_, pool, end := spell(t, `SET default_transaction_read_only = on`)
	refused := 0
	for range pool.Config().MaxConns {
		err := wish(t.Context(), pool)
		if fault.CodeOf(err) != fault.Unavailable || !postgres.IsAway(err) {
			t.Fatalf("in a spell: %v", err)
		}
		refused++
	}
	end()
	// What began before the end may still be there: each once at most.
	for range pool.Config().MaxConns + 1 {
		err := wish(t.Context(), pool)
		if err == nil {
			return
		}
	}
	t.Errorf("after %d refusals in the spell each session refuses again", refused)
}

// One that only reads never learns: it is left by its age.
func TestReadOnlySessionsGrowOld(t *testing.T) {
	t.Parallel()
	_, pool, end := spell(t, `SET default_transaction_read_only = on`)
	end()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for setting := ""; setting != "off"; {
		if err := pool.QueryRow(ctx, `SHOW default_transaction_read_only`).Scan(&setting); err != nil {
			t.Fatal(err)
		}
	}
}

// Reads go on in a spell.
func TestReadOnlyDatabaseIsRead(t *testing.T) {
	t.Parallel()
	_, pool, _ := spell(t, `SET default_transaction_read_only = on`)
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM wishes`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d %v", n, err)
	}
}

// A statement that fails for a reason of its own costs no session.
func TestMistakesKeepTheirSession(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	pid := func() (pid int) {
		if err := pool.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			t.Fatal(err)
		}
		return pid
	}
	before := pid()
	if _, err := pool.Exec(t.Context(), `SELECT 1/0`); err == nil {
		t.Fatal("no error")
	}
	if err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error { // 25P02 at the second
		_, _ = tx.Exec(t.Context(), `SELECT 1/0`)
		_, err := tx.Exec(t.Context(), `SELECT 1`)
		return err
	}); err == nil || fault.CodeOf(err) != fault.Internal {
		t.Errorf("a failed transaction: %v", err)
	}
	if after := pid(); after != before {
		t.Errorf("session %d after %d", after, before)
	}
}

// Nothing outlives the end of a session: the next use has another one.
func TestEndedSessionsAreReplaced(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for range 3 {
		err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error { // 57P01
			_, err := tx.Exec(t.Context(), `SELECT pg_terminate_backend(pg_backend_pid())`)
			return err
		})
		if fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("%v", err)
		}
		if _, err := pool.Exec(t.Context(), `SELECT 1`); err != nil {
			t.Errorf("the next one: %v", err)
		}
	}
}
