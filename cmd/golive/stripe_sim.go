//go:build !production

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/stripesim"
)

type stripeSimCmd struct {
	Addr    string        `default:"127.0.0.1:8082" help:"Address to listen on. Anyone who can reach it controls the simulator."`
	Latency time.Duration `help:"Delay for every request, such as 120ms."`
}

// Run serves the demo account until Ctrl-C and keeps nothing.
func (c *stripeSimCmd) Run(ctx context.Context, t *terminal) error {
	sim := stripesim.New(stripesim.Config{Latency: c.Latency, Log: app.NewLogger(t.err, "text")})
	account, err := sim.AddDemo()
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	s := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = s.Close() }) // it holds nothing worth waiting for
	t.say("Stripe simulator: GOLIVE_STRIPE_API_BASE=http://%s", listener.Addr())
	t.say("  account %s, test key %s, live key %s", account.ID, account.TestKey, account.LiveKey)
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return sim.Close()
}
