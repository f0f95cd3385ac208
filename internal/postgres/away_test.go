package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// What a statement gets wrong is not taken for a database that is away.
func TestIsAwayTellsTroubleFromMistakes(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	_, mistake := pool.Exec(t.Context(), `SELECT 1/0`)
	_, noTable := pool.Exec(t.Context(), `SELECT FROM nowhere`)
	for _, err := range []error{nil, errors.New("ours"), pgx.ErrNoRows, mistake, noTable, context.Canceled} {
		if postgres.IsAway(err) {
			t.Errorf("%v is taken for trouble", err)
		}
	}
	for _, code := range []string{"57P01", "57P03", "53300", "08006", "25006", "25P03"} {
		if err := fmt.Errorf("note: %w", &pgconn.PgError{Code: code}); !postgres.IsAway(err) {
			t.Errorf("%v is not taken for trouble", err)
		}
	}
	_, refused := pgx.Connect(t.Context(), "postgres://golive@127.0.0.1:1/none")
	if refused == nil || !postgres.IsAway(refused) {
		t.Errorf("%v is not taken for trouble", refused)
	}
}

// A session that is cut, at rest or in the middle of a transaction, is trouble.
func TestACutSessionIsAway(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		var pid int
		if err := tx.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			return err
		}
		if _, err := pool.Exec(t.Context(), `SELECT pg_terminate_backend($1)`, pid); err != nil {
			t.Error(err)
		}
		_, err := tx.Exec(t.Context(), `SELECT 1`)
		return err
	})
	if !postgres.IsAway(err) {
		t.Errorf("%v is not taken for trouble", err)
	}
}

// What a frozen process holds is free again before anybody has to ask why.
func TestIdleTransactionsAreEnded(t *testing.T) {
	t.Parallel()
	var limit string
	if err := pgtest.New(t).QueryRow(t.Context(), `SHOW idle_in_transaction_session_timeout`).Scan(&limit); err != nil || limit != "10s" {
		t.Errorf("%s %v", limit, err)
	}
}

// Where others take over sooner, it is free sooner, and never later.
func TestIdleTransactionsAreEndedInTime(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	for idle, want := range map[time.Duration]string{2 * time.Second: "2s", time.Minute: "10s"} {
		pool, err := postgres.OpenFor(t.Context(), url, idle)
		if err != nil {
			t.Fatal(err)
		}
		var limit string
		if err := pool.QueryRow(t.Context(), `SHOW idle_in_transaction_session_timeout`).Scan(&limit); err != nil || limit != want {
			t.Errorf("%s %v", limit, err)
		}
		pool.Close()
	}
}
