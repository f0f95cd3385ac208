package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// PrunePayloads takes away what events said longer ago than keep, but for those of tenants on
// hold, and returns how many.
func (s *Service) PrunePayloads(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM stripe_payloads WHERE event_id = ANY(ARRAY(SELECT p.event_id FROM stripe_payloads p
		WHERE p.received_at < now() - $1::interval AND NOT `+tenant.HeldSQL("p.tenant_id")+` LIMIT 500 FOR UPDATE OF p SKIP LOCKED))`, keep)
	return n, wrap(err, "prune payloads")
}

// PruneEvents takes away events that came longer ago than keep and are over, but for those of
// tenants on hold, and returns how many. What somebody has to look at stays.
func (s *Service) PruneEvents(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM stripe_events WHERE id = ANY(ARRAY(SELECT e.id FROM stripe_events e
		WHERE e.received_at < now() - $1::interval AND e.status IN ('APPLIED', 'IGNORED', 'FOREIGN') AND NOT `+tenant.HeldSQL("e.tenant_id")+`
		LIMIT 500 FOR UPDATE OF e SKIP LOCKED))`, keep)
	return n, wrap(err, "prune events")
}

// PruneObjects takes away the notes of objects that were last read longer ago than keep, but for
// those of tenants on hold, and returns how many. No read of theirs can still be under way.
func (s *Service) PruneObjects(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM stripe_objects WHERE ctid = ANY(ARRAY(SELECT o.ctid FROM stripe_objects o
		WHERE o.clean_since < now() - $1::interval AND o.dirty_seq = o.clean_seq AND NOT `+tenant.HeldSQL("o.tenant_id")+`
		LIMIT 500 FOR UPDATE OF o SKIP LOCKED))`, keep)
	return n, wrap(err, "prune objects")
}

// ForgetOrders takes away what events said of a tenant's orders, whose people are to be
// forgotten. The events themselves stay.
func ForgetOrders(ctx context.Context, tx pgx.Tx, orderIDs []string) error {
	_, err := tx.Exec(ctx, `DELETE FROM stripe_payloads WHERE event_id IN (SELECT id FROM stripe_events WHERE order_id = ANY($1::uuid[]))`, orderIDs)
	return wrap(err, "forget what events said of orders")
}
