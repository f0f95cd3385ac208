package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Beginner starts a transaction: a pool or a connection, or a transaction,
// which then starts a savepoint.
type Beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// A transaction that Postgres sacrificed runs at most this often in all, with a
// pause before each further run.
const (
	maxRuns    = 3
	retryPause = 20 * time.Millisecond
)

// InTx runs fn in a transaction of db: committed when fn returns nil, rolled
// back when it returns an error or panics. The error is returned as it is, but as
// UNAVAILABLE where it is the database's trouble.
//
// When Postgres ends the transaction to resolve a deadlock or a serialization
// conflict, fn runs again, at most three times in all. So fn must do nothing
// that a rollback does not undo: it sets its results, it never adds to them,
// and it calls no network. Inside another transaction nothing is run again,
// because only the outermost knows all that was lost.
func InTx(ctx context.Context, db Beginner, fn func(pgx.Tx) error) error {
	_, nested := db.(pgx.Tx)
	for run := 1; ; run++ {
		err := once(ctx, db, fn)
		if nested || run == maxRuns || !sacrificed(err) {
			return Unavailable(err)
		}
		// At once, it could take the survivor's next row before that one wakes,
		// and die of the same again.
		select {
		case <-time.After(retryPause + rand.N(retryPause)):
		case <-ctx.Done():
			return err
		}
	}
}

func once(ctx context.Context, db Beginner, fn func(pgx.Tx) error) (err error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer rollback(ctx, tx)
	own := &waiting{Tx: tx, reached: reachedBy(tx, db)}
	defer own.reached.unless(&err)()
	if err := fn(own); err != nil {
		return blamed(err)
	}
	if err := own.finish(ctx, db); err != nil {
		return blamed(err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// rollback does nothing after a commit. It works for a caller who has gone
// away, else the connection would be thrown away with the transaction.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = tx.Rollback(ctx) // where this fails the pool drops the connection, which rolls back too
}

// sacrificed reports a serialization failure or a deadlock.
func sacrificed(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
