package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/tenant"
)

// parts are what a process is made of, whichever face it shows.
type parts struct {
	pool     *pgxpool.Pool
	hub      *postgres.Hub
	notifier *postgres.Notifier
	services graph.Services
	stripe   *stripegw.Gateway
}

// open connects to the database and wires the services. The caller closes the
// pool.
func open(ctx context.Context, cfg Config, log *slog.Logger) (*parts, error) {
	hub, err := postgres.NewHub(cfg.DatabaseURL.Reveal(), log)
	if err != nil {
		return nil, err
	}
	pool, err := postgres.Open(ctx, cfg.DatabaseURL.Reveal())
	if err != nil {
		return nil, err
	}
	p := &parts{pool: pool, hub: hub, notifier: postgres.NewNotifier(pool, log)}
	if err := errors.Join(CheckSchema(ctx, pool), p.wire(cfg, log)); err != nil {
		pool.Close()
		return nil, err
	}
	if f := examineDueClock(ctx, pool); f.Mend {
		log.WarnContext(ctx, "the clock has been moved", "says", f.Says)
	}
	return p, nil
}

// Services wires the use cases as the processes do, for those who need them
// without a face: the caller calls closePool.
func Services(ctx context.Context, cfg Config, log *slog.Logger) (s graph.Services, closePool func(), err error) {
	p, err := open(ctx, cfg, log)
	if err != nil {
		return graph.Services{}, nil, err
	}
	return p.services, p.pool.Close, nil
}

func (p *parts) wire(cfg Config, log *slog.Logger) error {
	jobs, err := river.NewClient(riverpgxv5.New(p.pool), &river.Config{
		Logger: log,
		// River tells workers of new jobs at most once in this time, per queue
		// and inserting client: with its default of 100 ms a go-live would wait
		// for the one that another person started a moment before.
		FetchCooldown: time.Millisecond,
	})
	if err != nil {
		return fmt.Errorf("job client: %w", err)
	}
	// A write takes at most six tenths of a lease, so that one that is renewed in
	// time always has room for it. Reads need no room: they end with the lease.
	call := cfg.Lease * 6 / 10
	stripe := stripegw.New(stripegw.Config{
		APIBase: cfg.StripeAPIBase, Log: log, Timeout: call,
		HTTPTransport: &deployment.Fence{Base: stripegw.NewTransport(call), Call: call},
		Limiter:       ratelimit.New(p.pool, cfg.Rates, log),
	})
	sender, err := mailSender(cfg)
	if err != nil {
		return err
	}
	p.stripe = stripe
	connections := connection.New(connection.Deps{
		DB: p.pool, Keys: cfg.Keys, Prove: prove(stripe),
		NeededAccount: deployment.NeededAccount, Unfinished: deployment.Unfinished,
	})
	products := &product.Service{DB: p.pool, Connections: connections, Catalogue: readCatalogue(stripe)}
	p.services = graph.Services{
		Tenants:     &tenant.Service{DB: p.pool},
		Connections: connections,
		Products:    products,
		Deployments: &deployment.Service{
			DB: p.pool, Connections: connections, Products: products, Keys: cfg.Keys,
			Jobs: jobs, Notify: p.notifier, Hub: p.hub,
			Open: openAccount(stripe), Log: log,
			Mail: sender, MailFrom: cfg.MailFrom, PublicURL: cfg.PublicURL,
			Lease: cfg.Lease, Backoff: deployment.DefaultBackoff, Outages: deployment.DefaultOutages,
		},
	}
	return nil
}

// warnWithoutMail is for both faces: what one of them does not write, the other one
// never sends.
func warnWithoutMail(ctx context.Context, cfg Config, log *slog.Logger) {
	if cfg.SMTPURL == "" {
		log.WarnContext(ctx, "mail is off, because GOLIVE_SMTP_URL is not set: nobody is told of what this process does, and nobody reminded of what is scheduled through it")
	}
}

// mailSender is nil where mail is off.
func mailSender(cfg Config) (*mail.Sender, error) {
	if cfg.SMTPURL == "" {
		return nil, nil
	}
	sender, err := mail.NewSender(cfg.SMTPURL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("GOLIVE_SMTP_URL %w", err)
	}
	return sender, nil
}

func prove(stripe *stripegw.Gateway) func(context.Context, string) (connection.Proof, error) {
	return func(ctx context.Context, key string) (connection.Proof, error) {
		account, balance, err := stripe.Prove(ctx, key)
		return connection.Proof{Account: account, Livemode: balance.Livemode}, err
	}
}

func readCatalogue(stripe *stripegw.Gateway) func(ctx context.Context, accountID, key string, productIDs []string) ([]catalog.Snapshot, error) {
	return func(ctx context.Context, accountID, key string, productIDs []string) ([]catalog.Snapshot, error) {
		return stripe.Open(catalog.Test, accountID, key).Catalogue(ctx, productIDs)
	}
}

func openAccount(stripe *stripegw.Gateway) func(mode catalog.Mode, accountID, key string) deployment.Stripe {
	return func(mode catalog.Mode, accountID, key string) deployment.Stripe {
		return stripe.Open(mode, accountID, key)
	}
}

// CheckSchema tells in a sentence where the database lacks a migration that this
// binary needs.
func CheckSchema(ctx context.Context, pool *pgxpool.Pool) error {
	has, err := postgres.SchemaVersion(ctx, pool)
	if err != nil {
		return err
	}
	if need := postgres.RequiredVersion(); has < need {
		return fmt.Errorf("the database has schema version %d and this binary needs %d: run `golive migrate`", has, need)
	}
	return nil
}
