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

// Shown returns the journals of deployments as people see them, by deployment id. It
// asks for no actor.
func Shown(ctx context.Context, db postgres.Querier, ids []string) (map[string][]*Step, error) {
	type stepOf struct {
		DeploymentID string `db:"deployment_id"`
		Step
	}
	found, err := postgres.All(ctx, db, pgx.RowToAddrOfStructByName[stepOf],
		`SELECT deployment_id::text, index, action, resource, summary, status, attempts, live_id,
			stripe_request_id, started_at, finished_at
		FROM deployment_steps WHERE deployment_id = ANY($1::uuid[]) ORDER BY deployment_steps.index`, ids)
	out := map[string][]*Step{}
	for _, step := range found {
		out[step.DeploymentID] = append(out[step.DeploymentID], &step.Step)
	}
	return out, err
}
