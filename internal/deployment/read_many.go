package deployment

import (
	"context"
	"maps"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// StepsOf returns the journals of those among ids that the actor may see, by
// deployment id; each id has an entry.
func (s *Service) StepsOf(ctx context.Context, ids []string) (map[string][]*journal.Step, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := postgres.All(ctx, s.DB, pgx.RowTo[string],
		`SELECT id::text FROM deployments WHERE id = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[])`, ids, actor.TenantIDs())
	if err != nil {
		return nil, err
	}
	found, err := journal.Shown(ctx, s.DB, seen)
	out := listsFor[journal.Step](ids)
	maps.Copy(out, found)
	return out, err
}

// Review is what the checks said of a deployment, and its plan; nil each as long as
// there is none.
type Review struct {
	DeploymentID string     `db:"id"`
	Validation   *Report    `db:"validation"`
	Plan         *plan.Plan `db:"plan"`
}

// ReviewsOf returns those of the deployments among ids that the actor may see, by
// deployment id.
func (s *Service) ReviewsOf(ctx context.Context, ids []string) (map[string]Review, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	found, err := postgres.All(ctx, s.DB, pgx.RowToStructByName[Review],
		`SELECT id::text, validation, plan FROM deployments WHERE id = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[])`, ids, actor.TenantIDs())
	out := make(map[string]Review, len(found))
	for _, f := range found {
		out[f.DeploymentID] = f
	}
	return out, err
}

// EventsOf returns up to first events after a sequence, of each of those among
// ids that the actor may see, by deployment id; each id has an entry.
func (s *Service) EventsOf(ctx context.Context, ids []string, after, first int) (map[string][]*Event, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkFirst(first); err != nil {
		return nil, err
	}
	found, err := postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[Event],
		`SELECT e.* FROM deployments CROSS JOIN LATERAL (
			SELECT `+eventColumns+` FROM deployment_events
			WHERE deployment_id = deployments.id AND sequence > $3 ORDER BY deployment_events.sequence LIMIT $4) e
		WHERE deployments.id = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[]) ORDER BY e.sequence`,
		ids, actor.TenantIDs(), after, first)
	out := listsFor[Event](ids)
	for _, e := range found {
		out[e.DeploymentID] = append(out[e.DeploymentID], e)
	}
	return out, err
}

func listsFor[T any](ids []string) map[string][]*T {
	out := make(map[string][]*T, len(ids))
	for _, id := range ids {
		out[id] = []*T{}
	}
	return out
}
