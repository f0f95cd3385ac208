package deployment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// turn ends the way forward for good, and goes back. cause is nil for a cancel.
// Before the journal there is nothing to turn back.
func (r *run) turn(ctx context.Context, cause *Failure) error {
	if r.d.Status != Deploying {
		return r.end(ctx, ending{cause: cause, outcome: Unchanged})
	}
	if err := r.turnAround(ctx, cause); err != nil {
		return err
	}
	return r.undo(ctx)
}

// turnAround makes the direction durable before anything is undone, so that no
// later owner goes forward again.
func (r *run) turnAround(ctx context.Context, cause *Failure) error {
	message := "Cancelled; turning back what was done"
	if cause != nil {
		message = "Failed: " + cause.Message + " Turning back what was done"
	}
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		m := Move{Status: Deploying, Message: message, Set: SetTurned()}
		if cause != nil {
			m.Set = append(m.Set, SetError(cause))
		}
		if err := Advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		return r.auditTurn(ctx, tx, "deployment.turned_back", cause != nil, map[string]any{"error": cause})
	})
	if err := r.ringing(err); err != nil {
		return err
	}
	r.d.Direction, r.d.Error = Undo, cause
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
	_, back, err := journalOf(ctx, r.DB, r.d.ID)
	if err != nil {
		return err
	}
	return r.undone(ctx, way, way.Back(ctx, back))
}

// planUndo settles what was begun, reads live, and appends the way back to the
// journal: what a call that nobody heard of did must be known before it is undone.
func (r *run) planUndo(ctx context.Context, way *engine.Run) error {
	forward, _, err := journalOf(ctx, r.DB, r.d.ID)
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
	err = postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		message := "Turning back: " + callsToMake(len(back.Steps))
		m := Move{Status: Deploying, Message: message, Set: []Set{SetUndoPlanned()}}
		if err := Advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		return insertSteps(ctx, tx, r.d, back.Steps, len(forward), true)
	})
	if err == nil {
		r.d.UndoPlanned = true
	}
	return r.ringing(err)
}

// wayBack is what live, as it is now, still needs to be as it was before.
func (r *run) wayBack(ctx context.Context, way *engine.Run) (plan.Plan, error) {
	touched, err := touchedBy(ctx, r.DB, r.d.ID)
	if err != nil || len(touched) == 0 {
		return plan.Plan{}, err
	}
	k, err := known(ctx, r.DB, r.d.TenantID, r.d.LiveAccountID, r.d.StripeProductID)
	if err != nil {
		return plan.Plan{}, err
	}
	live, err := way.Gateway.Snapshot(ctx, way.ProductID)
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
		return r.end(ctx, ending{r.d.Error, unread, Partial, []string{"nobody knows, since live could not be read"}})
	}
	if err != nil {
		return err
	}
	if err := r.relink(ctx, &left); err != nil {
		return err
	}
	end, err := r.ending(ctx, &left, refused)
	if err != nil {
		return err
	}
	return r.end(ctx, end)
}

// ending is how a run that turned back has ended.
type ending struct {
	// cause is why it turned back, nil for a cancel; refused is what Stripe refused on
	// the way back, nil for nothing.
	cause, refused *Failure
	outcome        Outcome
	// remains lists in sentences what is not as it was before.
	remains []string
}

// ending is the truth about live after a way back that left this undone.
func (r *run) ending(ctx context.Context, left *plan.Plan, refused *Failure) (ending, error) {
	effects, unknown, err := effectsOf(ctx, r.DB, r.d.ID)
	end := ending{cause: r.d.Error, outcome: Restored}
	for _, c := range left.Changes {
		end.remains = append(end.remains, c.Summary)
	}
	if unknown > 0 {
		end.remains = append(end.remains, "steps under way, of which nobody knows whether they took effect")
	}
	switch {
	case len(end.remains) > 0:
		end.outcome, end.refused = Partial, refused
	case effects == 0:
		end.outcome = Unchanged
	}
	return end, err
}

// effectsOf counts the steps that had an effect, and those of which nobody knows.
func effectsOf(ctx context.Context, db postgres.Querier, id string) (effects, unknown int, err error) {
	forward, _, err := journalOf(ctx, db, id)
	for _, s := range forward {
		switch s.Status {
		case engine.Done, undoneStep:
			effects++
		case engine.Running:
			unknown++
		}
	}
	return effects, unknown, err
}

// end finishes the deployment as FAILED, or as CANCELLED where there is no cause.
// Its error is the cause, or else what keeps live from being as it was before.
func (r *run) end(ctx context.Context, e ending) error {
	why := end{Status: Cancelled, Message: "Cancelled. ", Error: e.refused, Outcome: e.outcome, Action: "deployment.cancelled"}
	if e.cause != nil {
		why = end{Status: Failed, Message: "Failed: " + e.cause.Message + " ", Error: e.cause, Outcome: e.outcome, Action: "deployment.failed"}
	}
	if e.outcome == Restored {
		kept, err := kept(ctx, r.DB, r.d.ID)
		if err != nil {
			return err
		}
		e.remains = kept
	}
	why.Message += outcomeWords(e.outcome, e.remains)
	if e.refused != nil {
		why.Message += ". Stripe refused to have it turned back: " + e.refused.Message
	}
	return r.finish(ctx, why)
}

func outcomeWords(outcome Outcome, remains []string) string {
	switch outcome {
	case Unchanged:
		return "Live was not touched."
	case Restored:
		return strings.Join(append([]string{"Live is as it was before."}, remains...), " ")
	default:
		return "Live is not as it was before. What remains: " + strings.Join(remains, "; ")
	}
}

// kept lists what Stripe could not undo of a deployment that was turned back, in
// the words of its plan.
func kept(ctx context.Context, db postgres.Querier, id string) ([]string, error) {
	touched, err := touchedBy(ctx, db, id)
	if err != nil || len(touched) == 0 {
		return nil, err
	}
	f, err := ReviewOf(ctx, db, id)
	if err != nil {
		return nil, err
	}
	var notes []string
	for _, c := range f.Plan.Changes {
		done := slices.ContainsFunc(touched, func(t plan.Touched) bool { return t.TestID == c.TestID })
		if done && c.RollbackNote != "" && !slices.Contains(notes, c.RollbackNote) {
			notes = append(notes, c.RollbackNote)
		}
	}
	return notes, nil
}

// touchedBy reads from the journal which live objects a deployment wrote.
func touchedBy(ctx context.Context, db postgres.Querier, id string) ([]plan.Touched, error) {
	forward, _, err := journalOf(ctx, db, id)
	if err != nil {
		return nil, err
	}
	var touched []plan.Touched
	for _, s := range forward {
		if !tookEffect(s) {
			continue
		}
		s.TestID = testIDOf(s, forward)
		some, err := plan.TouchedBy(s.Step, s.LiveID)
		if err != nil {
			return nil, fmt.Errorf("read before-image of step %d: %w", s.Index, err)
		}
		touched = append(touched, some...)
	}
	return keysBack(forward, touched)
}

// testIDOf is the test id of a step's object. The journal calls a price that another
// one replaced by its live id, since its test id is the other's: of the create that
// is part of the same change.
func testIDOf(s engine.Step, forward []engine.Step) string {
	for _, heir := range forward {
		if s.TestID == s.LiveID && s.Action == plan.Archive && heir.Action == plan.Create && heir.Change == s.Change {
			return heir.TestID
		}
	}
	return s.TestID
}

func tookEffect(s engine.Step) bool { return s.Status == engine.Done || s.Status == undoneStep }

// undoneStep is a step that had an effect which was undone.
const undoneStep = engine.Status(StepUndone)
