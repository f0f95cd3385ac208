package deployment

import (
	"context"
	"errors"
)

// GiveUp ends a deployment that failed on our side at every try, so that it does
// not lock its product for ever.
func (s *Service) GiveUp(ctx context.Context, id string, jobID int64, worker string) error {
	r, err := s.acquire(ctx, id, jobID, worker)
	if r == nil || err != nil {
		return err
	}
	effects, unknown, err := effectsOf(ctx, s.DB, id)
	if err != nil {
		return err
	}
	outcome := Partial
	if effects+unknown == 0 {
		outcome = Unchanged
	}
	hint := "Tell the operators of Golive the id of this deployment; their log says more. Then go live again: it continues where live stands."
	failure := &Failure{Category: CategoryInternal, Message: "Golive could not carry this deployment out.", Hint: &hint}
	if r.d.Error != nil {
		failure = r.d.Error // what turned it back says more
	}
	err = r.finish(ctx, move{Status: Failed, Message: failure.Message, Error: failure, Outcome: &outcome}, nil, "deployment.failed")
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}
