package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/inbox"
)

// refreshTime bounds one read of an object with all its tries at Stripe.
const refreshTime = 3 * time.Minute

// Stripe works inbox.RefreshArgs.
type Stripe struct {
	river.WorkerDefaults[inbox.RefreshArgs]
	Inbox *inbox.Service
	Log   *slog.Logger
}

// Work reads the object once. What fails at Stripe the object's row tries again.
func (w *Stripe) Work(ctx context.Context, job *river.Job[inbox.RefreshArgs]) error {
	err := w.Inbox.Run(ctx, job.Args, job.ID)
	var soon inbox.TooSoonError
	switch {
	case errors.As(err, &soon):
		return river.JobSnooze(soon.Wait)
	case err == nil || ctx.Err() != nil:
		return err
	case errors.Is(err, inbox.ErrAway):
		return river.JobSnooze(retryLater)
	}
	w.Log.ErrorContext(ctx, "job of a Stripe object failed", "object", job.Args.ID, "attempt", job.Attempt, "of", job.MaxAttempts, "error", err)
	return err
}

// NextRetry is as for deployments.
func (w *Stripe) NextRetry(job *river.Job[inbox.RefreshArgs]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, 4*time.Second))
}

// Timeout is longer than Stripe is asked for.
func (w *Stripe) Timeout(*river.Job[inbox.RefreshArgs]) time.Duration { return refreshTime }

// StripeEvery is how often a worker looks for objects of Stripe's that nobody reads.
const StripeEvery = time.Second

// roundEvery is how soon an endpoint is noticed whose turn it is.
const roundEvery = 5 * time.Second

// lostEvery is how often jobs are looked for that only a fault of ours can lose.
const lostEvery = 30 * time.Second

// TendStripe takes up, every so often, what nobody reads of Stripe's objects. It runs in
// every worker, as Tend does.
func TendStripe(ctx context.Context, log *slog.Logger, i *inbox.Service, every time.Duration) {
	var all sync.WaitGroup
	tasks := []task{
		{"Stripe objects to be read again", every, i.TakeUp},
		{"Stripe objects without a job", lostEvery, i.TakeUpLost},
	}
	for range inbox.RoundsAtOnce {
		tasks = append(tasks, task{"webhook endpoints looked after", roundEvery, i.Round})
	}
	for _, task := range tasks {
		all.Go(func() { task.repeat(ctx, log) })
	}
	all.Wait()
}
