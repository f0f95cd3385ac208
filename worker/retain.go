package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// pruneEvery is how often a worker takes away what is too old.
const pruneEvery = time.Hour

// Pruning takes one kind of what is too old away, and returns how much.
type Pruning struct {
	What string
	Do   func(ctx context.Context) (int, error)
}

// Retain takes away what is too old. It runs in every worker, as Tend does: they pass over
// what others have locked.
func Retain(ctx context.Context, log *slog.Logger, all []Pruning) {
	var running sync.WaitGroup
	for _, p := range all {
		running.Go(func() { task{p.What + " pruned", pruneEvery, p.Do}.repeat(ctx, log) })
	}
	running.Wait()
}
