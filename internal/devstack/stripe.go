package devstack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// stripe is the simulator with the demo account.
type stripe struct {
	url     string
	account stripesim.Account
	sim     *stripesim.Sim
	server  *http.Server
}

func startStripe(ctx context.Context, addr string, home *folder, log *slog.Logger) (*stripe, error) {
	listener, err := listenAt(ctx, addr)
	if err != nil {
		return nil, err
	}
	sim := stripesim.New(stripesim.Config{StateFile: home.join("stripe.json")})
	account, err := sim.AddDemo()
	if err != nil {
		return nil, errors.Join(err, listener.Close(), sim.Close())
	}
	s := &stripe{
		url: "http://" + listener.Addr().String(), account: account, sim: sim,
		server: &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second},
	}
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.ErrorContext(ctx, "Stripe simulator stopped", "error", err)
		}
	}()
	return s, nil
}

func (s *stripe) stop(log *slog.Logger) {
	if err := errors.Join(s.server.Close(), s.sim.Close()); err != nil {
		log.Warn("Stripe simulator could not save its state", "error", err)
	}
}

func listenAt(ctx context.Context, addr string) (net.Listener, error) {
	var c net.ListenConfig
	listener, err := c.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return listener, nil
}
