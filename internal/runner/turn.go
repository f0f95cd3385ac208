package runner

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// turn ends the way forward for good, and goes back. cause is nil for a cancel.
// Before the journal there is nothing to turn back.
func (r *run) turn(ctx context.Context, cause *deployment.Failure) error {
	if r.d.Status != deployment.Deploying {
		return r.finishUndone(ctx, undoResult{cause: cause, outcome: deployment.Unchanged})
	}
	if err := r.turnAround(ctx, cause); err != nil {
		return err
	}
	return r.undo(ctx)
}

// turnAround makes the direction durable before anything is undone, so that no
// later owner goes forward again.
func (r *run) turnAround(ctx context.Context, cause *deployment.Failure) error {
	message := "Cancelled; undoing what was done"
	if cause != nil {
		message = "Failed: " + cause.Message + " Undoing what was done"
	}
	err := postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		refused, err := journal.Refused(ctx, tx, r.d.ID)
		if err != nil {
			return err
		}
		m := deployment.Move{Status: deployment.Deploying, Message: message, Steps: refused, Set: deployment.SetTurned()}
		if cause != nil {
			m.Set = append(m.Set, deployment.SetError(cause))
		}
		if _, err := deployment.Advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		return recordTurn(ctx, tx, r.d, "deployment.turned_back", cause != nil, map[string]any{"error": cause})
	})
	if err := r.ringing(err); err != nil {
		return err
	}
	r.d.Direction, r.d.Error = deployment.Undo, cause
	return nil
}

// undo brings live back to what it was, and ends the deployment with the truth
// about it.
func (r *run) undo(ctx context.Context) error {
	way, _, err := r.way(ctx)
	if err != nil {
		return err
	}
	if !r.d.UndoPlanned {
		if err := r.planUndo(ctx, way); err != nil {
			return r.undone(ctx, way, err)
		}
	}
	_, back, err := journal.Read(ctx, r.db, r.d.ID)
	if err != nil {
		return err
	}
	return r.undone(ctx, way, timed(r, Undoing, func() error { return way.Back(ctx, back) }))
}

// planUndo settles what was begun, reads live, and appends the way back to the
// journal: what a call that nobody heard of did must be known before it is undone.
func (r *run) planUndo(ctx context.Context, way *engine.Run) error {
	forward, _, err := journal.Read(ctx, r.db, r.d.ID)
	if err != nil {
		return err
	}
	if err := way.Settle(ctx, forward); err != nil {
		return err
	}
	back, err := r.wayBack(ctx, way)
	if err != nil {
		return err
	}
	err = postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		message := "Undoing: " + callsToMake(len(back.Steps))
		m := deployment.Move{
			Status: deployment.Deploying, Message: message, Steps: upTo(len(forward), len(back.Steps)), Set: deployment.SetUndoPlanned(),
		}
		if _, err := deployment.Advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		return journal.Insert(ctx, tx, r.d.TenantID, r.d.ID, back.Steps, len(forward), true)
	})
	if err == nil {
		r.d.UndoPlanned = true
	}
	return r.ringing(err)
}

// wayBack is what live, as it is now, still needs to be as it was before.
func (r *run) wayBack(ctx context.Context, way *engine.Run) (plan.Plan, error) {
	touched, err := journal.Touched(ctx, r.db, r.d.ID)
	if err != nil || len(touched) == 0 {
		return plan.Plan{}, err
	}
	k, err := evidence.Known(ctx, r.db, r.d.TenantID, r.d.LiveAccountID, r.d.StripeProductID)
	if err != nil {
		return plan.Plan{}, err
	}
	live, err := way.Gateway.Snapshot(ctx, way.ProductID, k.LiveIDs(touched...))
	if err != nil {
		return plan.Plan{}, engine.Unanswered(err)
	}
	return plan.Restore(plan.Restoration{Touched: touched, Live: live, Known: k}), nil
}

// undone ends a way back that has come to its end: by itself, or at refusals that
// leave live in between. A Stripe that is down only delays it.
func (r *run) undone(ctx context.Context, way *engine.Run, err error) error {
	var outage *engine.OutageError
	if errors.As(err, &outage) {
		return r.park(ctx, outage)
	}
	refused := failureOf(err)
	if err != nil && refused == nil {
		return err
	}
	left, err := r.wayBack(ctx, way)
	if errors.As(err, &outage) {
		return r.park(ctx, outage)
	}
	if unread := failureOf(err); unread != nil {
		return r.finishUndone(ctx, undoResult{
			cause: r.d.Error, refused: unread, outcome: deployment.Partial, remains: []string{"unknown, because live mode couldn't be read"},
		})
	}
	if err != nil {
		return err
	}
	if err := r.relink(ctx, &left); err != nil {
		return err
	}
	u, err := resultOf(ctx, r.db, r.d, &left, refused)
	if err != nil {
		return err
	}
	return r.finishUndone(ctx, u)
}
