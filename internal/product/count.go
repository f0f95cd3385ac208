package product

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Count is how many products have a live status.
type Count struct {
	LiveStatus LiveStatus `db:"live_status"`
	Count      int        `db:"count"`
}

// Counts returns how many of a tenant's products have each live status, zeros among them.
func (s *Service) Counts(ctx context.Context, tenantID string) ([]Count, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	found, err := postgres.All(ctx, s.DB, pgx.RowToStructByName[Count], `SELECT named.live_status, count(p.id)
		FROM unnest($2::text[]) WITH ORDINALITY AS named (live_status, place)
		LEFT JOIN products p ON p.tenant_id = $1 AND `+status+` = named.live_status
		GROUP BY named.live_status, named.place ORDER BY named.place`, tenantID, []LiveStatus{NotLive, Live, Changed, Drifted})
	return found, wrap(err, "count products by status")
}

// Matching returns the ids of a tenant's products that a search finds, as List does. It
// asks for no actor.
func Matching(ctx context.Context, db postgres.Querier, tenantID, search string) ([]string, error) {
	where, args := Filter{TenantID: tenantID, Search: &search}.where()
	ids, err := postgres.All(ctx, db, pgx.RowTo[string], `SELECT p.id::text FROM products p `+where, args...)
	return ids, wrap(err, "search products")
}
