package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// park lets the lease go while Stripe is down. The sweeps take the deployment up
// again; once the hours of trying exceed the budget, its way forward ends. The
// way back has no budget: it goes on as soon as Stripe is there. What counts is the
// time of the calls and that of the parking, for the grace of a schedule is longer by it.
func (r *run) park(ctx context.Context, outage *engine.OutageError) error {
	budget := r.runner.Outages.Budget
	if !outage.Down() {
		budget = r.runner.Backoff.Budget
	}
	tried, err := deployment.AddOutage(ctx, r.db, r.d.ID, r.epoch, outage.Tried+r.runner.Outages.Retry, outage.Down())
	if err != nil {
		return err
	}
	logOutage(ctx, r.log, r.d, outage.Cause, tried)
	if tried > budget && r.d.Direction == deployment.Forward {
		return r.turn(ctx, failureOf(&engine.StepError{Index: -1, Err: outage.Cause}))
	}
	return r.letGoParked(ctx, outage.Cause)
}

// logOutage gives the operators what the people of the tenant need not know.
func logOutage(ctx context.Context, log *slog.Logger, d *deployment.Deployment, cause *catalog.Error, tried time.Duration) {
	log.WarnContext(ctx, "deployment is waiting for stripe", "deployment_id", d.ID, "tried", tried.Round(time.Second),
		"category", cause.Kind, "status", cause.Status, "stripe_request", cause.RequestID, "error", cause.Message, "cause", cause.Cause)
}

func (r *run) letGoParked(ctx context.Context, cause *catalog.Error) error {
	reason := waitFor(cause)
	err := postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		m := deployment.Move{Status: statusOf(r.d), Message: r.parkedWords(reason), WaitReason: &reason}
		if _, err := r.news(ctx, tx, m); err != nil {
			return err
		}
		return deployment.LetGo(ctx, tx, r.d.ID, r.epoch, r.runner.Outages.Retry)
	})
	return r.ringing(err)
}

func (r *run) parkedWords(reason deployment.WaitReason) string {
	return fmt.Sprintf("%s; retrying every %ds", waitWords(reason), seconds(r.runner.Outages.Retry))
}

// news is advance for what each try of a parked run would tell once more: whoever
// knows that it is parked hears no more of it until it gets further, or waits for
// something else. It returns nil where there was nothing new.
func (r *run) news(ctx context.Context, tx pgx.Tx, m deployment.Move) (*deployment.Moved, error) {
	was := r.d.WaitReason
	if was != nil && r.d.ProgressMessage == r.parkedWords(*was) && (m.WaitReason == nil || *m.WaitReason == *was) {
		last, err := deployment.LastMessage(ctx, tx, r.d.ID, r.epoch)
		if err != nil || last == r.d.ProgressMessage {
			return nil, err
		}
	}
	moved, err := deployment.Advance(ctx, tx, r.d.ID, &r.epoch, m)
	return &moved, err
}

// statusOf is where the row stands after what this turn did.
func statusOf(d *deployment.Deployment) deployment.Status {
	if d.Status == deployment.Deploying {
		return deployment.Deploying
	}
	return deployment.Validating
}

// outageIn is the first answer that may come later, nil where every check has what
// it needs or never will. What cannot be read will not be within a minute either, and
// nothing has been written that would be worth waiting for.
func outageIn(e *plan.Evidence) error {
	for _, err := range []error{
		e.TestBalance.Err, e.LiveBalance.Err, e.TestAccount.Err, e.LiveAccount.Err,
		e.Test.Err, e.Live.Err, e.KeyHolders.Err, e.Webhooks.Err,
	} {
		var outage *engine.OutageError
		if err != nil && errors.As(engine.Unanswered(err), &outage) && !outage.Cause.Unsound {
			return outage
		}
	}
	return nil
}
