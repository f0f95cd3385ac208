package runner

import (
	"context"
	"errors"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/pause"
)

// tellPaused lets those who watch know why nothing moves. It is told and no more:
// a run that cannot tell is let go all the same.
func (r *run) tellPaused(ctx context.Context) {
	now, err := pause.Current(ctx, r.db)
	if err == nil && now != nil {
		err = r.move(ctx, deployment.Move{Status: statusOf(r.d), Message: "Golive was paused by an operator: " + now.Reason})
	}
	if err != nil && !errors.Is(err, deployment.ErrLost) {
		r.log.WarnContext(ctx, "could not report the pause", "deployment", r.d.ID, "error", err)
	}
}
