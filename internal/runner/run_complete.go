package runner

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// verify reads live back: only what is there counts.
func (r *run) verify(ctx context.Context, account evidence.Stripe) error {
	if err := r.announce(ctx, deployment.Move{Status: deployment.Deploying, Message: "Verifying live mode"}); err != nil {
		return err
	}
	k, err := evidence.Known(ctx, r.db, r.d.TenantID, r.d.LiveAccountID, r.d.StripeProductID)
	if err != nil {
		return err
	}
	touched, err := r.toRestore(ctx)
	if err != nil {
		return err
	}
	read := account.Effect
	if r.d.Kind == deployment.Rollback {
		read = account.Snapshot // most of what it leaves is archived
	}
	live, err := read(ctx, productIn(k, r.d), k.LiveIDs(touched...))
	if err != nil {
		return engine.Unanswered(err)
	}
	left, test, err := r.remaining(ctx, live, k, touched)
	if err != nil {
		return err
	}
	if len(left.Changes) > 0 {
		return &differsError{left}
	}
	if r.d.Kind == deployment.Rollback {
		if err := r.relink(ctx, &left); err != nil {
			return err
		}
	}
	return r.complete(ctx, completion{test: test, live: live, notes: left.Notes})
}

// toRestore is what a rollback brings back, nil for a go-live.
func (r *run) toRestore(ctx context.Context) ([]plan.Touched, error) {
	if r.d.Kind != deployment.Rollback {
		return nil, nil
	}
	return journal.Touched(ctx, r.db, *r.d.RollbackOfID)
}

// remaining is what live still lacks of the deployment's goal.
func (r *run) remaining(ctx context.Context, live *catalog.Snapshot, k plan.Known, touched []plan.Touched) (plan.Plan, *catalog.Snapshot, error) {
	if r.d.Kind == deployment.Rollback {
		later, err := deployment.LeftSince(ctx, r.db, *r.d.RollbackOfID)
		return plan.Restore(plan.Restoration{Touched: touched, Live: live, Known: k, Completed: true, Later: later}), nil, err
	}
	test, err := deployment.TestSnapshot(ctx, r.db, r.d.ID)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	return plan.Diff(plan.Input{Test: *test, Live: live, Known: k, StampOwner: r.d.TenantID}), test, nil
}

// completion is what a deployment ends with: live as it was just read.
type completion struct {
	test, live *catalog.Snapshot
	// empty is the plan where there was nothing to do, with its report; else nil.
	empty  *plan.Plan
	report *deployment.Report
	// notes say what stays of what was to be undone.
	notes []string
}

func (r *run) complete(ctx context.Context, c completion) error {
	message, err := completedMessage(ctx, r.db, r.d, c)
	if err != nil {
		return err
	}
	r.lease.setEnding()
	var held []*deployment.Deployment
	err = postgres.InTx(ctx, r.db, func(tx pgx.Tx) (err error) {
		// In the order in which starting a deployment locks.
		if err := product.LockForDeployment(ctx, tx, r.d.ProductID); err != nil {
			return err
		}
		m := deployment.Move{Status: deployment.Completed, Message: message}
		if c.empty != nil {
			m.Set = append(planned(c.empty, c.test), deployment.SetValidation(c.report))
		}
		moved, err := deployment.Advance(ctx, tx, r.d.ID, &r.epoch, m)
		if err != nil {
			return err
		}
		if c.empty != nil {
			if err := saveLinks(ctx, tx, r.d, c.empty.Links); err != nil {
				return err
			}
		}
		if r.d.Kind == deployment.Rollback {
			if err := deployment.ToggleRolledBack(ctx, tx, *r.d.RollbackOfID); err != nil {
				return err
			}
			if held, err = deployment.HoldEarlier(ctx, tx, r.d); err != nil {
				return err
			}
		}
		if err := keepBase(ctx, tx, r.d, c.test, c.live); err != nil {
			return err
		}
		if err := record(ctx, tx, r.d, "deployment.completed", nil); err != nil {
			return err
		}
		return deployment.Tell(ctx, tx, r.d, moved, completionOf(r.d))
	})
	for _, d := range held {
		r.deployments.Notify.Ring(deployment.Topics(d)...)
	}
	if err == nil {
		r.deployments.Observe.End(ctx, r.d, deployment.Completed, "", nil)
	}
	return r.ringing(err)
}

// completionOf is what people are told of when the deployment completes.
func completionOf(d *deployment.Deployment) outbox.Kind {
	if d.Kind == deployment.Rollback {
		return notice.RolledBack
	}
	return notice.Completed
}

func completedMessage(ctx context.Context, db postgres.Querier, d *deployment.Deployment, c completion) (string, error) {
	switch {
	case d.Kind == deployment.Rollback && c.empty != nil:
		return strings.Join(append([]string{"Nothing to change: live mode is already as it was before."}, c.notes...), " "), nil
	case d.Kind == deployment.Rollback:
		notes, err := kept(ctx, db, *d.RollbackOfID)
		return outcomeWords(deployment.Restored, append(notes, c.notes...)), err
	case c.empty != nil:
		return "Nothing to change: live mode already matches test mode", nil
	default:
		return "Live mode matches test mode", nil
	}
}
