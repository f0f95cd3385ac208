package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/stripegw"
)

// parts are what a process is made of, whichever face it shows.
type parts struct {
	Base
	Services
	observed observed
	pools    pools
}

// pools are how a process reaches the database.
type pools struct {
	main, door *pgxpool.Pool
	// callers tells that all it does is what callers ask for.
	callers bool
}

func (p pools) close() {
	p.main.Close()
	p.door.Close()
}

// onePool is for processes that nobody waits for.
func onePool(ctx context.Context, cfg Config) (pools, error) {
	pool, err := postgres.OpenFor(ctx, cfg.DatabaseURL.Reveal(), cfg.Lease)
	return pools{main: pool, door: pool}, err
}

// callersPools are for the API, whose callers wait.
func callersPools(ctx context.Context, cfg Config) (p pools, err error) {
	p.callers = true
	if p.main, err = postgres.OpenForCallers(ctx, cfg.DatabaseURL.Reveal(), cfg.Lease); err != nil {
		return p, err
	}
	if p.door, err = postgres.OpenDoor(ctx, cfg.DatabaseURL.Reveal(), cfg.Lease); err != nil {
		p.main.Close()
	}
	return p, err
}

// open connects to the database and wires the services. The caller closes the
// pools.
func open(ctx context.Context, cfg Config, log *slog.Logger, connect func(context.Context, Config) (pools, error)) (*parts, error) {
	hub, err := postgres.NewHub(cfg.DatabaseURL.Reveal(), log)
	if err != nil {
		return nil, err
	}
	lifeline, err := postgres.NewLifeline(cfg.DatabaseURL.Reveal(), log)
	if err != nil {
		return nil, err
	}
	db, err := connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	pool, seen := db.main, newObserved()
	p := &parts{observed: seen, pools: db, Base: Base{
		Pool: pool, Door: db.door, Hub: hub, Lifeline: lifeline, Notifier: postgres.NewNotifier(pool, log), Observe: seen.observer(log), Phase: seen.phase,
		Heard: seen.hooks.observer(), Sold: seen.orders.observer(),
	}}
	if err := errors.Join(CheckSchema(ctx, pool), p.base(ctx, cfg, log)); err != nil {
		db.close()
		return nil, err
	}
	if f := examineDueClock(ctx, pool); f.Fix {
		log.WarnContext(ctx, "due times use a modified clock", "says", f.Says)
	}
	return p, nil
}

// Open wires the use cases as the processes do, for those who need them without a
// face: the caller calls closePool.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (s Services, closePool func(), err error) {
	p, err := open(ctx, cfg, log, onePool)
	if err != nil {
		return Services{}, nil, err
	}
	return p.Services, p.pools.close, nil
}

// base connects to Stripe and to the mail server, and asks neither anything yet.
func (p *parts) base(ctx context.Context, cfg Config, log *slog.Logger) (err error) {
	// A write takes at most six tenths of a lease, so that one that is renewed in
	// time always has room for it. Reads need no room: they end with the lease.
	call := cfg.Lease * 6 / 10
	slots := ratelimit.New(p.Pool, cfg.Rates, log)
	limiter := stripegw.Limiter(slots)
	if p.pools.callers {
		limiter = ratelimit.ForPeople{Limiter: slots}
	}
	p.Stripe = stripegw.New(stripegw.Config{
		APIBase: cfg.StripeAPIBase, Log: log, Timeout: call,
		HTTPTransport: &runner.Fence{Base: stripegw.NewTransport(call), Call: call},
		Limiter:       limiter,
		Called:        p.observed.call,
	})
	if p.Mail, err = mailSender(cfg); err != nil {
		return err
	}
	p.Services, err = Wire(ctx, p.Base, cfg, log)
	return err
}

// warnWithoutMail is for workers, which send: notices are written in any case.
func warnWithoutMail(ctx context.Context, cfg Config, log *slog.Logger) {
	if cfg.SMTPURL == "" {
		log.WarnContext(ctx, "mail is off because GOLIVE_SMTP_URL is not set: notifications wait for a worker that can send them, for up to 7 days")
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

// CheckSchema tells in a sentence where the database lacks a migration that this
// binary needs.
func CheckSchema(ctx context.Context, pool *pgxpool.Pool) error {
	has, err := postgres.SchemaVersion(ctx, pool)
	if err != nil {
		return err
	}
	if need := postgres.RequiredVersion(); has < need {
		return fmt.Errorf("the database schema is at version %d, but this binary needs version %d: run `golive migrate`", has, need)
	}
	return nil
}
