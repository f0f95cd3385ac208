package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/audit"
)

const (
	// chainEvery bounds how long entries of those who have no sealing keys wait.
	chainEvery = time.Second
	// auditEvery is how often a worker looks whether there is something to do that is
	// done once an hour or less.
	auditEvery = time.Minute
)

// TendAudit chains what others left unchained, names in the log how far chains have come, and
// verifies them. It runs in every worker, as Tend does.
func TendAudit(ctx context.Context, log *slog.Logger, chain *audit.Chain) {
	var all sync.WaitGroup
	for _, task := range []task{
		{"audit entries chained", chainEvery, chain.Sweep},
		{"audit anchors", auditEvery, chain.Anchor},
		{"broken audit logs", auditEvery, chain.LookAround},
	} {
		all.Go(func() { task.repeat(ctx, log) })
	}
	all.Wait()
}
