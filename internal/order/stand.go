package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// Waiting is how many orders of a mode wait for a person, and why.
type Waiting struct {
	Mode   catalog.Mode     `db:"mode"`
	Reason ledger.Attention `db:"reason"`
	Orders int              `db:"orders"`
}

// StandOrders counts for metrics: each mode and reason, those without an order, too.
func StandOrders(ctx context.Context, db postgres.Querier) ([]Waiting, error) {
	found, err := postgres.All(postgres.Across(ctx, postgres.Sweeps), db, pgx.RowToStructByName[Waiting], `SELECT
			CASE WHEN l.livemode THEN 'LIVE' ELSE 'TEST' END AS mode, r.reason, coalesce(n.orders, 0)::int AS orders
		FROM (VALUES (false), (true)) AS l (livemode) CROSS JOIN unnest($1::text[]) AS r (reason)
		LEFT JOIN (SELECT o.livemode, a.reason, count(*) AS orders FROM orders o, unnest(o.attention) AS a (reason) WHERE o.attention <> '{}' GROUP BY 1, 2) AS n
			ON n.livemode = l.livemode AND n.reason = r.reason
		ORDER BY l.livemode, r.reason`, ledger.Attentions)
	return found, wrap(err, "count orders that wait for people")
}
