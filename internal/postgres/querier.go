package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Querier reads: a pool or a connection, or a transaction, which then also sees
// its own changes.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}
