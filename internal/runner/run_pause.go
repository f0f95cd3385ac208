package runner

import (
	"context"
	"errors"

	"github.com/golive-hq/golive/internal/deployment"
)

// tellPaused lets those who watch know why nothing moves. It is told and no more:
// a run that cannot tell is let go all the same.
func (r *run) tellPaused(ctx context.Context) {
	pause, err := deployment.CurrentPause(ctx, r.db)
	if err == nil && pause != nil {
		err = r.move(ctx, deployment.Move{Status: statusOf(r.d), Message: "Golive was paused by an operator: " + pause.Reason})
	}
	if err != nil && !errors.Is(err, deployment.ErrLost) {
		r.log.WarnContext(ctx, "could not report the pause", "deployment", r.d.ID, "error", err)
	}
}
