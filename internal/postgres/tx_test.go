package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// counters returns a pool with a table of two rows, a and b, both 0.
func counters(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := pgtest.New(t)
	exec(t, pool, `CREATE TABLE counters (id text PRIMARY KEY, n int NOT NULL); INSERT INTO counters VALUES ('a', 0), ('b', 0)`)
	return pool
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func sum(t *testing.T, pool *pgxpool.Pool) (n int) {
	t.Helper()
	if err := pool.QueryRow(context.Background(), `SELECT sum(n) FROM counters`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func add(ctx context.Context, tx pgx.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE counters SET n = n + 1 WHERE id = $1`, id)
	return err
}

func TestInTxCommitsOnNilAndRollsBackOnError(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), counters(t)
	if err := postgres.InTx(ctx, pool, func(tx pgx.Tx) error { return add(ctx, tx, "a") }); err != nil {
		t.Fatal(err)
	}
	mine := errors.New("no")
	err := postgres.InTx(ctx, pool, func(tx pgx.Tx) error { return errors.Join(add(ctx, tx, "a"), mine) })
	if !errors.Is(err, mine) {
		t.Fatalf("got %v, want the function's own error", err)
	}
	if got := sum(t, pool); got != 1 {
		t.Fatalf("%d increments are there, want the committed one", got)
	}
}

func TestInTxRollsBackOnPanicAndFreesTheConnection(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), counters(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = postgres.InTx(ctx, pool, func(tx pgx.Tx) error {
			if err := add(ctx, tx, "a"); err != nil {
				t.Error(err)
			}
			panic("no")
		})
	}()
	if got, held := sum(t, pool), pool.Stat().AcquiredConns(); got != 0 || held != 0 {
		t.Fatalf("%d increments and %d held connections after a panic, want none", got, held)
	}
}

// A caller who goes away must not cost the pool a connection.
func TestInTxKeepsTheConnectionWhenTheCallerGoesAway(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	made := pool.Stat().NewConnsCount()
	ctx, cancel := context.WithCancel(context.Background())
	err := postgres.InTx(ctx, pool, func(tx pgx.Tx) error {
		defer cancel()
		return errors.Join(add(ctx, tx, "a"), errors.New("no"))
	})
	if err == nil || sum(t, pool) != 0 {
		t.Fatalf("got %v and %d increments, want an error and none", err, sum(t, pool))
	}
	if now := pool.Stat().NewConnsCount(); now != made {
		t.Fatalf("%d connections were made anew", now-made)
	}
}

func TestInTxRunsAgainAfterADeadlock(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), counters(t)
	var runs atomic.Int32
	var met, done sync.WaitGroup
	met.Add(2)
	// Each holds its first row before either asks for its second.
	cross := func(first, second string) error {
		var once sync.Once
		return postgres.InTx(ctx, pool, func(tx pgx.Tx) error {
			runs.Add(1)
			if _, err := tx.Exec(ctx, `SET LOCAL deadlock_timeout = '10ms'`); err != nil {
				return err
			}
			if err := add(ctx, tx, first); err != nil {
				return err
			}
			once.Do(func() { met.Done(); met.Wait() })
			return add(ctx, tx, second)
		})
	}
	errs := make([]error, 2)
	done.Go(func() { errs[0] = cross("a", "b") })
	done.Go(func() { errs[1] = cross("b", "a") })
	done.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if got := sum(t, pool); got != 4 || runs.Load() < 3 {
		t.Fatalf("%d increments in %d runs, want 4 in at least 3", got, runs.Load())
	}
}

func TestInTxGivesUpOnAConflictThatStays(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	conflict := &pgconn.PgError{Code: "40001"}
	runs := 0
	err := postgres.InTx(context.Background(), pool, func(pgx.Tx) error { runs++; return conflict })
	if !errors.Is(err, conflict) || runs != 3 {
		t.Fatalf("got %v after %d runs, want the conflict after 3", err, runs)
	}
}

// A savepoint cannot bring back what the whole transaction lost.
func TestInTxInsideATransactionRunsOnce(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), counters(t)
	runs := 0
	err := postgres.InTx(ctx, pool, func(tx pgx.Tx) error {
		if err := add(ctx, tx, "a"); err != nil {
			return err
		}
		inner := postgres.InTx(ctx, tx, func(tx pgx.Tx) error {
			runs++
			return errors.Join(add(ctx, tx, "b"), &pgconn.PgError{Code: "40P01"})
		})
		if inner == nil {
			t.Error("the inner transaction lost its error")
		}
		return nil
	})
	if got := sum(t, pool); err != nil || runs != 1 || got != 1 {
		t.Fatalf("got %v, %d inner runs, %d increments; want the outer increment alone", err, runs, got)
	}
}
