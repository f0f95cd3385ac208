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
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/worker"
)

// sweepEvery is how often a test's worker looks for work, so that no test waits for it.
const sweepEvery = 50 * time.Millisecond

// Wire makes the services on the database at url, with keys and doorbells of their own,
// which ring until the test ends. Of base it takes all that is set.
func Wire(t testing.TB, url string, base app.Base, config app.Config, log *slog.Logger) app.Services {
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
func Work(t *testing.T, services app.Services) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker.Deployment{Runner: services.Runner, Log: log, Name: "test"})
	serve(t, services.Tenants.DB, workers, deployment.Queue)
	Background(t, "the worker's sweeps", func(ctx context.Context) {
		worker.Tend(ctx, log, services.Deployments, services.Runner, services.Outbox, services.Imports, sweepEvery)
	})
}

// WorkImports runs a worker of imports alone until the test ends, which looks for jobs by
// pool, so that a test may count what is asked by its services' own.
func WorkImports(t testing.TB, services app.Services, pool *pgxpool.Pool) {
	t.Helper()
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker.Import{Imports: services.Imports, Log: slog.New(slog.DiscardHandler)})
	serve(t, pool, workers, importing.Queue)
}

// WorkStripe runs a worker of Stripe's objects alone until the test ends.
func WorkStripe(t testing.TB, services app.Services) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker.Stripe{Inbox: services.Inbox, Log: log})
	serve(t, services.Tenants.DB, workers, inbox.Queue)
	Background(t, "the sweeps of Stripe's objects", func(ctx context.Context) { worker.TendStripe(ctx, log, services.Inbox, sweepEvery) })
}

// WorkOrders runs a worker of orders alone until the test ends.
func WorkOrders(t testing.TB, services app.Services) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker.Order{Orders: services.Orders, Log: log})
	serve(t, services.Tenants.DB, workers, order.Queue)
	Background(t, "the sweeps of orders", func(ctx context.Context) { worker.TendOrders(ctx, log, services.Orders, sweepEvery) })
}

// WorkPayouts runs a worker of comparisons with Stripe alone until the test ends.
func WorkPayouts(t *testing.T, st *Stack) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker.Payout{Payouts: st.services.Payouts, Log: log})
	serve(t, st.services.Tenants.DB, workers, payout.Queue)
	Background(t, "the sweeps of payouts", func(ctx context.Context) { worker.TendPayouts(ctx, log, st.services.Payouts, sweepEvery) })
}

// serve works a queue until the test ends.
func serve(t testing.TB, pool *pgxpool.Pool, workers *river.Workers, queue string) {
	t.Helper()
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues: map[string]river.QueueConfig{queue: {
			MaxWorkers: 50, FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 100 * time.Millisecond,
		}},
		Workers: workers, Logger: slog.New(slog.DiscardHandler),
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
}

// CheckOf is the job that looks at an order.
func CheckOf(orderID, tenantID string) order.CheckArgs {
	return order.CheckArgs{OrderID: orderID, TenantID: tenantID}
}
