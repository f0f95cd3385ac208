package progress

import (
	"context"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/journal"
)

// StepsOf returns the steps that events tell of, as they are now, of those deployments that
// the actor may see.
func (s *Service) StepsOf(ctx context.Context, events []*deployment.Event) (map[*deployment.Event][]*journal.Step, error) {
	var ids []string
	for _, e := range events {
		ids = append(ids, e.DeploymentID)
	}
	visible, err := s.deployments.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	var which []journal.At
	for _, e := range events {
		for _, index := range e.Steps {
			if visible[e.DeploymentID] != nil {
				which = append(which, journal.At{DeploymentID: e.DeploymentID, Index: index})
			}
		}
	}
	found, err := journal.ShownAt(ctx, s.deployments.DB, which)
	out := make(map[*deployment.Event][]*journal.Step, len(events))
	for _, e := range events {
		out[e] = []*journal.Step{}
		for _, index := range e.Steps {
			if step := found[journal.At{DeploymentID: e.DeploymentID, Index: index}]; step != nil {
				out[e] = append(out[e], step)
			}
		}
	}
	return out, err
}
