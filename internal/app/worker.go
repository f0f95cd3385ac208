package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
	"github.com/golive-hq/golive/worker"
)

// deploymentsAtOnce bounds the deployments that one worker carries out side by
// side. They mostly wait for Stripe.
const deploymentsAtOnce = 200

// importsAtOnce bounds the imports of one worker. Each of them may hold some pages of Stripe's
// in memory; while others wait they take turns.
const importsAtOnce = 4

// ordersAtOnce bounds the orders that one worker looks at side by side. They mostly wait for
// Stripe.
const ordersAtOnce = 50

// comparisonsAtOnce bounds the accounts that one worker compares with Stripe side by side: each
// may hold the payments of some days in memory.
const comparisonsAtOnce = 4

// ordersEvery is how often a worker looks for orders that are due.
const ordersEvery = time.Second

// objectsAtOnce bounds the objects of Stripe's that one worker reads side by side. They mostly
// wait for their turn at Stripe.
const objectsAtOnce = 50

// Worker carries out deployments until ctx ends; then it stops taking jobs,
// hands over what it was doing, and returns nil. Its other errors are sentences
// for whoever started it.
func Worker(ctx context.Context, cfg Config, log *slog.Logger) error {
	listener, err := listen(ctx, "GOLIVE_WORKER_ADDR", cfg.WorkerAddr)
	if err != nil {
		return err
	}
	defer listener.Close()
	p, err := open(ctx, cfg, log, onePool)
	if err != nil {
		return err
	}
	defer p.pools.close()
	if err := checkKeys(ctx, p.Pool, cfg.Keys, log); err != nil {
		return err
	}
	// Leases must be kept until the last job has let go, so this ends after them.
	defer background(ctx, p.Notifier.Run, p.Hub.Run, p.Lifeline.Run, followKeys(cfg, p.Pool, log), func(ctx context.Context) {
		worker.Tend(ctx, log, p.Deployments, p.Runner, p.Outbox, p.Imports, worker.SweepEvery)
	}, func(ctx context.Context) {
		worker.TendOrders(ctx, log, p.Orders, ordersEvery)
	}, func(ctx context.Context) {
		worker.TendPayouts(ctx, log, p.Payouts, worker.ComparedEvery)
	}, func(ctx context.Context) {
		worker.TendStripe(ctx, log, p.Inbox, worker.StripeEvery)
	}, func(ctx context.Context) {
		worker.TendAudit(ctx, log, p.Audit)
	}, func(ctx context.Context) {
		worker.Retain(ctx, log, p.pruning(cfg))
	})()
	warnWithoutMail(ctx, cfg, log)
	name := workerName()
	jobs, err := p.jobs(name, log)
	if err != nil {
		return err
	}
	// Stopping is ours to order: a context that ends would cut jobs off.
	if err := jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start working jobs: %w", err)
	}
	log.InfoContext(ctx, "worker started", "name", name, "addr", listener.Addr().String(), "version", Version(), "config", cfg)
	pages := http.NewServeMux()
	server.Probes(pages, p.works(ctx, jobs), log)
	pages.Handle("GET /metrics", metrics(p, log))
	return serve(ctx, listener, pages, log, func(ctx context.Context) {
		// Jobs are cancelled at once: each finishes its call in flight, notes it,
		// and lets go, so that another worker takes over.
		if err := jobs.StopAndCancel(ctx); err != nil {
			log.WarnContext(ctx, "jobs were still running at the shutdown deadline; other workers take over when their leases expire", "error", err)
		}
	})
}

// prune takes old entries out of the audit logs of tenants that are not on hold.
func (p *parts) prune(ctx context.Context, keep time.Duration) (int, error) {
	if keep == 0 {
		return 0, nil
	}
	return p.Audit.Prune(ctx, keep, tenant.Held)
}

