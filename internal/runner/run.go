package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// ErrBusy tells a worker that another one holds the lease of the deployment: it
// tries again soon.
var ErrBusy = errors.New("deployment: another worker holds the lease")

// ErrAway tells a worker that the database could not be reached: nothing is known
// to be wrong with the deployment, and it tries again soon.
var ErrAway = errors.New("deployment: the database is unreachable")

// run is one worker's turn at one deployment.
type run struct {
	runner      *Runner
	deployments *deployment.Service
	db          *pgxpool.Pool
	log         *slog.Logger

	d     *deployment.Deployment
	epoch int64
	lease *lease
	// noting is held by the step that writes to the row: others would only wait for it in
	// the database, and there one after the other for each other, were this worker frozen.
	noting chan struct{}
	// onStop calls back once the worker stops, with the cause; the way on which the
	// run is may end earlier.
	onStop  func(then func(cause error)) (detach func() bool)
	product *product.Product
	// tooLate tells that nobody began in time, as it was when the lease was taken.
	tooLate bool
	// begins tells that nobody worked on it before.
	begins bool
	// late is how long after its time a schedule begins; 0 for all else.
	late time.Duration
	// asked is since when its checks wait to be made, and nothing else writes to its
	// live object.
	asked time.Time
}

// Run carries a deployment as far as it goes; worker names who does it. It is
// safe to call again after any failure, whatever the first call had done.
//
// It returns nil when the deployment has ended, has been parked, or is none of
// this job's business any more; ErrBusy while another worker is alive on it;
// ErrAway while the database is away; and otherwise an error of ours, with which it
// waits for its next try.
func (w *Runner) Run(ctx context.Context, id string, jobID int64, worker string) error {
	r, err := w.acquire(ctx, id, jobID, worker)
	if r == nil || err != nil {
		return away(err)
	}
	ctx = postgres.For(ctx, r.d.TenantID)
	r.onStop = func(then func(error)) func() bool {
		return context.AfterFunc(ctx, func() { then(context.Cause(ctx)) })
	}
	held, stop := r.keepLease(ctx)
	defer stop()
	err = r.ended(ctx, r.proceed(held))
	if ctx.Err() == nil {
		w.Deployments.Fill(ctx, r.d.LiveAccountID)
	}
	return err
}

// ended says what an error of a run means for its job, and lets the lease go.
func (r *run) ended(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.Is(err, deployment.ErrLost):
		return nil
	case ctx.Err() != nil:
		// The worker is being stopped: River puts the job back at once.
		r.release(ctx)
		return ctx.Err()
	case errors.Is(err, engine.ErrFenced):
		// The database was away for long. Whoever sweeps first once it is back goes on,
		// at once where the lease has been renewed meanwhile.
		r.release(ctx)
		return nil
	case errors.Is(err, errPaused):
		r.tellPaused(ctx)
		r.release(ctx)
		return nil
	case errors.Is(err, context.Canceled):
		// Whatever ended the run on its way back, as long as the worker goes on.
		r.release(ctx)
		return nil
	default:
		r.release(ctx)
		return away(err)
	}
}

// away tells errors of the database's from ours: they say nothing about the
// deployment and must never end it.
func away(err error) error {
	if postgres.IsAway(err) {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

// proceed takes up the deployment where its row stands.
func (r *run) proceed(ctx context.Context) (err error) {
	if r.product, err = product.ForDeployment(ctx, r.db, r.d.ProductID); err != nil {
		return err
	}
	if r.d.Direction == deployment.Forward && r.d.CancelRequestedAt != nil {
		return r.stopped(ctx, errCancelled)
	}
	if r.d.Direction == deployment.Undo {
		return r.undo(ctx)
	}
	if r.tooLate {
		return r.stopped(ctx, r.hold(ctx, deployment.MissedBecause("because no worker was available")))
	}
	if r.d.Status != deployment.Deploying {
		var goesOn bool
		err := timed(r, Checking, func() (err error) {
			goesOn, err = r.validate(ctx)
			return err
		})
		if err != nil || !goesOn {
			return r.stopped(ctx, err)
		}
	}
	return r.stopped(ctx, r.deploy(ctx))
}

// stopped decides what an error on the way forward leads to: turning back,
// parking, or, where it is not about this deployment, nothing yet.
func (r *run) stopped(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	var outage *engine.OutageError
	switch {
	case errors.Is(err, errCancelled), errors.Is(err, deployment.ErrLost) && r.cancelCameFirst(ctx):
		// The context may have ended with the way forward; the way back is another.
		ctx, stop := r.afterCancel(ctx)
		defer stop()
		return r.turn(ctx, nil)
	case errors.As(err, &outage):
		return r.park(ctx, outage)
	}
	if failure := failureOf(err); failure != nil {
		return r.turn(ctx, failure)
	}
	return err
}

// cancelCameFirst tells whether it was a cancel that kept the run from completing.
func (r *run) cancelCameFirst(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.runner.Lease/2)
	defer cancel()
	first, err := deployment.CancelCameFirst(ctx, r.db, r.d.ID, r.epoch)
	return err == nil && first
}
