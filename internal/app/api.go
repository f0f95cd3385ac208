package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/web"
)

// API runs the GraphQL server until ctx ends; then it closes sockets, lets
// requests in flight finish, and returns nil. Its other errors are sentences for
// whoever started it.
func API(ctx context.Context, cfg Config, log *slog.Logger) error { return DevAPI(ctx, cfg, log, nil) }

// DevAPI is API with pages for developers below /dev/; nil is none.
func DevAPI(ctx context.Context, cfg Config, log *slog.Logger, pages http.Handler) error {
	listener, err := listen(ctx, "GOLIVE_ADDR", cfg.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	if listener, err = withTLS(listener, cfg, log); err != nil {
		return err
	}
	admin, err := listen(ctx, "GOLIVE_ADMIN_ADDR", cfg.AdminAddr)
	if err != nil {
		return err
	}
	defer admin.Close()
	manifest, err := graph.ParseManifest(web.Documents)
	if err != nil {
		return err
	}
	p, err := open(ctx, cfg, log, callersPools)
	if err != nil {
		return err
	}
	defer p.pools.close()
	warnOfKeys(ctx, p.Pool, cfg.Keys, log)
	defer background(ctx, p.Hub.Run, p.Notifier.Run, p.Rights.Run, followKeys(cfg, p.Pool, log))()
	ready := readiness(ctx, p.Door)
	var rates *quota.Rates
	if cfg.CallerRates {
		rates = quota.NewRates(p.Door, log)
	}
	s := server.New(server.Config{
		API: graph.Deps{
			Tenants: p.Tenants, Connections: p.Connections, Products: p.Products, Imports: p.Imports, Inbox: p.Inbox, Orders: p.Orders, Payouts: p.Payouts,
			Deployments: p.Deployments, Progress: p.Progress, Choices: p.Choices, Recipients: p.Recipients, Audit: p.Audit, Identity: p.Identity,
			Overviews: p.Overviews, Can: p.Can, Insight: p.Insight,
			About:       graph.About{Build: Version(), Simulator: cfg.StripeAPIBase != realStripe, Mail: cfg.SMTPURL != ""},
			Unavailable: postgres.Unavailable, Rates: rates,
			Manifest: manifest, TrustedOnly: cfg.TrustedOnly,
		},
		Rights:    p.Rights,
		Session:   server.Sessions(p.Identity, cfg.PublicURL),
		Letters:   p.Letters,
		Log:       log,
		PublicURL: cfg.PublicURL, TrustedProxies: cfg.TrustedProxies,
		Ready: ready, Delivered: p.observed.hooks.delivered,
		Dev: pages,
	})
	log.InfoContext(ctx, "api started", "addr", listener.Addr().String(), "admin_addr", admin.Addr().String(), "version", Version(), "config", cfg)
	return serveBoth(ctx, listener, s, admin, server.Admin(ready, metrics(p, log), log), log)
}

// serveBoth answers callers on one address and operators on the other, whose probes
// and metrics last until the last caller has been answered.
func serveBoth(ctx context.Context, l net.Listener, s *server.Server, adminListener net.Listener, admin http.Handler, log *slog.Logger) error {
	answered, done := context.WithCancel(context.WithoutCancel(ctx))
	faces, ctx := errgroup.WithContext(ctx)
	faces.Go(func() error {
		defer done()
		return serve(ctx, l, s, log, s.Drain)
	})
	faces.Go(func() error { return serveUntil(answered, adminListener, admin, log) })
	return faces.Wait()
}

// background runs fns until the returned function is called, which waits for
// them. They outlast ctx, since the last requests and jobs still need them.
func background(ctx context.Context, fns ...func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	for _, fn := range fns {
		running.Go(func() { fn(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}
