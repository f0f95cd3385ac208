package deployment

import (
	"context"
	"fmt"

	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// Touched reads from the journal which live objects a deployment wrote.
func Touched(ctx context.Context, db postgres.Querier, id string) ([]plan.Touched, error) {
	forward, _, err := Journal(ctx, db, id)
	if err != nil {
		return nil, err
	}
	var touched []plan.Touched
	for _, s := range forward {
		if !TookEffect(s) {
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

// TookEffect tells that a step had an effect, whether or not it was undone.
func TookEffect(s engine.Step) bool {
	return s.Status == engine.Done || s.Status == engine.Status(StepUndone)
}
