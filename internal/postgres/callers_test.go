package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

func callers(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.OpenForCallers(t.Context(), url, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func setting(t *testing.T, pool *pgxpool.Pool, name string) (value string) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), `SELECT current_setting($1)`, name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestCallersDoNotWaitForLong(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	door, err := postgres.OpenDoor(t.Context(), url, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(door.Close)
	for _, pool := range []*pgxpool.Pool{callers(t, url), door} {
		if s, l := setting(t, pool, "statement_timeout"), setting(t, pool, "lock_timeout"); s != "5s" || l != "1s" {
			t.Errorf("statements %s, locks %s", s, l)
		}
	}
	if most := door.Config().MaxConns; most > 4 {
		t.Errorf("the door has %d connections", most)
	}
	patient := pgtest.New(t)
	if s, l := setting(t, patient, "statement_timeout"), setting(t, patient, "lock_timeout"); s != "0" || l != "0" {
		t.Errorf("workers: statements %s, locks %s", s, l)
	}
	own := callers(t, url+separator(url)+"statement_timeout=7000&lock_timeout=6000")
	if s, l := setting(t, own, "statement_timeout"), setting(t, own, "lock_timeout"); s != "7s" || l != "6s" {
		t.Errorf("the operator's own: statements %s, locks %s", s, l)
	}
}

func TestWhatTakesTooLongIsBusy(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pool := callers(t, url+separator(url)+"statement_timeout=50&lock_timeout=20")
	_, slow := pool.Exec(t.Context(), `SELECT pg_sleep(60)`)
	err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(1)`); err != nil {
			return err
		}
		_, err := pool.Exec(t.Context(), `SELECT pg_advisory_lock(1)`)
		return err
	})
	for _, err := range []error{postgres.Unavailable(slow), err, postgres.Unavailable(context.DeadlineExceeded)} {
		if e := fault.As(err); e == nil || e.Code != fault.Unavailable || e.Message != "The service is busy. Try again in a moment." {
			t.Errorf("%v", err)
		}
	}
	if err := errors.New("ours"); postgres.Unavailable(err) != err || postgres.Unavailable(nil) != nil { //nolint:errorlint // the very error
		t.Error("what is no trouble has changed")
	}
}

// Callers who go away in the middle of a statement cost no connection.
func TestCancelledStatementsKeepTheirConnections(t *testing.T) {
	t.Parallel()
	pool := callers(t, pgtest.URL(t))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 12 {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Duration(i)*time.Millisecond, cancel)
				_, _ = pool.Exec(ctx, `SELECT pg_sleep(0.01)`)
				_ = postgres.InTx(ctx, pool, func(tx pgx.Tx) error {
					_, err := tx.Exec(ctx, `SELECT pg_sleep(0.01)`)
					return err
				})
				cancel()
			}
		})
	}
	all.Wait()
	if n := pool.Stat().NewConnsCount(); n > int64(pool.Config().MaxConns) {
		t.Errorf("%d connections were made", n)
	}
	// One that would take long ends with its caller.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := pool.Exec(ctx, `SELECT pg_sleep(60)`)
	if e := fault.As(postgres.Unavailable(err)); e == nil {
		t.Errorf("%v", err)
	}
	if n := pool.Stat().NewConnsCount(); n > int64(pool.Config().MaxConns) {
		t.Errorf("%d connections were made", n)
	}
}
