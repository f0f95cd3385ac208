package importing

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Prune takes away imports that finished longer ago than keep, but for the newest of each
// tenant and all of tenants on hold, and returns how many.
func (s *Service) Prune(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM imports WHERE id = ANY(ARRAY(SELECT i.id FROM imports i
		WHERE i.finished_at < now() - $1::interval AND NOT `+tenant.HeldSQL("i.tenant_id")+`
			AND EXISTS (SELECT FROM imports newer WHERE newer.tenant_id = i.tenant_id AND newer.started_at > i.started_at)
		LIMIT 500 FOR UPDATE OF i SKIP LOCKED))`, keep)
	return n, wrap(err, "prune imports")
}
