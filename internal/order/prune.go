package order

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// PruneContacts takes away what is known of the customers of orders that have not changed for
// longer than keep, what banks were told of them among it, but for those of tenants on hold, and
// returns how many. The orders stay.
func (s *Service) PruneContacts(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM order_contacts WHERE order_id = ANY(ARRAY(SELECT c.order_id FROM order_contacts c JOIN orders o ON o.id = c.order_id
		WHERE o.changed_at < golive_now() - $1::interval AND NOT `+tenant.HeldSQL("c.tenant_id")+` LIMIT 500 FOR UPDATE OF c SKIP LOCKED))`, keep)
	if err != nil {
		return n, wrap(err, "prune contacts")
	}
	told, err := postgres.InLots(ctx, s.DB, `UPDATE disputes SET evidence = NULL, seal_version = NULL WHERE id = ANY(ARRAY(SELECT d.id FROM disputes d JOIN orders o ON o.id = d.order_id
		WHERE d.evidence IS NOT NULL AND o.changed_at < golive_now() - $1::interval AND NOT `+tenant.HeldSQL("d.tenant_id")+` LIMIT 500 FOR UPDATE OF d SKIP LOCKED))`, keep)
	return n + told, wrap(err, "prune evidence")
}
