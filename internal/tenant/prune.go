package tenant

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/postgres"
)

// HeldSQL is SQL for whether a tenant is on hold, as part of a statement on other tables.
// tenantID is SQL, too: a column.
func HeldSQL(tenantID string) string {
	return `EXISTS (SELECT FROM tenants held WHERE held.id = ` + tenantID + ` AND held.held_since IS NOT NULL)`
}

// HeldPersonSQL is HeldSQL for a person's address: whoever was ever a member of a tenant on
// hold.
func HeldPersonSQL(email string) string {
	return `EXISTS (SELECT FROM members m JOIN tenants held ON held.id = m.tenant_id WHERE m.email = ` + email + ` AND held.held_since IS NOT NULL)`
}

// PruneTokens takes away tokens that have been revoked or expired for longer than keep, and
// returns how many.
func (s *Service) PruneTokens(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM api_tokens WHERE id = ANY(ARRAY(SELECT k.id FROM api_tokens k LEFT JOIN members m ON m.id = k.member_id
		WHERE least(k.revoked_at, k.expires_at) < now() - $1::interval AND NOT `+HeldSQL(ofToken)+`
		LIMIT 500 FOR UPDATE OF k SKIP LOCKED))`, keep)
	return n, wrap(err, "prune tokens")
}
