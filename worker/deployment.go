// Package worker holds one file per kind of River job: it decodes the job, calls
// the domain, and turns the domain's error into River's retry, snooze or cancel.
package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/runner"
)

// Deployment works deployment.RunArgs.
type Deployment struct {
	river.WorkerDefaults[deployment.RunArgs]
	Runner *runner.Runner
	Log    *slog.Logger
	// Name says which process works, for people who read the row.
	Name string
}

// retryLater is how soon a job looks again at a deployment that another worker
// holds, or that the database kept from going on. It is no attempt that counts.
const retryLater = time.Second

// Work runs the deployment as far as it goes. River tells a failure without the
// job's context, and as information: so it is told here.
func (w *Deployment) Work(ctx context.Context, job *river.Job[deployment.RunArgs]) error {
	err := w.Runner.Run(ctx, job.Args.DeploymentID, job.ID, w.Name)
	if ctx.Err() == nil && (errors.Is(err, runner.ErrBusy) || errors.Is(err, runner.ErrAway)) {
		return river.JobSnooze(retryLater)
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	if job.Attempt >= job.MaxAttempts {
		err = errors.Join(err, w.Runner.GiveUp(ctx, job.Args.DeploymentID, job.ID, w.Name))
	}
	w.Log.ErrorContext(ctx, "deployment job failed", "attempt", job.Attempt, "of", job.MaxAttempts, "error", err)
	return err
}

// NextRetry stays below River's scheduling interval of five seconds, so that a
// retry does not wait for the scheduler, and for its leader, to come round.
func (w *Deployment) NextRetry(job *river.Job[deployment.RunArgs]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, 4*time.Second))
}

// Timeout has no end of its own: a deployment waits for Stripe as long as its
// budget allows, and its lease ends a worker that is dead.
func (w *Deployment) Timeout(*river.Job[deployment.RunArgs]) time.Duration { return -1 }
