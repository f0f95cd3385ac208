package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// Source is whose money it is that a charge, refund or dispute has moved.
type Source struct {
	// ID is Stripe's of the charge, refund or dispute.
	ID        string  `db:"id"`
	OrderID   string  `db:"order_id"`
	PaymentID string  `db:"payment_id"`
	Method    *string `db:"method"`
	// Captured is what of the payment was taken, in the currency that the customer paid in.
	Captured int64  `db:"captured"`
	Currency string `db:"currency"`
}

// SourcesOf are those of a tenant's charges, refunds and disputes, by Stripe's id; what no
// order knows of is absent.
func SourcesOf(ctx context.Context, db postgres.Querier, tenantID, accountID string, mode catalog.Mode, ids []string) (map[string]Source, error) {
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[Source], `WITH of AS (
			SELECT charge_id AS id, id AS payment_id FROM payments WHERE account_id = $2 AND livemode = $3 AND charge_id = ANY($4)
			UNION ALL SELECT stripe_refund_id, payment_id FROM refunds WHERE account_id = $2 AND livemode = $3 AND stripe_refund_id = ANY($4)
			UNION ALL SELECT stripe_dispute_id, payment_id FROM disputes WHERE account_id = $2 AND livemode = $3 AND stripe_dispute_id = ANY($4))
		SELECT of.id, p.order_id, p.id AS payment_id, p.method, p.captured, p.currency FROM of JOIN payments p ON p.id = of.payment_id WHERE p.tenant_id = $1`,
		tenantID, accountID, mode == catalog.Live, ids)
	sources := map[string]Source{}
	for _, of := range found {
		sources[of.ID] = of
	}
	return sources, wrap(err, "find whose money moved")
}
