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

// Tend keeps alive the leases of what this process works on, and takes up, every
// so often, what other processes dropped. It runs in every worker: there is no
// leader whose death could delay it.
func Tend(ctx context.Context, s *deployment.Service, every time.Duration) {
	var both sync.WaitGroup
	both.Go(func() { s.Beat(ctx) })
	both.Go(func() { sweep(ctx, s, every) })
	both.Wait()
}

func sweep(ctx context.Context, s *deployment.Service, every time.Duration) {
	for {
		// Jitter keeps the workers from sweeping in step.
		timer := time.NewTimer(every/2 + rand.N(every))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		n, err := s.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "sweep", "error", err)
		}
		if n > 0 {
			s.Log.InfoContext(ctx, "took up deployments that nobody worked on", "count", n)
		}
	}
}
