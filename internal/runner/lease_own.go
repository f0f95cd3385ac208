package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golive-hq/golive/internal/postgres"

	"github.com/golive-hq/golive/internal/deployment"
)

// acquire makes this worker the owner, under a new epoch that fences out every
// earlier one. nil, nil means that the job has nothing to do here any more.
func (w *Runner) acquire(ctx context.Context, id string, jobID int64, worker string) (*run, error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	r := &run{
		runner: w, deployments: w.Deployments, db: w.Deployments.DB, log: w.Deployments.Log,
		lease: &lease{id: id, right: &w.Deps}, noting: make(chan struct{}, 1),
	}
	lifeline, err := w.ownLifeline(ctx)
	if err != nil {
		return nil, err
	}
	sent := w.Clock()
	owned, err := deployment.Own(ctx, w.Deployments.DB, id, jobID, deployment.Owner{Name: worker, Lifeline: lifeline}, w.Lease)
	if errors.Is(err, deployment.ErrLost) {
		return nil, w.whyNotOurs(ctx, id, jobID)
	}
	if err != nil {
		return nil, fmt.Errorf("acquire deployment %s: %w", id, err)
	}
	r.lease.epoch, r.tooLate, r.late, r.asked = owned.Epoch, owned.TooLate, owned.Late, time.Now().Add(-owned.Waited)
	r.lease.take(lifeline, sent)
	r.epoch = r.lease.epoch
	if r.d, err = deployment.ByID(ctx, r.db, id); err != nil {
		return r, err
	}
	if r.begins = r.d.StartedAt == nil; r.begins {
		now := time.Now()
		r.d.StartedAt = &now
	}
	return r, nil
}

// ownLifeline waits for the number under which deployments are taken, for as long as for
// a renewal.
func (w *Runner) ownLifeline(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, w.Lease/5)
	defer cancel()
	return w.Lifeline.Await(ctx)
}

// whyNotOurs is ErrBusy while a living owner works under the same job, else nil:
// what waits for an operator is dispatched anew once the world goes on.
func (w *Runner) whyNotOurs(ctx context.Context, id string, jobID int64) error {
	held, err := deployment.IsOwned(ctx, w.Deployments.DB, id, jobID)
	if err == nil && held {
		return ErrBusy
	}
	return err
}

// keepLease lets the process's heartbeat renew the lease until stop is called, and a
// cancel reach the run at once. What ends the run is the cause of held's end.
func (r *run) keepLease(ctx context.Context) (held context.Context, stop func()) {
	held, end := context.WithCancelCause(withPermit(ctx, &Permit{r.lease, r.runner.renew}))
	r.lease.setEnd(end, false)
	r.runner.leases.add(r.lease)
	bell := r.runner.Hub.Subscribe(deployment.CommandTopic(r.d.ID))
	go func() {
		for {
			select {
			case <-bell.C:
				r.runner.renew(held, r.lease)
			case <-held.Done():
				return
			}
		}
	}()
	return held, func() {
		bell.Close()
		r.runner.leases.remove(r.lease)
		end(nil)
	}
}

// afterCancel gives a run whose way forward was ended a way back, under the same lease:
// only its loss, a pause or the worker's stop ends that one.
func (r *run) afterCancel(ctx context.Context) (context.Context, context.CancelFunc) {
	fresh, end := context.WithCancelCause(context.WithoutCancel(ctx))
	r.lease.setEnd(end, true)
	detach := r.onStop(end)
	return fresh, func() {
		detach()
		end(nil)
	}
}

// release lets the deployment be taken up again at once, also when ctx is what ended
// this turn.
func (r *run) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.runner.Lease/2)
	defer cancel()
	if err := deployment.LetGo(ctx, r.db, r.d.ID, r.epoch, 0); err != nil {
		r.log.WarnContext(ctx, "could not release lease", "deployment", r.d.ID, "error", err)
	}
}
