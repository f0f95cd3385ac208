package deployment

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// StepsOf returns the journals of those among ids that the actor may see, by
// deployment id; each id has an entry.
func (s *Service) StepsOf(ctx context.Context, ids []string) (map[string][]*Step, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	type stepOf struct {
		DeploymentID string `db:"deployment_id"`
		Step
	}
	found, err := postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[stepOf],
		`SELECT deployment_id::text, index, action, resource, summary, deployment_steps.status, attempts, live_id,
			stripe_request_id, deployment_steps.started_at, deployment_steps.finished_at
		FROM deployment_steps JOIN deployments ON deployments.id = deployment_id
		WHERE deployment_id = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[]) ORDER BY deployment_steps.index`,
		ids, actor.TenantIDs())
	out := listsFor[Step](ids)
	for _, step := range found {
		out[step.DeploymentID] = append(out[step.DeploymentID], &step.Step)
	}
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
			SELECT deployment_id::text, sequence, at, status, percentage, message, terminal FROM deployment_events
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
