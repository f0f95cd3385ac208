package worker

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
)

// SweepEvery is how often a worker looks for deployments that nobody works on.
const SweepEvery = 500 * time.Millisecond

// Tend keeps alive the leases of what this process works on, takes up, every so
// often, what other processes dropped, and hands out the mails that are due. It runs in every worker: there is no
// leader whose death could delay it.
func Tend(ctx context.Context, s *deployment.Service, every time.Duration) {
	var both sync.WaitGroup
	both.Go(func() { s.Beat(ctx) })
	both.Go(func() { sweep(ctx, s, every) })
	if s.Mail != nil {
		both.Go(func() { sweepMail(ctx, s, every) })
	}
	both.Wait()
}

func sweep(ctx context.Context, s *deployment.Service, every time.Duration) {
	for pause(ctx, every) {
		n, err := s.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "sweep", "error", err)
		}
		if n > 0 {
			s.Log.InfoContext(ctx, "took up deployments that nobody worked on", "count", n)
		}
	}
}

func sweepMail(ctx context.Context, s *deployment.Service, every time.Duration) {
	for pause(ctx, every) {
		if _, err := s.SweepMail(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "sweep mail", "error", err)
		}
	}
}

// pause waits for about every and tells whether ctx goes on. Jitter keeps the
// workers from sweeping in step.
func pause(ctx context.Context, every time.Duration) bool {
	timer := time.NewTimer(every/2 + rand.N(every))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
