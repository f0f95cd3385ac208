package order

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// mine is an order of which the actor has at least that role, else NOT_FOUND or FORBIDDEN.
func (s *Service) mine(ctx context.Context, id string, role tenant.Role) (*Order, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	o, err := byID(ctx, s.DB, id, actor.OfOrders())
	if err != nil {
		return nil, err
	}
	return o, tenant.RequireForOrders(ctx, o.TenantID, role)
}

// Get returns an order of a tenant that the actor is a member of, else NOT_FOUND.
func (s *Service) Get(ctx context.Context, id string) (*Order, error) {
	return s.mine(ctx, id, tenant.RoleViewer)
}

// GetMany returns the orders with these ids, by id; those that Get would not find are absent.
func (s *Service) GetMany(ctx context.Context, ids []string) (map[string]*Order, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	found, err := postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[Order],
		selectOrder+`WHERE o.id = ANY($1::uuid[]) AND o.tenant_id = ANY($2::uuid[])`, ids, actor.OfOrders())
	byID := make(map[string]*Order, len(found))
	for _, o := range found {
		byID[o.ID] = o
	}
	return byID, wrap(err, "read orders")
}

// Details are what lists of orders leave out.
type Details struct {
	Lines    []Line
	Payments []*ledger.Payment
	Contact  Contact
}

// Refunds are those of all payments, oldest first.
func (d *Details) Refunds() []*ledger.Refund {
	all := []*ledger.Refund{}
	for _, p := range d.Payments {
		all = append(all, p.Refunds...)
	}
	slices.SortStableFunc(all, func(a, b *ledger.Refund) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return all
}

// Disputes are those of all payments, oldest first.
func (d *Details) Disputes() []*ledger.Dispute {
	all := []*ledger.Dispute{}
	for _, p := range d.Payments {
		all = append(all, p.Disputes...)
	}
	slices.SortStableFunc(all, func(a, b *ledger.Dispute) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return all
}

// Payment is the payment with that id, nil for none.
func (d *Details) Payment(id string) *ledger.Payment {
	return (&ledger.Order{Payments: d.Payments}).Payment(id)
}

// With is the order with its payments.
func (o *Order) With(d *Details) *Order {
	whole := *o
	whole.Payments = d.Payments
	return &whole
}

// DetailsOf are the details of orders that the actor may see, by order.
func (s *Service) DetailsOf(ctx context.Context, orderIDs []string) (map[string]*Details, error) {
	all := make(map[string]*Details, len(orderIDs))
	for _, id := range orderIDs {
		all[id] = &Details{}
	}
	lines, err := linesOf(ctx, s.DB, orderIDs)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		all[l.OrderID].Lines = append(all[l.OrderID].Lines, l)
	}
	payments, err := paymentsOf(ctx, s.DB, orderIDs)
	if err != nil {
		return nil, err
	}
	for _, p := range payments {
		all[p.OrderID].Payments = append(all[p.OrderID].Payments, p)
	}
	contacts, err := s.ContactsOf(ctx, orderIDs)
	for id, c := range contacts {
		all[id].Contact = c
	}
	return all, err
}

// Events are an order's after a sequence, at most first of them.
func (s *Service) Events(ctx context.Context, orderID string, after, first int) ([]*Event, error) {
	if _, err := s.mine(ctx, orderID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	return EventsAfter(ctx, s.DB, orderID, after, min(max(first, 0), mostOrders))
}

// EventsOf are those of each of some orders that the actor may see, by order; each id has
// an entry.
func (s *Service) EventsOf(ctx context.Context, ids []string, after, first int) (map[string][]*Event, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	found, err := postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[Event], `SELECT e.* FROM orders o CROSS JOIN LATERAL (
			SELECT order_id, sequence, at, status, message, actor FROM order_events
			WHERE order_id = o.id AND sequence > $3 ORDER BY sequence LIMIT $4) e
		WHERE o.id = ANY($1::uuid[]) AND o.tenant_id = ANY($2::uuid[]) ORDER BY e.order_id, e.sequence`,
		ids, actor.OfOrders(), after, min(max(first, 0), mostOrders))
	all := make(map[string][]*Event, len(ids))
	for _, id := range ids {
		all[id] = []*Event{}
	}
	for _, e := range found {
		all[e.OrderID] = append(all[e.OrderID], e)
	}
	return all, wrap(err, "read events")
}

// EventsAfter is Events for whoever has asked already who asks.
func EventsAfter(ctx context.Context, db postgres.Querier, orderID string, after, first int) ([]*Event, error) {
	events, err := postgres.All(ctx, db, pgx.RowToAddrOfStructByName[Event], `SELECT order_id, sequence, at, status, message, actor
		FROM order_events WHERE order_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`, orderID, after, first)
	return events, wrap(err, "read events")
}

// Standing is an order as it is, for whoever has asked already who asks.
func Standing(ctx context.Context, db postgres.Querier, id string) (*Order, error) {
	o, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[Order], errNotFound(), selectOrder+`WHERE o.id = $1`, id)
	return o, wrap(err, "read order")
}

// ChangedSince are a tenant's orders of a mode that changed after one that did, oldest
// change first: those that changed at the same instant come by id.
func ChangedSince(ctx context.Context, db postgres.Querier, tenantID string, in catalog.Mode, since time.Time, afterID string, first int) ([]*Order, error) {
	orders, err := postgres.All(ctx, db, pgx.RowToAddrOfStructByName[Order], selectOrder+`WHERE o.tenant_id = $1 AND o.livemode = $2
		AND o.changed_at >= $3 AND (o.changed_at, o.id) > ($3, $4::uuid) ORDER BY o.changed_at, o.id LIMIT $5`,
		tenantID, in == catalog.Live, since, afterID, first)
	return orders, wrap(err, "read orders that changed")
}

// Now is the time by which orders are due, and by which they say that they changed.
func Now(ctx context.Context, db postgres.Querier) (time.Time, error) {
	now, err := postgres.One(ctx, db, pgx.RowTo[time.Time], nil, `SELECT golive_now()`)
	return now, wrap(err, "read the time")
}
