package can

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/tenant"
)

// Answer says whether the actor may submit evidence of a dispute over an order at a time.
func Answer(ctx context.Context, o *order.Order, d *ledger.Dispute, now time.Time) Can {
	return because(orderRight(ctx, o, tenant.Require, tenant.RoleAdmin), order.Unanswerable(d, now))
}
