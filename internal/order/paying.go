package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// Paying returns an account in which money of a tenant's orders of a mode may yet move by
// itself, "" for none: something can be paid or is, a refund is under way, a dispute is
// open, late money waits to be given back, or nobody has heard how a call ended.
func Paying(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode) (accountID string, err error) {
	accountID, err = postgres.One(ctx, tx, pgx.RowTo[string], nil, `SELECT o.account_id FROM orders o
		WHERE o.tenant_id = $1 AND o.livemode = $2 AND o.next_check_at IS NOT NULL AND (o.late_at IS NOT NULL OR 'DISPUTE_OPEN' = ANY(o.attention)
			OR EXISTS (SELECT FROM payments p WHERE p.order_id = o.id AND p.status IN ('SENT', 'UNKNOWN', 'OPEN', 'PROCESSING', 'AUTHORIZED'))
			OR EXISTS (SELECT FROM refunds r WHERE r.order_id = o.id AND r.status NOT IN ('SUCCEEDED', 'FAILED', 'CANCELLED'))
			OR EXISTS (SELECT FROM stripe_calls c WHERE c.order_id = o.id AND c.state = 'SENT'))
		ORDER BY o.id LIMIT 1`, tenantID, mode == catalog.Live)
	return accountID, wrap(err, "look for payments under way")
}
