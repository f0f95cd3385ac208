package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Querier reads: a pool or a connection, or a transaction, which then also sees
// its own changes.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Execer writes: a pool or a connection, or a transaction.
type Execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// All returns every row of a query, as to makes it.
func All[T any](ctx context.Context, db Querier, to pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, blamed(err)
	}
	all, err := pgx.CollectRows(rows, to)
	return all, blamed(err)
}

// One returns the only row of a query, as to makes it. absent is the error for no
// row; where it is nil, no row is the zero value.
func One[T any](ctx context.Context, db Querier, to pgx.RowToFunc[T], absent error, sql string, args ...any) (T, error) {
	var zero T
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return zero, blamed(err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, to)
	if errors.Is(err, pgx.ErrNoRows) {
		return zero, absent
	}
	return v, blamed(err)
}