// jobs returns the client that works all kinds of jobs.
func (p *parts) jobs(name string, log *slog.Logger) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker.Deployment{Runner: p.Runner, Log: log, Name: name})
	river.AddWorker(workers, &worker.Mail{Outbox: p.Outbox})
	river.AddWorker(workers, &worker.Import{Imports: p.Imports, Log: log})
	river.AddWorker(workers, &worker.Order{Orders: p.Orders, Log: log})
	river.AddWorker(workers, &worker.Payout{Payouts: p.Payouts, Log: log})
	river.AddWorker(workers, &worker.Stripe{Inbox: p.Inbox, Log: log})
	client, err := river.NewClient(riverpgxv5.New(p.Pool), &river.Config{
		ID:         name,
		Logger:     forRiver(log),
		Queues:     p.queues(),
		Workers:    workers,
		Middleware: []rivertype.Middleware{nameJob()},
		// Only the owner of an index may build it anew, and this process acts as none:
		// operators do, where they want to (docs/operations.md).
		ReindexerIndexNames: []string{},
	})
	if err != nil {
		return nil, fmt.Errorf("job client: %w", err)
	}
	return client, nil
}

// queues are those that this process works: mail only where it can send any.
func (p *parts) queues() map[string]river.QueueConfig {
	queues := map[string]river.QueueConfig{deployment.Queue: {
		MaxWorkers: deploymentsAtOnce,
		// A job is noticed in milliseconds by notification, and by this poll
		// where that got lost.
		FetchCooldown:     5 * time.Millisecond,
		FetchPollInterval: 200 * time.Millisecond,
	}}
	queues[importing.Queue] = river.QueueConfig{MaxWorkers: importsAtOnce, FetchCooldown: 5 * time.Millisecond, FetchPollInterval: time.Second}
	queues[payout.Queue] = river.QueueConfig{MaxWorkers: comparisonsAtOnce, FetchCooldown: 5 * time.Millisecond, FetchPollInterval: time.Second}
	queues[order.Queue] = river.QueueConfig{MaxWorkers: ordersAtOnce, FetchCooldown: 5 * time.Millisecond, FetchPollInterval: time.Second}
	// Of most of these jobs nobody is told, and all have waited for others: they are fetched by
	// many at a time, because under load looking for one costs as much as reading it.
	queues[inbox.Queue] = river.QueueConfig{MaxWorkers: objectsAtOnce, FetchCooldown: 25 * time.Millisecond, FetchPollInterval: 100 * time.Millisecond}
	if p.Outbox.Sends() {
		// One after another, by one connection: so their order stays.
		queues[outbox.Queue] = river.QueueConfig{MaxWorkers: 1, FetchCooldown: 5 * time.Millisecond, FetchPollInterval: time.Second}
	}
	return queues
}

// nameJob puts the deployment's id into the log lines of its job, and lets the job's calls
// to Stripe take turns with those of other deployments and imports.
func nameJob() rivertype.Middleware {
	return river.WorkerMiddlewareFunc(func(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
		var args deployment.RunArgs
		var imports importing.RunArgs
		var objects inbox.RefreshArgs
		var orders order.CheckArgs
		switch {
		case job.Kind == args.Kind() && json.Unmarshal(job.EncodedArgs, &args) == nil:
			ctx = ratelimit.For(logid.WithDeployment(ctx, args.DeploymentID), args.DeploymentID)
		case job.Kind == imports.Kind() && json.Unmarshal(job.EncodedArgs, &imports) == nil:
			ctx = ratelimit.For(ctx, imports.ImportID)
		case job.Kind == objects.Kind() && json.Unmarshal(job.EncodedArgs, &objects) == nil:
			// All of a tenant's take one turn, however many they are.
			ctx = ratelimit.For(ctx, "payments of "+objects.TenantID)
		case job.Kind == orders.Kind() && json.Unmarshal(job.EncodedArgs, &orders) == nil:
			ctx = ratelimit.For(ctx, "payments of "+orders.TenantID)
		}
		return work(ctx)
	})
}

// workerName tells people which process holds a deployment. It is new with each
// start, because a process that comes back owns nothing of the one before.
func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), uuid.NewString()[:8])
}
