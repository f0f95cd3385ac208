package identity

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Each Prune takes away what has been over for longer than keep, but for people and tenants on
// hold, and returns how much.

// PruneSessions is about sessions that were ended or are too old to be used.
func (s *Service) PruneSessions(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM sessions WHERE id = ANY(ARRAY(SELECT s.id FROM sessions s JOIN people p ON p.id = s.person_id
		WHERE least(s.ended_at, s.last_used_at + $2::interval, s.created_at + $3::interval) < now() - $1::interval
			AND NOT `+tenant.HeldPersonSQL("p.email")+`
		LIMIT 500 FOR UPDATE OF s SKIP LOCKED))`, keep, idle, absolute)
	return n, wrap(err, "prune sessions")
}

// PruneLinks is about links of operators that have expired.
func (s *Service) PruneLinks(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM sign_in_links WHERE hash = ANY(ARRAY(SELECT l.hash FROM sign_in_links l
		WHERE l.expires_at < now() - $1::interval AND NOT `+tenant.HeldPersonSQL("l.email")+` LIMIT 500 FOR UPDATE OF l SKIP LOCKED))`, keep)
	return n, wrap(err, "prune sign-in links")
}

// PruneFailures is about refused sign-ins.
func (s *Service) PruneFailures(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM sign_in_failures WHERE id = ANY(ARRAY(SELECT f.id FROM sign_in_failures f
		WHERE f.at < now() - $1::interval AND NOT `+tenant.HeldPersonSQL("f.email")+` LIMIT 500 FOR UPDATE OF f SKIP LOCKED))`, keep)
	return n, wrap(err, "prune refused sign-ins")
}

// PruneInvitations is about those that were settled or have expired.
func (s *Service) PruneInvitations(ctx context.Context, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	n, err := postgres.InLots(ctx, s.DB, `DELETE FROM invitations WHERE id = ANY(ARRAY(SELECT i.id FROM invitations i
		WHERE least(i.settled_at, i.expires_at) < now() - $1::interval AND NOT `+tenant.HeldSQL("i.tenant_id")+` LIMIT 500 FOR UPDATE OF i SKIP LOCKED))`, keep)
	return n, wrap(err, "prune invitations")
}
