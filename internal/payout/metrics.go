package payout

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// Standing is how all accounts of a mode stand, for metrics.
type Standing struct {
	Mode catalog.Mode `db:"mode"`
	// Mismatches are those that people were told of and that have not gone.
	Mismatches int `db:"mismatches"`
	// Unreconciled are automatic payouts that arrived more than three days ago and that
	// nothing explains to the unit.
	Unreconciled int `db:"unreconciled"`
}

// Stand counts, test before live.
func Stand(ctx context.Context, db postgres.Querier) ([]Standing, error) {
	found, err := postgres.All(postgres.Across(ctx, postgres.Sweeps), db, pgx.RowToStructByName[Standing], `SELECT
			CASE WHEN l.livemode THEN 'LIVE' ELSE 'TEST' END AS mode,
			(SELECT count(*)::int FROM mismatches m WHERE m.livemode = l.livemode AND m.raised_at IS NOT NULL AND m.gone_at IS NULL) AS mismatches,
			(SELECT count(*)::int FROM payouts p WHERE p.livemode = l.livemode AND p.automatic AND p.reconciled_at IS NULL AND p.status = 'paid'
				AND coalesce(p.arrival_date, p.created_at) < golive_now() - interval '3 days') AS unreconciled
		FROM (VALUES (false), (true)) AS l (livemode) ORDER BY l.livemode`)
	return found, wrap(err, "count payouts and mismatches")
}
