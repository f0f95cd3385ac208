package runner

import (
	"context"
	"slices"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// effectsOf counts the steps that had an effect, and those of which nobody knows.
func effectsOf(ctx context.Context, db postgres.Querier, id string) (effects, unknown int, err error) {
	forward, _, err := journal.Read(ctx, db, id)
	for _, s := range forward {
		switch {
		case journal.TookEffect(s):
			effects++
		case s.Status == engine.Running:
			unknown++
		}
	}
	return effects, unknown, err
}

// kept lists what Stripe could not undo of a deployment that was turned back, in
// the words of its plan.
func kept(ctx context.Context, db postgres.Querier, id string) ([]string, error) {
	touched, err := journal.Touched(ctx, db, id)
	if err != nil || len(touched) == 0 {
		return nil, err
	}
	f, err := deployment.ReviewOf(ctx, db, id)
	if err != nil {
		return nil, err
	}
	var notes []string
	for _, c := range f.Plan.Changes {
		done := slices.ContainsFunc(touched, func(t plan.Touched) bool { return t.Resource == c.Resource && t.TestID == c.TestID })
		if done && c.RollbackNote != "" && !slices.Contains(notes, c.RollbackNote) {
			notes = append(notes, c.RollbackNote)
		}
	}
	return notes, nil
}
