package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// Pause is who stopped the world, why and since when.
type Pause struct {
	By     string    `db:"paused_by"`
	Reason string    `db:"reason"`
	Since  time.Time `db:"since"`
}

// CurrentPause returns the pause that holds now, nil where nothing is paused.
func CurrentPause(ctx context.Context, db postgres.Querier) (*Pause, error) {
	return postgres.One(ctx, db, pgx.RowToAddrOfStructByName[Pause], nil, `SELECT paused_by, reason, since FROM standstill`)
}
