package worker

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/outbox"
)

// Mail works outbox.SendArgs.
type Mail struct {
	river.WorkerDefaults[outbox.SendArgs]
	Outbox *outbox.Service
}

// Work sends the mail. What the mail server says is the domain's affair; an error
// is the database's or ours, and the sweeps bring the mail round again once this
// job has given up.
func (w *Mail) Work(ctx context.Context, job *river.Job[outbox.SendArgs]) error {
	err := w.Outbox.Deliver(ctx, job.Args.MailID, job.ID)
	if err != nil && ctx.Err() == nil {
		w.Outbox.Log.WarnContext(ctx, "mail job failed", "mail", job.Args.MailID, "attempt", job.Attempt, "error", err)
	}
	return err
}

// NextRetry is as for deployments.
func (w *Mail) NextRetry(job *river.Job[outbox.SendArgs]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, 4*time.Second))
}

// Timeout is the domain's: cutting a mail off would leave unknown whether the
// server took it.
func (w *Mail) Timeout(*river.Job[outbox.SendArgs]) time.Duration { return -1 }
