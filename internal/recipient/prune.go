package recipient

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// PruneLinks takes away links in mails that asked longer ago than keep, but of tenants on
// hold, and returns how many. What was answered stays.
func (s *Service) PruneLinks(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	return postgres.InLots(ctx, s.DB, `DELETE FROM recipient_links WHERE hash = ANY(ARRAY(SELECT l.hash FROM recipient_links l JOIN recipients r ON r.id = l.recipient_id
		WHERE l.created_at < now() - $1::interval AND NOT `+tenant.HeldSQL("r.tenant_id")+` LIMIT 500 FOR UPDATE OF l SKIP LOCKED))`, keep)
}
