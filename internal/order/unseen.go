package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// isUnseen tells of a call c of a payment p that it has ended, and that no read has begun
// since which was applied: what it changed is not known, because the answers of these calls
// are not believed. Whoever was to read may have died.
const isUnseen = `c.state <> 'SENT' AND c.step IN ('expire', 'cancel', 'capture', 'draft', 'submission') AND c.ended_at > coalesce(p.observed_at, c.begun_at)`

// waits tells that an order has a call of which something is yet to be found out.
const waits = `EXISTS (SELECT FROM stripe_calls c JOIN payments p ON p.id = c.payment_id WHERE c.order_id = orders.id AND (c.state = 'SENT' OR ` + isUnseen + `))`

// countUnseen counts anew, once something was read.
func (h *held) countUnseen(ctx context.Context, tx pgx.Tx) error {
	if h.unseen == 0 {
		return nil
	}
	err := tx.QueryRow(ctx, `SELECT count(*) FROM stripe_calls c JOIN payments p ON p.id = c.payment_id WHERE c.order_id = $1 AND `+isUnseen, h.ID).Scan(&h.unseen)
	return wrap(err, "count calls")
}

// unseenPayments are those of an order that have to be read.
func unseenPayments(ctx context.Context, db postgres.Querier, orderID string) ([]string, error) {
	ids, err := postgres.All(ctx, db, pgx.RowTo[string], `SELECT p.id::text FROM stripe_calls c JOIN payments p ON p.id = c.payment_id WHERE c.order_id = $1 AND `+isUnseen, orderID)
	return ids, wrap(err, "look for payments to be read")
}
