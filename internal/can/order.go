package can

import (
	"context"
	"strings"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/tenant"
)

// Order is what may be done with an order.
type Order struct{ Pay, Capture, Refund, Cancel, Fulfill Can }

// OfOrder says what the actor may do with an order, whose payments have to be there.
func OfOrder(ctx context.Context, o *order.Order) Order {
	why := o.Refusals()
	use, give := orderRight(ctx, o, tenant.RequireForOrders, tenant.RoleDeployer), orderRight(ctx, o, tenant.Require, tenant.RoleAdmin)
	return Order{
		Pay: because(use, why.Pay), Capture: because(use, why.Capture), Refund: because(give, why.Refund),
		Cancel: because(use, why.Cancel), Fulfill: because(use, why.Fulfill),
	}
}

// orderRight says why the actor has no such role, "" where it has.
func orderRight(ctx context.Context, o *order.Order, require func(context.Context, string, tenant.Role) error, role tenant.Role) string {
	err := require(ctx, o.TenantID, role)
	if err == nil {
		return ""
	}
	if f := fault.As(err); f != nil {
		return f.Message
	}
	return "This needs the role " + strings.ToLower(string(role)) + "."
}
