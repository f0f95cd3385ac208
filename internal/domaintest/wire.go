// Package domaintest gives tests the whole domain, wired as the binaries wire it: every
// service on a database of its own, and everything real but Stripe, which is the
// simulator behind HTTP.
//
// Here stands what the tests of several packages need. What one of them needs alone
// stands with that one's tests.
package domaintest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/worker"
)

// sweepEvery is how often a test's worker looks for work, so that no test waits for it.
const sweepEvery = 50 * time.Millisecond

// Wire makes the services on the database at url, with keys and doorbells of their own,
// which ring until the test ends. Of base it takes all that is set.
func Wire(t *testing.T, url string, base app.Base, config app.Config, log *slog.Logger) app.Services {
	t.Helper()
	keyset, err := seal.NewKeyset()
	Must(t, err)
	config.Keys, err = seal.ParseKeys(keyset)
	Must(t, err)
	base.Hub, err = postgres.NewHub(url, log)
	Must(t, err)
	base.Lifeline, err = postgres.NewLifeline(url, log)
	Must(t, err)
	base.Notifier = postgres.NewNotifier(base.Pool, log)
	Background(t, "the hub", base.Hub.Run)
	Background(t, "the lifeline", base.Lifeline.Run)
	Background(t, "the notifier", base.Notifier.Run)
	services, err := app.Wire(t.Context(), base, config, log)
	Must(t, err)
	Background(t, "the look after rights", services.Rights.Run)
	return services
}

// Work runs a worker of deployments until the test ends.
func Work(t *testing.T, pool *pgxpool.Pool, services app.Services) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker.Deployment{Runner: services.Runner, Log: log, Name: "test"})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues: map[string]river.QueueConfig{deployment.Queue: {
			MaxWorkers: 50, FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 100 * time.Millisecond,
		}},
		Workers: workers, Logger: log,
	})
	Must(t, err)
	Must(t, client.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), Patience)
		defer stop()
		if err := client.StopAndCancel(ctx); err != nil {
			t.Errorf("the worker does not stop: %v", err)
		}
	})
	Background(t, "the worker's sweeps", func(ctx context.Context) {
		worker.Tend(ctx, log, services.Deployments, services.Runner, services.Outbox, sweepEvery)
	})
}
