package deployment

import (
	"context"
	"errors"
)

// GiveUp takes a deployment out of the way of others that failed on our side at
// every try. One that had begun to write turns back, under a job and with tries of
// its own, which a sweep gives it; one that cannot even do that ends with what is
// known of live.
func (s *Service) GiveUp(ctx context.Context, id string, jobID int64, worker string) error {
	r, err := s.acquire(ctx, id, jobID, worker)
	if r == nil || err != nil {
		return err
	}
	hint := "Tell the operators of Golive the id of this deployment; their log says more. Then go live again: it starts from what live holds."
	failure := &Failure{Category: CategoryInternal, Message: "Golive could not carry this deployment out.", Hint: &hint}
	switch {
	case r.d.Direction == Undo && r.d.Error != nil:
		err = r.giveUp(ctx, r.d.Error) // what turned it back says more
	case r.d.Direction == Undo || r.d.Status != Deploying:
		err = r.giveUp(ctx, failure)
	default:
		err = r.turnAround(ctx, failure)
		r.release(ctx)
	}
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// giveUp ends the deployment where it stands.
func (r *run) giveUp(ctx context.Context, failure *Failure) error {
	effects, unknown, err := effectsOf(ctx, r.DB, r.d.ID)
	if err != nil {
		return err
	}
	outcome := Partial
	if effects+unknown == 0 {
		outcome = Unchanged
	}
	return r.finish(ctx, end{
		Status: Failed, Message: failure.Message, Error: failure, Outcome: outcome, Action: "deployment.failed",
	})
}
