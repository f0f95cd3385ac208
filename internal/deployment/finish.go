package deployment

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// verify reads live back: only what is there counts.
func (r *run) verify(ctx context.Context, account Stripe) error {
	if err := r.announce(ctx, move{Status: Deploying, Message: "Reading live back"}); err != nil {
		return err
	}
	k, err := known(ctx, r.DB, r.d.TenantID, r.d.LiveAccountID, r.d.StripeProductID)
	if err != nil {
		return err
	}
	live, err := account.Snapshot(ctx, productIn(k, r.d))
	if err != nil {
		return engine.Unanswered(err)
	}
	left, test, err := r.left(ctx, live, k)
	if err != nil {
		return err
	}
	if len(left.Changes) > 0 {
		return &differsError{left}
	}
	if r.d.Kind == Rollback {
		if err := r.relink(ctx, &left); err != nil {
			return err
		}
	}
	return r.complete(ctx, test, live, nil, nil)
}

// left is what live still lacks of the deployment's goal.
func (r *run) left(ctx context.Context, live *catalog.Snapshot, k plan.Known) (plan.Plan, *catalog.Snapshot, error) {
	if r.d.Kind == Rollback {
		touched, err := touchedBy(ctx, r.DB, *r.d.RollbackOfID)
		return plan.Restore(plan.Restoration{Touched: touched, Live: live, Known: k}), nil, err
	}
	test, err := r.testSnapshot(ctx, r.d.ID)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	return plan.Diff(plan.Input{Test: *test, Live: live, Known: k, StampOwner: r.d.TenantID}), test, nil
}

// complete ends the deployment with live as it was just read. empty is the plan
// where there was nothing to do, else nil.
func (r *run) complete(ctx context.Context, test, live *catalog.Snapshot, empty *plan.Plan, report *Report) error {
	message, err := r.completedMessage(ctx, empty != nil)
	if err != nil {
		return err
	}
	r.lease.setEnding()
	var held []*Deployment
	err = postgres.InTx(ctx, r.DB, func(tx pgx.Tx) (err error) {
		// In the order in which starting a deployment locks.
		if err := product.LockForDeployment(ctx, tx, r.d.ProductID); err != nil {
			return err
		}
		m := move{Status: Completed, Message: message, Validation: report}
		if err := advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		if empty != nil {
			if err := r.keepPlan(ctx, tx, empty, test); err != nil {
				return err
			}
		}
		if r.d.Kind == Rollback {
			if err := toggleRolledBack(ctx, tx, *r.d.RollbackOfID); err != nil {
				return err
			}
			if held, err = r.holdEarlier(ctx, tx, r.d); err != nil {
				return err
			}
		}
		if err := r.remember(ctx, tx, test, live); err != nil {
			return err
		}
		if err := r.audit(ctx, tx, "deployment.completed", nil); err != nil {
			return err
		}
		return r.tell(ctx, tx, r.d, r.completion())
	})
	for _, d := range held {
		r.Notify.Ring(topics(d)...)
	}
	return r.ringing(err)
}

// completion is what people are told of when the deployment completes.
func (r *run) completion() NoticeKind {
	if r.d.Kind == Rollback {
		return NoticeRolledBack
	}
	return NoticeCompleted
}

func (r *run) completedMessage(ctx context.Context, empty bool) (string, error) {
	switch {
	case r.d.Kind == Rollback && empty:
		return "Nothing to change: live is as it was before", nil
	case r.d.Kind == Rollback:
		notes, err := kept(ctx, r.DB, *r.d.RollbackOfID)
		return outcomeWords(Restored, notes), err
	case empty:
		return "Nothing to change: live already holds what test holds", nil
	default:
		return "Live holds what test holds", nil
	}
}

func (r *run) move(ctx context.Context, m move) error {
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error { return advance(ctx, tx, r.d.ID, &r.epoch, m) })
	return r.ringing(err)
}

// announce is move for what a parked run tells at each try.
func (r *run) announce(ctx context.Context, m move) error {
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error { return r.news(ctx, tx, m) })
	return r.ringing(err)
}

// finish ends a deployment that does not complete; made is the plan that it ended
// with, if any. What it had taken over from other tenants is theirs again, and where
// live is as it was, what it had adopted is nobody's.
func (r *run) finish(ctx context.Context, m move, made *plan.Plan, action string) error {
	r.lease.setEnding()
	if m.Error != nil {
		// No error of the service: what is wrong here is told to the people of the tenant.
		r.Log.WarnContext(ctx, "deployment failed", "deployment_id", r.d.ID, "category", m.Error.Category, "error", m.Error.Message)
	}
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		if err := advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		if made != nil {
			if err := r.keepPlan(ctx, tx, made, nil); err != nil {
				return err
			}
		}
		if m.Outcome != nil && *m.Outcome != Partial {
			if err := product.DropAdopted(ctx, tx, r.d.ID, r.d.LiveAccountID, r.d.StripeProductID); err != nil {
				return err
			}
		}
		if err := product.ReturnLinks(ctx, tx, r.d.ID); err != nil {
			return err
		}
		return r.tellEnd(ctx, tx, m, action)
	})
	return r.ringing(err)
}

// tellEnd tells the audit log, and people by mail, of an end that is no completion.
func (r *run) tellEnd(ctx context.Context, tx pgx.Tx, m move, action string) error {
	err := r.auditTurn(ctx, tx, action, m.Status == Failed, map[string]any{"error": m.Error, "liveOutcome": m.Outcome})
	if err != nil {
		return err
	}
	kind := NoticeCancelled
	if m.Status == Failed {
		kind = NoticeFailed
	}
	return r.tell(ctx, tx, r.d, kind)
}

// ringing wakes those who watch, also after a commit that nobody knows the end
// of: a bell too many does no harm.
func (r *run) ringing(err error) error {
	r.Notify.Ring(topics(r.d)...)
	return err
}
