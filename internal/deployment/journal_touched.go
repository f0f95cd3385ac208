package deployment

import (
	"context"
	"fmt"
	"slices"

	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// Effects counts the steps that had an effect, and those of which nobody knows.
func Effects(ctx context.Context, db postgres.Querier, id string) (effects, unknown int, err error) {
	forward, _, err := Journal(ctx, db, id)
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

// Kept lists what Stripe could not undo of a deployment that was turned back, in
// the words of its plan.
func Kept(ctx context.Context, db postgres.Querier, id string) ([]string, error) {
	touched, err := Touched(ctx, db, id)
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

// Touched reads from the journal which live objects a deployment wrote.
func Touched(ctx context.Context, db postgres.Querier, id string) ([]plan.Touched, error) {
	forward, _, err := Journal(ctx, db, id)
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
