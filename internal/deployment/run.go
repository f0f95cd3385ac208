package deployment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// ErrBusy tells a worker that another one holds the lease of the deployment: it
// tries again soon.
var ErrBusy = errors.New("deployment: another worker holds the lease")

// ErrAway tells a worker that the database could not be reached: nothing is known
// to be wrong with the deployment, and it tries again soon.
var ErrAway = errors.New("deployment: the database is away")

// run is one worker's turn at one deployment.
type run struct {
	*Service
	d     *Deployment
	epoch int64
	lease *lease
	// onStop calls back once the worker stops, with the cause; the way on which the
	// run is may end earlier.
	onStop  func(then func(cause error)) (detach func() bool)
	product *product.Product
	// tooLate tells that nobody began in time, as it was when the lease was taken.
	tooLate bool
	// late is how long after its time a schedule begins; 0 for all else.
	late time.Duration
}

// Run carries a deployment as far as it goes; worker names who does it. It is
// safe to call again after any failure, whatever the first call had done.
//
// It returns nil when the deployment has ended, has been parked, or is none of
// this job's business any more; ErrBusy while another worker is alive on it;
// ErrAway while the database is away; and otherwise an error of ours, with which it
// waits for its next try.
func (s *Service) Run(ctx context.Context, id string, jobID int64, worker string) error {
	r, err := s.acquire(ctx, id, jobID, worker)
	if r == nil || err != nil {
		return away(err)
	}
	r.onStop = func(then func(error)) func() bool {
		return context.AfterFunc(ctx, func() { then(context.Cause(ctx)) })
	}
	held, stop := r.hold(ctx)
	defer stop()
	return r.ended(ctx, r.proceed(held))
}

// ended says what an error of a run means for its job, and lets the lease go.
func (r *run) ended(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.Is(err, ErrLost):
		return nil
	case ctx.Err() != nil:
		// The worker is being stopped: River puts the job back at once.
		r.release(ctx)
		return ctx.Err()
	case errors.Is(err, engine.ErrFenced):
		// The database was away for longer than the lease. Whoever sweeps first
		// once it is back goes on.
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
	if r.product, err = product.ForDeployment(ctx, r.DB, r.d.ProductID); err != nil {
		return err
	}
	if r.d.Direction == Forward && r.d.CancelRequestedAt != nil {
		return r.stopped(ctx, errCancelled)
	}
	if r.d.Direction == Undo {
		return r.undo(ctx)
	}
	if r.tooLate {
		return r.stopped(ctx, r.giveBack(ctx, missedBecause("because no worker was there for it")))
	}
	if r.d.Status != Deploying {
		goesOn, err := r.validate(ctx)
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
	case errors.Is(err, errCancelled), errors.Is(err, ErrLost) && r.cancelCameFirst(ctx):
		// The context may have ended with the way forward; the way back is another.
		ctx, stop := r.again(ctx)
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

// validate checks and plans afresh. goesOn is false where the deployment ended
// there: refused, held for a person, or with nothing to do.
func (r *run) validate(ctx context.Context) (goesOn bool, err error) {
	if err := r.enterValidating(ctx); err != nil {
		return false, err
	}
	if refused, err := r.refusePerson(ctx); refused || err != nil {
		return false, err
	}
	f, err := r.findings(ctx)
	if err != nil {
		return false, err
	}
	if outage := f.outage(); outage != nil {
		return false, outage
	}
	if !f.report.OK {
		return false, r.refuse(ctx, f, validationFailure(f.report))
	}
	if f.plan == nil {
		return false, f.whyNoPlan()
	}
	// That of a schedule was held against the plan when it was made; since then Golive
	// itself may have deployed some of it.
	if seen := r.d.ExpectedPlanHash; seen != nil && *seen != f.plan.Hash && r.d.DueAt == nil {
		return false, r.refuse(ctx, f, planChanged(*seen, f.plan.Hash))
	}
	if held, err := r.holdChanged(ctx, f); held || err != nil {
		return false, err
	}
	if f.plan.IsEmpty() {
		return false, r.complete(ctx, f.evidence.Test.Value, f.evidence.Live.Value, f.plan, f.report)
	}
	return true, r.enterDeploying(ctx, f)
}

// lateness is told by whoever begins, since the wait for a worker counts as well.
func (r *run) lateness() string {
	if r.late < lateFrom {
		return ""
	}
	return fmt.Sprintf(", %s after its time", r.late.Round(time.Second))
}

// enterValidating tells that the deployment runs; a takeover begins it once more, which is
// told to nobody twice.
func (r *run) enterValidating(ctx context.Context) error {
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		m := Move{Status: Validating, Message: "Checking the product in test and live" + r.lateness()}
		if err := r.news(ctx, tx, m); err != nil {
			return err
		}
		return Tell(ctx, tx, r.d.ID, NoticeStarted)
	})
	return r.ringing(err)
}

// findings are those of the deployment's kind.
func (r *run) findings(ctx context.Context) (*findings, error) {
	if r.d.Kind == Rollback {
		return r.examineRollback(ctx, r.product, *r.d.RollbackOfID, r.d.ID)
	}
	return r.examine(ctx, subject{product: r.product, adopt: r.d.Adopt, deployment: r.d.ID})
}

// refuse ends the deployment before any write.
func (r *run) refuse(ctx context.Context, f *findings, failure *Failure) error {
	return r.finish(ctx, end{
		Status: Failed, Message: failure.Message, Error: failure, Outcome: Unchanged, Action: "deployment.failed", Found: f,
	})
}

// deploy carries out the journal and proves the result.
func (r *run) deploy(ctx context.Context) error {
	way, live, err := r.way(ctx)
	if err != nil {
		return err
	}
	forward, _, err := journalOf(ctx, r.DB, r.d.ID)
	if err != nil {
		return err
	}
	if err := way.Forward(ctx, forward); err != nil {
		return err
	}
	return r.verify(ctx, live)
}

// way is the engine for this turn, and the live account that it writes to.
func (r *run) way(ctx context.Context) (*engine.Run, Stripe, error) {
	live, _, err := r.account(ctx, r.d.TenantID, catalog.Live)
	if err != nil {
		return nil, nil, err
	}
	if live == nil {
		return nil, nil, fmt.Errorf("deployment %s: live is not connected any more", r.d.ID)
	}
	k, err := known(ctx, r.DB, r.d.TenantID, r.d.LiveAccountID, r.d.StripeProductID)
	return &engine.Run{
		Gateway: live, Journal: &journal{run: r}, ProductID: productIn(k, r.d), Links: k.Links,
		Epoch: r.epoch, Backoff: r.Backoff,
	}, live, err
}

// productIn is the id of the live product; before its creation, the one it will get.
func productIn(k plan.Known, d *Deployment) string {
	if id := k.Links[d.StripeProductID]; id != "" {
		return id
	}
	return d.StripeProductID
}
