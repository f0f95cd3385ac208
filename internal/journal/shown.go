package journal

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// StepStatus is where one step stands, as people see it.
type StepStatus string

// The step statuses.
const (
	StepPending StepStatus = "PENDING"
	StepRunning StepStatus = "RUNNING"
	StepDone    StepStatus = "DONE"
	StepSkipped StepStatus = "SKIPPED"
	StepFailed  StepStatus = "FAILED"
	StepUndone  StepStatus = "UNDONE"
)

// Step is one Stripe call of a deployment, as the journal keeps it for people.
type Step struct {
	Index           int              `db:"index"`
	Action          plan.Action      `db:"action"`
	Resource        catalog.Resource `db:"resource"`
	Summary         string           `db:"summary"`
	Status          StepStatus       `db:"status"`
	Attempts        int              `db:"attempts"`
	LiveID          *string          `db:"live_id"`
	StripeRequestID *string          `db:"stripe_request_id"`
	StartedAt       *time.Time       `db:"started_at"`
	FinishedAt      *time.Time       `db:"finished_at"`
}

const shownColumns = `deployment_id::text, index, action, resource, summary, status, attempts, live_id, stripe_request_id, started_at, finished_at`

type stepOf struct {
	DeploymentID string `db:"deployment_id"`
	Step
}

// At names a step: the how-manyth of which deployment.
type At struct {
	DeploymentID string
	Index        int
}

// ShownAt returns single steps as people see them. It asks for no actor.
func ShownAt(ctx context.Context, db postgres.Querier, which []At) (map[At]*Step, error) {
	ids, indexes := make([]string, len(which)), make([]int, len(which))
	for i, at := range which {
		ids[i], indexes[i] = at.DeploymentID, at.Index
	}
	found, err := postgres.All(ctx, db, pgx.RowToAddrOfStructByName[stepOf], `SELECT `+shownColumns+`
		FROM deployment_steps JOIN unnest($1::uuid[], $2::int[]) AS which (of_deployment, of_index)
			ON deployment_id = which.of_deployment AND index = which.of_index`, ids, indexes)
	out := make(map[At]*Step, len(found))
	for _, step := range found {
		out[At{step.DeploymentID, step.Index}] = &step.Step
	}
	return out, err
}

// Shown returns the journals of deployments as people see them, by deployment id. It
// asks for no actor.
func Shown(ctx context.Context, db postgres.Querier, ids []string) (map[string][]*Step, error) {
	found, err := postgres.All(ctx, db, pgx.RowToAddrOfStructByName[stepOf], `SELECT `+shownColumns+`
		FROM deployment_steps WHERE deployment_id = ANY($1::uuid[]) ORDER BY deployment_steps.index`, ids)
	out := map[string][]*Step{}
	for _, step := range found {
		out[step.DeploymentID] = append(out[step.DeploymentID], &step.Step)
	}
	return out, err
}
