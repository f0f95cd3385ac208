package app

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/server"
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
	p, err := open(ctx, cfg, log, callersPools)
	if err != nil {
		return err
	}
	defer p.pools.close()
	warnOfKeys(ctx, p.Pool, cfg.Keys, log)
	defer background(ctx, p.Hub.Run, p.Notifier.Run)()
	s := server.New(server.Config{
		API: graph.Deps{
			Tenants: p.Tenants, Connections: p.Connections, Products: p.Products,
			Deployments: p.Deployments, Progress: p.Progress, Outbox: p.Outbox,
			Unavailable: postgres.Unavailable,
		},
		Letters:   p.Letters,
		Log:       log,
		PublicURL: cfg.PublicURL,
		Ready:     readiness(ctx, p.Door),
		Metrics:   metrics(p, log),
		Dev:       pages,
	})
	log.InfoContext(ctx, "api started", "addr", listener.Addr().String(), "version", Version(), "config", cfg)
	return serve(ctx, listener, s, log, s.Drain)
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
