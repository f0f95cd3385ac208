package runner

import (
	"context"
	"errors"

	"github.com/golive-hq/golive/internal/postgres"

	"github.com/golive-hq/golive/internal/deployment"
)

// GiveUp takes a deployment out of the way of others that failed on our side at
// every try. One that had begun to write turns back, under a job and with tries of
// its own, which a sweep gives it; one that cannot even do that ends with what is
// known of live.
func (w *Runner) GiveUp(ctx context.Context, id string, jobID int64, worker string) error {
	r, err := w.acquire(ctx, id, jobID, worker)
	if r == nil || err != nil {
		return err
	}
	ctx = postgres.For(ctx, r.d.TenantID)
	hint := "Give this deployment's ID to whoever runs Golive; the logs have details. Then go live again: it picks up from what's in live mode."
	failure := &deployment.Failure{Category: deployment.CategoryInternal, Message: "Golive couldn't complete this deployment.", Hint: &hint}
	switch {
	case r.d.Direction == deployment.Undo && r.d.Error != nil:
		err = r.giveUp(ctx, r.d.Error) // what turned it back says more
	case r.d.Direction == deployment.Undo || r.d.Status != deployment.Deploying:
		err = r.giveUp(ctx, failure)
	default:
		err = r.turnAround(ctx, failure)
		r.release(ctx)
	}
	if errors.Is(err, deployment.ErrLost) {
		return nil
	}
	return err
}

// giveUp ends the deployment where it stands.
func (r *run) giveUp(ctx context.Context, failure *deployment.Failure) error {
	effects, unknown, err := effectsOf(ctx, r.db, r.d.ID)
	if err != nil {
		return err
	}
	outcome := deployment.Partial
	if effects+unknown == 0 {
		outcome = deployment.Unchanged
	}
	return r.finish(ctx, ending{
		Status: deployment.Failed, Message: failure.Message, Error: failure, Outcome: outcome, Action: "deployment.failed",
	})
}
