package journal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// Touched reads from the journal which live objects a deployment wrote, and which
// prices it was still to archive for their replacements: those have their links.
func Touched(ctx context.Context, db postgres.Querier, id string) ([]plan.Touched, error) {
	forward, _, err := Read(ctx, db, id)
	if err != nil {
		return nil, err
	}
	var touched []plan.Touched
	for _, s := range forward {
		heir := heirOf(s, forward)
		if heir != nil {
			s.TestID = heir.TestID
		}
		if !TookEffect(s) {
			if heir == nil || !TookEffect(*heir) {
				continue
			}
			s.Want = nil // the link is all that went
		}
		some, err := plan.TouchedBy(s.Step, s.LiveID)
		if err != nil {
			return nil, fmt.Errorf("read before-image of step %d: %w", s.Index, err)
		}
		touched = append(touched, some...)
	}
	return keysBack(forward, touched)
}

// TouchedByAll is Touched of several deployments.
func TouchedByAll(ctx context.Context, db postgres.Querier, ids []string) (all []plan.Touched, err error) {
	for _, id := range ids {
		touched, err := Touched(ctx, db, id)
		if err != nil {
			return nil, err
		}
		all = append(all, touched...)
	}
	return all, nil
}

// heirOf is the step that creates a price in the place of the one that s archives,
// nil if s does no such thing. The journal calls the old price by its live id, since
// its test id is the new one's, which is part of the same change.
func heirOf(s engine.Step, forward []engine.Step) *engine.Step {
	for i, heir := range forward {
		if s.TestID == s.LiveID && s.Action == plan.Archive && heir.Action == plan.Create && heir.Change == s.Change {
			return &forward[i]
		}
	}
	return nil
}

// TookEffect tells that a step had an effect, whether or not it was undone.
func TookEffect(s engine.Step) bool {
	return s.Status == engine.Done || s.Status == engine.Status(StepUndone)
}

// Unrecorded are those of the stamps, by live id, that no step was to write.
func Unrecorded(ctx context.Context, db postgres.Querier, stamps map[string]catalog.Stamp) (map[string]catalog.Stamp, error) {
	var ids, texts []string
	for _, s := range stamps {
		if uuid.Validate(s.Deployment) == nil && len(s.Deployment) == len(uuid.Nil.String()) {
			ids, texts = append(ids, s.Deployment), append(texts, s.String())
		}
	}
	known, err := postgres.All(ctx, db, pgx.RowTo[string],
		`SELECT stamp FROM deployment_steps WHERE deployment_id = ANY($1::uuid[]) AND stamp = ANY($2)`, ids, texts)
	unknown := maps.Clone(stamps)
	maps.DeleteFunc(unknown, func(_ string, s catalog.Stamp) bool { return slices.Contains(known, s.String()) })
	return unknown, err
}
