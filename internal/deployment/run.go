package deployment

import (
	"context"
	"errors"
	"fmt"

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

// run is one worker's turn at one deployment.
type run struct {
	*Service
	d       *Deployment
	epoch   int64
	product *product.Product
}

// Run carries a deployment as far as it goes; worker names who does it. It is
// safe to call again after any failure, whatever the first call had done.
//
// It returns nil when the deployment has ended or is none of this job's business
// any more, ErrBusy while another worker is alive on it, and otherwise an error
// of ours, with which the deployment waits for its next try.
func (s *Service) Run(ctx context.Context, id string, jobID int64, worker string) error {
	r, err := s.acquire(ctx, id, jobID, worker)
	if r == nil || err != nil {
		return err
	}
	ctx, stop := r.keepLease(ctx)
	defer stop()
	err = r.proceed(ctx)
	if errors.Is(err, ErrLost) {
		return nil
	}
	if err != nil {
		r.release(ctx)
	}
	return err
}

// proceed takes up the deployment where its row stands.
func (r *run) proceed(ctx context.Context) error {
	p, err := r.Products.ForDeployment(ctx, r.d.ProductID)
	if err != nil {
		return err
	}
	r.product = p
	if r.d.Status != Deploying {
		goesOn, err := r.validate(ctx)
		if err != nil || !goesOn {
			return err
		}
	}
	return r.deploy(ctx)
}

// validate checks and plans afresh. goesOn is false where the deployment ended
// there: refused, or with nothing to do.
func (r *run) validate(ctx context.Context) (goesOn bool, err error) {
	if err := r.move(ctx, move{Status: Validating, Message: "Checking the product in test and live"}); err != nil {
		return false, err
	}
	f, err := r.examine(ctx, subject{product: r.product, adopt: r.d.Adopt, deployment: r.d.ID})
	if err != nil {
		return false, err
	}
	if !f.report.OK {
		return false, r.refuse(ctx, f, validationFailure(f.report))
	}
	if f.plan == nil {
		return false, f.whyNoPlan()
	}
	if r.d.ExpectedPlanHash != nil && *r.d.ExpectedPlanHash != f.plan.Hash {
		return false, r.refuse(ctx, f, planChanged(*r.d.ExpectedPlanHash, f.plan.Hash))
	}
	if f.plan.IsEmpty() {
		return false, r.complete(ctx, f.evidence.Test.Value, f.evidence.Live.Value, f.plan, f.report)
	}
	return true, r.enterDeploying(ctx, f)
}

// refuse ends the deployment before any write.
func (r *run) refuse(ctx context.Context, f *findings, failure *Failure) error {
	unchanged := Unchanged
	return r.finish(ctx, move{
		Status: Failed, Message: failure.Message, Validation: f.report, Error: failure, Outcome: &unchanged,
	}, f.plan, "deployment.failed")
}

// deploy carries out the journal and proves the result.
func (r *run) deploy(ctx context.Context) error {
	live, _, err := r.account(ctx, r.d.TenantID, catalog.Live)
	if err != nil {
		return err
	}
	if live == nil {
		return fmt.Errorf("deployment %s: live is not connected any more", r.d.ID)
	}
	steps, err := journalSteps(ctx, r.DB, r.d.ID)
	if err != nil {
		return err
	}
	k, err := known(ctx, r.DB, r.d.LiveAccountID, r.d.StripeProductID)
	if err != nil {
		return err
	}
	way := engine.Run{
		Gateway: live, Journal: &journal{run: r}, ProductID: productIn(k, r.d), Links: k.Links,
		Epoch: r.epoch, Backoff: r.Backoff,
	}
	if err := way.Forward(ctx, steps); err != nil {
		return r.failed(ctx, err)
	}
	return r.verify(ctx, live)
}

// verify reads live back: only what is there counts.
func (r *run) verify(ctx context.Context, account Stripe) error {
	if err := r.move(ctx, move{Status: Deploying, Message: "Reading live back"}); err != nil {
		return err
	}
	k, err := known(ctx, r.DB, r.d.LiveAccountID, r.d.StripeProductID)
	if err != nil {
		return err
	}
	live, err := account.Snapshot(ctx, productIn(k, r.d))
	if err != nil {
		return r.failed(ctx, &engine.StepError{Index: -1, Err: err})
	}
	test, err := r.testSnapshot(ctx, r.d.ID)
	if err != nil {
		return err
	}
	left := plan.Diff(plan.Input{Test: *test, Live: live, Known: k, StampOwner: r.d.TenantID})
	if !left.IsEmpty() {
		return r.failed(ctx, &differsError{left})
	}
	return r.complete(ctx, test, live, nil, nil)
}

// productIn is the id of the live product; before its creation, the one it will get.
func productIn(k plan.Known, d *Deployment) string {
	if id := k.Links[d.StripeProductID]; id != "" {
		return id
	}
	return d.StripeProductID
}

// complete ends the deployment with live as it was just read.
func (r *run) complete(ctx context.Context, test, live *catalog.Snapshot, empty *plan.Plan, report *Report) error {
	message := "Live holds what test holds"
	if empty != nil {
		message = "Nothing to change: live already holds what test holds"
	}
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		if err := advance(ctx, tx, r.d.ID, &r.epoch, move{Status: Completed, Message: message, Validation: report}); err != nil {
			return err
		}
		if empty != nil {
			if err := r.keepPlan(ctx, tx, empty, test); err != nil {
				return err
			}
		}
		if err := r.remember(ctx, tx, test, live); err != nil {
			return err
		}
		return r.audit(ctx, tx, "deployment.completed", nil)
	})
	return r.ringing(err)
}

func (r *run) move(ctx context.Context, m move) error {
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error { return advance(ctx, tx, r.d.ID, &r.epoch, m) })
	return r.ringing(err)
}

// finish ends the deployment; made is the plan that it ended with, if any.
func (r *run) finish(ctx context.Context, m move, made *plan.Plan, action string) error {
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		if err := advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		if made != nil {
			if err := r.keepPlan(ctx, tx, made, nil); err != nil {
				return err
			}
		}
		return r.audit(ctx, tx, action, map[string]any{"error": m.Error, "liveOutcome": m.Outcome})
	})
	return r.ringing(err)
}

// ringing wakes those who watch, after a commit.
func (r *run) ringing(err error) error {
	if err == nil {
		r.Notify.Ring(topics(r.d)...)
	}
	return err
}
