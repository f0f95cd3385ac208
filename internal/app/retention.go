package app

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/insight"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/worker"
)

const day = 24 * time.Hour

// Retained is a kind of what the database keeps that goes once it has been over for long
// enough; nothing of a tenant on hold goes.
type Retained struct {
	// What is kept and From when it is over, as they are documented.
	What, From string
	Keep       time.Duration
	// Prune takes away what has been over for longer than keep, and returns how much.
	Prune func(ctx context.Context, s Services, keep time.Duration) (int, error)
}

// Retention is the whole of it, but for the audit log and for events of deployments, whose
// time operators choose.
var Retention = []Retained{
	{"emails", "sent, refused or dropped", outbox.Kept, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Outbox.Prune(ctx, keep)
	}},
	{"sessions", "ended or expired", 30 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Identity.PruneSessions(ctx, keep)
	}},
	{"tokens", "revoked or expired", 365 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Tenants.PruneTokens(ctx, keep)
	}},
	{"sign-in links", "expired", day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Identity.PruneLinks(ctx, keep)
	}},
	{"refused sign-ins", "refused", 90 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Identity.PruneFailures(ctx, keep)
	}},
	{"invitations", "accepted, withdrawn or expired", 365 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Identity.PruneInvitations(ctx, keep)
	}},
	{"links that ask recipients", "sent", 365 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Recipients.PruneLinks(ctx, keep)
	}},
	{"notes of how far dialogs got", "noted", insight.Kept, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return insight.PruneJourneys(ctx, s.Insight.DB, keep)
	}},
	{"imports, but the newest of each tenant", "finished", 90 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Imports.Prune(ctx, keep)
	}},
	{"what Stripe's events said", "received", 90 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Inbox.PrunePayloads(ctx, keep)
	}},
	{"Stripe's events, but those that are quarantined or dead", "received", 365 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Inbox.PruneEvents(ctx, keep)
	}},
	{"notes of when Stripe's objects were read", "last read", 365 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Inbox.PruneObjects(ctx, keep)
	}},
	// Ten years, because the longest time for which a seller has to keep what belongs to a sale
	// is Germany's: eight from the end of the year.
	{"customers' email addresses and orders' metadata", "the order last changed", 3653 * day, func(ctx context.Context, s Services, keep time.Duration) (int, error) {
		return s.Orders.PruneContacts(ctx, keep)
	}},
}

// pruning is what a worker takes away from time to time.
func (p *parts) pruning(cfg Config) []worker.Pruning {
	all := []worker.Pruning{{What: "audit entries", Do: func(ctx context.Context) (int, error) { return p.prune(ctx, cfg.AuditKeep) }}}
	for _, r := range Retention {
		all = append(all, worker.Pruning{What: r.What, Do: func(ctx context.Context) (int, error) { return r.Prune(ctx, p.Services, r.Keep) }})
	}
	if cfg.EventsKeep > 0 {
		all = append(all, worker.Pruning{What: "events of deployments", Do: func(ctx context.Context) (int, error) {
			return deployment.PruneEvents(ctx, p.Pool, cfg.EventsKeep)
		}})
	}
	return all
}
