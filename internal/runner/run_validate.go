package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// validate checks and plans afresh. goesOn is false where the deployment ended
// there: refused, held for a person, or with nothing to do.
func (r *run) validate(ctx context.Context) (goesOn bool, err error) {
	if err := r.enterValidating(ctx); err != nil {
		return false, err
	}
	if refused, err := r.refusePerson(ctx, nil); refused || err != nil {
		return false, err
	}
	f, err := r.findings(ctx)
	if err != nil {
		return false, err
	}
	if err := r.deployments.Connections.NoteSeen(ctx, r.d.TenantID, plan.KeysSeen(&f.Evidence)...); err != nil {
		return false, err
	}
	if outage := outageIn(&f.Evidence); outage != nil {
		return false, outage
	}
	if !f.Report.OK {
		return false, r.refuse(ctx, f, deployment.ValidationFailure(f.Report))
	}
	if f.Plan == nil {
		return false, f.WhyNoPlan()
	}
	// That of a schedule was held against the plan when it was made; since then Golive
	// itself may have deployed some of it.
	if seen := r.d.ExpectedPlanHash; seen != nil && !f.Plan.Has(*seen) && r.d.DueAt == nil {
		return false, r.refuse(ctx, f, deployment.PlanChangedFailure(*seen, f.Plan.Hash))
	}
	if held, err := r.holdChanged(ctx, f); held || err != nil {
		return false, err
	}
	// Checking may have taken long, and an outage of Stripe an hour.
	if refused, err := r.refusePerson(ctx, f); refused || err != nil {
		return false, err
	}
	if f.Plan.IsEmpty() {
		return false, r.complete(ctx, completion{
			test: f.Evidence.Test.Value, live: f.Evidence.Live.Value, empty: f.Plan, report: f.Report, notes: f.Plan.Notes,
		})
	}
	return true, r.enterDeploying(ctx, f)
}

// lateness is told by whoever begins, since the wait for a worker counts as well.
func lateness(late time.Duration) string {
	if late < deployment.LateFrom {
		return ""
	}
	return fmt.Sprintf(", %s late", late.Round(time.Second))
}

// enterValidating tells that the deployment runs; a takeover begins it once more, which is
// told to nobody twice.
func (r *run) enterValidating(ctx context.Context) error {
	var moved *deployment.Moved
	err := postgres.InTx(ctx, r.db, func(tx pgx.Tx) (err error) {
		m := deployment.Move{Status: deployment.Validating, Message: "Checking the product in test and live mode" + lateness(r.late)}
		if moved, err = r.news(ctx, tx, m); moved == nil || err != nil {
			return err
		}
		return deployment.Tell(ctx, tx, r.d, *moved, notice.Started)
	})
	if err == nil && moved != nil && r.begins {
		r.deployments.Observe.Begin(ctx, r.d)
	}
	return r.ringing(err)
}

// findings are those of the deployment's kind.
func (r *run) findings(ctx context.Context) (*deployment.Findings, error) {
	ctx = catalog.AskedAt(ctx, r.asked)
	if r.d.Kind == deployment.Rollback {
		return r.deployments.ExamineRollback(ctx, r.product, *r.d.RollbackOfID, r.d.ID)
	}
	return r.deployments.Examine(ctx, deployment.Subject{Product: r.product, Adopt: r.d.Adopt, Deployment: r.d.ID})
}

// refuse ends the deployment before any write.
func (r *run) refuse(ctx context.Context, f *deployment.Findings, failure *deployment.Failure) error {
	return r.finish(ctx, ending{
		Status: deployment.Failed, Message: failure.Message, Error: failure, Outcome: deployment.Unchanged, Action: "deployment.failed", Found: f,
	})
}
