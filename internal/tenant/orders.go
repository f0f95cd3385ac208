package tenant

import (
	"context"

	"github.com/golive-hq/golive/internal/fault"
)

// RequireForOrders is Require for what is done with orders: tokens whose scope is orders
// may do it, too.
func RequireForOrders(ctx context.Context, tenantID string, role Role) error {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return err
	}
	if actor.Scope == ScopeOrders {
		actor.Scope = ScopeAll
		return Require(WithActor(ctx, actor), tenantID, role)
	}
	return Require(ctx, tenantID, role)
}

// OfOrders lists the tenants whose orders the actor may see.
func (a Actor) OfOrders() []string {
	a.Scope = ScopeAll
	return a.TenantIDs()
}

// OfOrder is the actor's tenant with that id, for a field of its order; else NOT_FOUND.
func OfOrder(ctx context.Context, id string) (Tenant, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return Tenant{}, err
	}
	m, ok := actor.Membership(id)
	if !ok {
		return Tenant{}, fault.New(fault.NotFound, "There's no tenant with this ID.")
	}
	return m.Tenant, nil
}
