package inbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// How many events, found by rounds that are how far apart, tell that none is delivered any
// more. One round alone tells nothing, because Golive itself may have been away before it.
const (
	silentEvents = 3
	silentRecent = 500
)

// silent tells whether an endpoint has got nothing, long enough, of what Stripe lists.
func (s *Service) silent(ctx context.Context, e endpoint) (bool, error) {
	is, err := postgres.One(ctx, s.DB, pgx.RowTo[bool], nil, `SELECT count(*) >= $5 AND max(received_at) - min(received_at) >= $6::interval
		FROM (SELECT source, received_at, created_at, sum((source = 'WEBHOOK' OR deliveries > 1)::int) OVER (ORDER BY id DESC) AS delivered
			FROM (SELECT * FROM stripe_events WHERE tenant_id = $1 AND livemode = $2 ORDER BY id DESC LIMIT $8) AS recent
			WHERE account_id = $3 AND endpoint_id = $4) AS since
		WHERE delivered = 0 AND source = 'BACKFILL' AND received_at - created_at > $7::interval`,
		e.Tenant, e.Livemode, e.Account, e.EndpointID, silentEvents, roundEvery, hookGrace, silentRecent)
	return is, wrap(err, "ask whether events are delivered")
}
