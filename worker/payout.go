package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/payout"
)

// Payout works payout.LookArgs.
type Payout struct {
	river.WorkerDefaults[payout.LookArgs]
	Payouts *payout.Service
	Log     *slog.Logger
}

// Work compares an account with Stripe once. What fails is tried again by the row's own time.
func (w *Payout) Work(ctx context.Context, job *river.Job[payout.LookArgs]) error {
	if err := w.Payouts.Look(ctx, job.Args); err != nil && ctx.Err() == nil {
		w.Log.WarnContext(ctx, "could not compare an account with Stripe; will retry", "tenant_id", job.Args.TenantID, "live", job.Args.Livemode, "error", err)
	}
	return nil
}

// Timeout is shorter than the row waits for its job.
func (w *Payout) Timeout(*river.Job[payout.LookArgs]) time.Duration { return 25 * time.Minute }

const (
	// ComparedEvery bounds how late a worker compares an account.
	ComparedEvery = 10 * time.Second
	// enrolledEvery is how soon one is that has begun to sell.
	enrolledEvery = 5 * time.Minute
)

// TendPayouts hands out, every so often, which accounts are to be compared with Stripe. It
// runs in every worker, as Tend does.
func TendPayouts(ctx context.Context, log *slog.Logger, p *payout.Service, every time.Duration) {
	var all sync.WaitGroup
	for _, task := range []task{
		{"accounts taken in to be compared", enrolledEvery, p.Enroll},
		{"accounts to be compared with Stripe", every, p.Sweep},
	} {
		all.Go(func() { task.repeat(ctx, log) })
	}
	all.Wait()
}
