package runner

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/postgres"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
)

// stopOf is why a run has to end, nil where it has not.
func stopOf(r deployment.Renewal) error {
	switch {
	case r.Cancelled:
		return errCancelled
	case r.Paused:
		return errPaused
	default:
		return nil
	}
}

// Beat renews the leases of all runs of this process until ctx ends, and takes them anew
// as soon as the process has another lifeline.
func (w *Runner) Beat(ctx context.Context) {
	tick := time.NewTicker(w.Lease / 5)
	defer tick.Stop()
	_, another := w.Lifeline.Number()
	for {
		select {
		case <-tick.C:
		case <-another:
		case <-ctx.Done():
			return
		}
		_, another = w.Lifeline.Number()
		w.renew(ctx, w.leases.all()...)
	}
}

// renew renews leases in one statement. A run whose lease has another owner by
// now, or that shall be cancelled or paused, ends; and so does one that could not
// be renewed in time, because the database is away: whatever it still waits for
// there would keep it for longer than its right to act.
func (w *Runner) renew(ctx context.Context, held ...*lease) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	if len(held) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, w.Lease/5)
	defer cancel()
	ids, epochs, byID := make([]string, len(held)), make([]int64, len(held)), map[string]*lease{}
	for i, l := range held {
		ids[i], epochs[i], byID[l.id] = l.id, l.epoch, l
	}
	lifeline, err := w.Lifeline.Await(ctx)
	sent := w.Clock()
	var answers []deployment.Renewal
	if err == nil {
		answers, err = deployment.Renew(ctx, w.Deployments.DB, ids, epochs, lifeline, w.Lease)
	}
	if err != nil {
		w.Deployments.Log.WarnContext(ctx, "heartbeat failed", "error", err)
		for _, l := range held {
			if l.expired() {
				l.end(engine.ErrFenced)
			}
		}
		return
	}
	for _, a := range answers {
		byID[a.ID].take(lifeline, sent)
		if cause := stopOf(a); cause != nil {
			byID[a.ID].end(cause)
		}
		delete(byID, a.ID)
	}
	for _, lost := range byID {
		lost.end(deployment.ErrLost)
	}
}
