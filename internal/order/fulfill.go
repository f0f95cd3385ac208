package order

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/tenant"
)

// Fulfill notes that the customer has what was bought, which only a PAID order allows. It
// needs the role DEPLOYER; a token for orders will do. It may be repeated. version is what
// the caller saw, 0 for any.
func (s *Service) Fulfill(ctx context.Context, orderID string, version int) (*Order, error) {
	if _, err := s.mine(ctx, orderID, tenant.RoleDeployer); err != nil {
		return nil, err
	}
	return s.hold(ctx, orderID, func(ctx context.Context, tx pgx.Tx, h *held) error {
		if h.Status == ledger.Fulfilled || h.Status == ledger.Completed {
			return nil
		}
		if err := h.checkVersion(version); err != nil {
			return err
		}
		if why := h.mayFulfill(); why != "" {
			return fault.New(fault.InvalidState, "%s", why)
		}
		h.become(ledger.Fulfilled)
		return record(ctx, tx, h.Order, "order.fulfilled", map[string]any{})
	})
}

func (o *Order) mayFulfill() string {
	switch {
	case o.Status == ledger.Paid && o.Captured > 0 && o.Refunded >= o.Captured:
		return "All that was paid has been refunded. Cancel the order instead."
	case o.Status == ledger.Paid:
		return ""
	}
	return fmt.Sprintf("The order is %s: only a PAID one can be fulfilled.", o.Status)
}
