package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/importing"
)

// Import works importing.RunArgs.
type Import struct {
	river.WorkerDefaults[importing.RunArgs]
	Imports *importing.Service
	Log     *slog.Logger
}

// Work runs the import as far as it goes.
func (w *Import) Work(ctx context.Context, job *river.Job[importing.RunArgs]) error {
	err := w.Imports.Run(ctx, job.Args.ImportID, job.ID)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case errors.Is(err, importing.ErrTurn):
		return river.JobSnooze(time.Millisecond) // the end of the queue
	case errors.Is(err, importing.ErrBusy), errors.Is(err, importing.ErrAway):
		return river.JobSnooze(retryLater)
	}
	if job.Attempt >= job.MaxAttempts {
		err = errors.Join(err, w.Imports.GiveUp(ctx, job.Args.ImportID, job.ID))
	}
	w.Log.ErrorContext(ctx, "import job failed", "import", job.Args.ImportID, "attempt", job.Attempt, "of", job.MaxAttempts, "error", err)
	return err
}

// NextRetry is as for deployments.
func (w *Import) NextRetry(job *river.Job[importing.RunArgs]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, 4*time.Second))
}

// Timeout has no end of its own: an import reads as long as it takes, in turns where others
// wait, and its lease ends a worker that is dead.
func (w *Import) Timeout(*river.Job[importing.RunArgs]) time.Duration { return -1 }
