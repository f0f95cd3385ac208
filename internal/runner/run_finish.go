package runner

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

func (r *run) move(ctx context.Context, m deployment.Move) error {
	err := postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		_, err := deployment.Advance(ctx, tx, r.d.ID, &r.epoch, m)
		return err
	})
	return r.ringing(err)
}

// announce is move for what a parked run tells at each try.
func (r *run) announce(ctx context.Context, m deployment.Move) error {
	err := postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		_, err := r.news(ctx, tx, m)
		return err
	})
	return r.ringing(err)
}

// ending is how a deployment ends that does not complete.
type ending struct {
	Status  deployment.Status
	Message string
	// Error is nil for a cancel that left nothing behind.
	Error   *deployment.Failure
	Outcome deployment.Outcome
	// Action is the audit log's.
	Action string
	// Found is what was found right before, if that is the reason.
	Found *deployment.Findings
}

// plan is what was planned right before, nil where nothing was.
func (e ending) plan() *plan.Plan {
	if e.Found == nil {
		return nil
	}
	return e.Found.Plan
}

func (e ending) move() deployment.Move {
	m := deployment.Move{Status: e.Status, Message: e.Message, Set: []deployment.Set{deployment.SetOutcome(e.Outcome)}}
	if e.Error != nil {
		m.Set = append(m.Set, deployment.SetError(e.Error))
	}
	if e.Found != nil {
		m.Set = append(m.Set, deployment.SetValidation(e.Found.Report))
	}
	if p := e.plan(); p != nil {
		m.Set = append(m.Set, planned(p, nil)...)
	}
	return m
}

// finish ends a deployment that does not complete. What it had taken over from other
// tenants is theirs again, and where live is as it was, what it had adopted is nobody's.
func (r *run) finish(ctx context.Context, e ending) error {
	r.lease.setEnding()
	err := postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		moved, err := deployment.Advance(ctx, tx, r.d.ID, &r.epoch, e.move())
		if err != nil {
			return err
		}
		if p := e.plan(); p != nil && r.d.Kind == deployment.Rollback {
			if err := saveLinks(ctx, tx, r.d, p.Links); err != nil {
				return err
			}
		}
		if e.Outcome != deployment.Partial {
			if err := product.DropAdopted(ctx, tx, r.d.ID, r.d.LiveAccountID, r.d.StripeProductID); err != nil {
				return err
			}
		}
		if err := returnLinks(ctx, tx, r.d.ID); err != nil {
			return err
		}
		return r.tellEnd(ctx, tx, e, moved)
	})
	if err == nil {
		r.deployments.Observe.End(ctx, r.d, e.Status, e.Outcome, e.Error)
	}
	return r.ringing(err)
}

// tellEnd tells the audit log, and people by mail, of an end that is no completion.
func (r *run) tellEnd(ctx context.Context, tx pgx.Tx, e ending, moved deployment.Moved) error {
	err := recordTurn(ctx, tx, r.d, e.Action, e.Status == deployment.Failed, map[string]any{"error": e.Error, "liveOutcome": e.Outcome})
	if err != nil {
		return err
	}
	kind := notice.Cancelled
	if e.Status == deployment.Failed {
		kind = notice.Failed
	}
	return deployment.Tell(ctx, tx, r.d, moved, kind)
}

// ringing wakes those who watch, also after a commit that nobody knows the end
// of: a bell too many does no harm.
func (r *run) ringing(err error) error {
	r.deployments.Notify.Ring(deployment.Topics(r.d)...)
	return err
}
