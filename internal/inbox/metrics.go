package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// Standing is how all events of a mode stand, for metrics.
type Standing struct {
	Mode catalog.Mode
	// Oldest is how long the oldest event has waited to be applied, 0 where none does. Those that
	// somebody replays are old already, so they don't count.
	Oldest time.Duration
	Dead   int
	// Quarantined are of another version of Stripe's API.
	Quarantined int
	// Troubled are the endpoints of tenants that sell whose events don't come.
	Troubled int
}

// Stand counts, test before live.
func Stand(ctx context.Context, db postgres.Querier) ([]Standing, error) {
	found, err := postgres.All(postgres.Across(ctx, postgres.Sweeps), db, func(row pgx.CollectableRow) (s Standing, err error) {
		var livemode bool
		err = row.Scan(&livemode, &s.Oldest, &s.Dead, &s.Quarantined, &s.Troubled)
		s.Mode = modeOf(livemode)
		return s, err
	}, `SELECT l.livemode,
			coalesce((SELECT now() - min(received_at) FROM stripe_events e WHERE e.status = 'RECEIVED' AND e.source <> 'REPLAY' AND e.livemode = l.livemode), interval '0'),
			(SELECT count(*) FROM stripe_events e WHERE e.status = 'DEAD' AND e.livemode = l.livemode),
			(SELECT count(*) FROM stripe_events e WHERE e.status = 'QUARANTINED' AND e.livemode = l.livemode),
			(SELECT count(*) FROM payments_modules m WHERE m.enabled AND m.problem IS NOT NULL AND m.livemode = l.livemode)
		FROM (VALUES (false), (true)) AS l (livemode) ORDER BY l.livemode`)
	return found, wrap(err, "count events")
}
