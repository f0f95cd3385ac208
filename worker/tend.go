package worker

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/runner"
)

// SweepEvery is how often a worker looks for deployments that nobody works on. With what
// it takes to begin one of them, a takeover is done within a second of a death.
const SweepEvery = 200 * time.Millisecond

const (
	// dueEvery bounds how late a scheduled deployment begins.
	dueEvery = 200 * time.Millisecond
	// zonesEvery is for schedules that a process with older time zone data makes
	// while an upgrade rolls.
	zonesEvery = time.Minute
)

// Tend keeps alive the leases of what this process works on, starts what is due,
// hands out mails, and takes up, every so often, what other processes dropped. It
// runs in every worker: there is no leader whose death could delay it.
func Tend(ctx context.Context, log *slog.Logger, d *deployment.Service, r *runner.Runner, o *outbox.Service, i *importing.Service, every time.Duration) {
	var all sync.WaitGroup
	all.Go(func() { r.Beat(ctx) })
	for _, task := range []task{
		{"abandoned deployments", every, r.TakeOver},
		{"due deployments", dueEvery, d.StartDue},
		{"missed deployments", dueEvery, d.HoldMissed},
		{"due emails", every, o.Sweep},
		{"abandoned imports", every, i.TakeUp},
		{"time zone changes", zonesEvery, d.ResolveAgain},
	} {
		all.Go(func() { task.repeat(ctx, log) })
	}
	all.Wait()
}

// task is what every worker does again and again, and what it has done then.
type task struct {
	done  string
	every time.Duration
	do    func(context.Context) (int, error)
}

// repeat begins at once: what a start finds may have waited for it.
func (t task) repeat(ctx context.Context, log *slog.Logger) {
	var failing trouble
	for ctx.Err() == nil {
		n, err := t.do(ctx)
		if ctx.Err() == nil {
			failing.note(ctx, log, t.done, err)
		}
		if n > 0 {
			log.InfoContext(ctx, "sweep done", "what", t.done, "count", n)
		}
		// Jitter keeps the workers from sweeping in step.
		timer := time.NewTimer(t.every/2 + rand.N(t.every))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// trouble is what keeps a task from being done. It is told when it begins, once a
// minute and when it is over: with five tasks a second a database that is away would
// fill the log.
type trouble struct{ since, told time.Time }

const tellEvery = time.Minute

func (o *trouble) note(ctx context.Context, log *slog.Logger, task string, err error) {
	now := time.Now()
	switch {
	case err == nil && o.since.IsZero():
	case err == nil:
		log.InfoContext(ctx, "sweep recovered", "what", task, "after", now.Sub(o.since).Round(time.Second))
		*o = trouble{}
	case now.Sub(o.told) >= tellEvery:
		if o.since.IsZero() {
			o.since = now
		}
		o.told = now
		log.WarnContext(ctx, "sweep failed; will retry", "what", task, "error", err)
	default:
		log.DebugContext(ctx, "sweep failed; will retry", "what", task, "error", err)
	}
}
