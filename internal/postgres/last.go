package postgres

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// waiting is a transaction of InTx, with what waits for its end.
type waiting struct {
	pgx.Tx
	reached *reached
	write   func(ctx context.Context, tx pgx.Tx, all []any) error
	written []any
}

// Last keeps what until all else in tx is done; then write gets everything that was
// kept, right before the commit. It is for rows that many transactions want: whoever
// locks one of them early makes the others wait for the rest of its work. What is kept
// inside a savepoint goes with it.
//
// It returns false, and keeps nothing, where tx is none that InTx began. There is one
// write in all: that of the last caller.
func Last(tx pgx.Tx, what any, write func(ctx context.Context, tx pgx.Tx, all []any) error) bool {
	t, ok := tx.(*waiting)
	if ok {
		t.write, t.written = write, append(t.written, what)
	}
	return ok
}

// finish hands on to the outer transaction what a savepoint has kept.
func (t *waiting) finish(ctx context.Context, outer Beginner) error {
	switch to, nested := outer.(*waiting); {
	case len(t.written) == 0:
		return nil
	case nested:
		to.write, to.written = t.write, append(to.written, t.written...)
		return nil
	default:
		return t.write(ctx, t, t.written)
	}
}

const carriedKey = "golive.carried"

// carrier is what all connections of one pool carry.
type carrier struct{ what atomic.Value }

// Carrying lets a pool of config carry something. Those that this package opens may.
func Carrying(config *pgxpool.Config) {
	shared, before := &carrier{}, config.AfterConnect
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		conn.PgConn().CustomData()[carriedKey] = shared
		if before == nil {
			return nil
		}
		return before(ctx, conn)
	}
}

// Carry lets whoever has a transaction of the pool find what, by Carried. It is for what
// belongs to every write of a kind, whoever writes, and must be called before the pool is
// shared.
func Carry(ctx context.Context, pool *pgxpool.Pool, what any) error {
	return pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		c, ok := conn.Conn().PgConn().CustomData()[carriedKey].(*carrier)
		if !ok {
			return errors.New("this pool can't carry anything: open it by this package, or with Carrying")
		}
		c.what.Store(what)
		return nil
	})
}

// Carried returns what the transaction's pool carries, where that is a T.
func Carried[T any](tx pgx.Tx) (what T, ok bool) {
	if c, has := tx.Conn().PgConn().CustomData()[carriedKey].(*carrier); has {
		what, ok = c.what.Load().(T)
	}
	return what, ok
}
