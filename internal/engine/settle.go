package engine

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Settle finds out, step by step, what became of those that were begun and not
// noted: each takes effect or is refused, and no call of an earlier owner can
// surprise anybody later.
func (r *Run) Settle(ctx context.Context, steps []Step) error {
	for _, s := range steps {
		if s.Status != Running {
			continue
		}
		var refused *StepError
		if err := r.perform(ctx, s); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return nil
}

// conclusive tells whether live can show what became of a step that was begun, be it
// after an answer. An object with the step's stamp is from its call. That fields are as
// it wants them proves nothing: they may have been so before, or by another hand, and the
// call still be on its way, to undo later what is done meanwhile; unless it is over.
func conclusive(s Step, answer *catalog.Error) bool {
	return s.Action == plan.Create || s.Aged || answer != nil && (answer.StoredFailure || answer.Status == http.StatusOK)
}

// settle looks in live whether a step that was begun took effect.
func (r *Run) settle(ctx context.Context, s Step, wait *waiting) (bool, error) {
	live, err := r.Gateway.Snapshot(ctx, r.ProductID, r.known(s))
	if err != nil {
		return false, wait.unanswered(err)
	}
	id, found := Effect(s, live, r.liveID)
	if !found && s.Aged && s.Action == plan.Create && live != nil {
		// The key no longer keeps a second one from being made, and a person may have
		// taken the stamp off the first.
		id, found = plan.Made(s.Step, live, r.links())
	}
	if !found {
		return false, nil
	}
	return true, r.done(ctx, s, catalog.Written{ID: id})
}

// known is what may be in live already: what is linked, and what the step is about.
func (r *Run) known(s Step) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(slices.Collect(maps.Values(r.Links)), r.ProductID, s.LiveID)
}

// lookAgain settles a step as soon as live can be read, or returns the *OutageError
// that patience does not outlast.
func (r *Run) lookAgain(ctx context.Context, s Step, wait *waiting) (bool, error) {
	for {
		settled, err := r.settle(ctx, s, wait)
		var outage *OutageError
		if !errors.As(err, &outage) || wait.impatient() {
			return settled, err
		}
		if err := r.pause(ctx, outage.Cause, wait); err != nil {
			return false, err
		}
	}
}

// ambiguous tells that a call which ended with err may have taken effect all the
// same. One that never left did not: see Gateway and ErrFenced.
func ambiguous(err error) bool {
	var told *catalog.Error
	return !errors.Is(err, ErrFenced) && errors.As(err, &told) && told.Ambiguous()
}
