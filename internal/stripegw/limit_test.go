package stripegw_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// Two processes at the default rates keep below the limits that Stripe
// documents, even in the first second.
func TestCrowdOfCallsMeetsNoLimit(t *testing.T) {
	t.Parallel()
	server := simtest.Start(t)
	server.Sim.SetLimits(stripesim.Live, stripesim.Limits{PerAccount: 100, PerEndpoint: 25})
	pool := pgtest.New(t)
	var crowd sync.WaitGroup
	for range 2 {
		limiter := ratelimit.New(pool, ratelimit.DefaultRates, slog.New(slog.DiscardHandler))
		a := stripegw.New(stripegw.Config{APIBase: server.URL, Limiter: limiter}).Open(catalog.Live, server.Account.ID, server.Account.LiveKey)
		for range 20 {
			crowd.Go(func() {
				if _, err := a.Price(t.Context(), "price_1"); err != nil {
					t.Error(err)
				}
			})
		}
	}
	crowd.Wait()
	if calls, _ := server.Sim.Requests(stripesim.RequestFilter{}); len(calls) != 40 {
		t.Errorf("%d calls, so some were refused first", len(calls))
	}
}

// gate is a limiter that notes who comes and lets nobody through before it is
// opened.
type gate struct {
	mu     sync.Mutex
	came   []string
	slowed []string
	open   chan struct{}
}

func (g *gate) Wait(ctx context.Context, account string, live bool, endpoint string) error {
	g.mu.Lock()
	g.came = append(g.came, account+" "+endpoint)
	g.mu.Unlock()
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) Slow(_ context.Context, account string, live bool, endpoint, reason string) {
	g.slowed = append(g.slowed, account+" "+endpoint+" "+reason)
}

func TestCallsWaitForTheLimiterWhichHearsOf429s(t *testing.T) {
	t.Parallel()
	server := httpServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Stripe-Rate-Limited-Reason", "endpoint-rate")
		w.WriteHeader(http.StatusTooManyRequests)
		io.WriteString(w, `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"slowly"}}`)
	})
	g := &gate{open: make(chan struct{})}
	a := stripegw.New(stripegw.Config{APIBase: server, Limiter: g}).Open(catalog.Live, "acct_1", testKey)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Send(ctx, write); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting went on after the end of the context: %v", err)
	}
	close(g.open)
	_, err := a.Send(t.Context(), write)
	wantKind(t, err, catalog.KindRateLimit)
	if want := []string{"acct_1 POST /v1/products", "acct_1 POST /v1/products"}; !slices.Equal(g.came, want) {
		t.Errorf("came: %q", g.came)
	}
	if want := []string{"acct_1 POST /v1/products endpoint-rate"}; !slices.Equal(g.slowed, want) {
		t.Errorf("slowed: %q", g.slowed)
	}
}

// What a call waits for its turn is none of Stripe's fault: in a batch it is minutes.
func TestACallTakesAsLongAsStripeDoes(t *testing.T) {
	t.Parallel()
	server := httpServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		io.WriteString(w, `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use","message":"in use"}}`)
	})
	const queued = 100 * time.Millisecond
	g := &gate{open: make(chan struct{})}
	a := stripegw.New(stripegw.Config{APIBase: server, Limiter: g}).Open(catalog.Live, "acct_1", testKey)
	asked := time.Now()
	time.AfterFunc(queued, func() { close(g.open) })
	_, err := a.Send(t.Context(), write)
	var got *catalog.Error
	if !errors.As(err, &got) || got.Took <= 0 || got.Took > time.Since(asked)-queued {
		t.Errorf("%v took %v", err, got.Took)
	}
}
