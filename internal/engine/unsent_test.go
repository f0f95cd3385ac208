package engine_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
)

// closed is a limiter that lets no price be created, and tells who waits for it.
type closed chan struct{}

func (c closed) Wait(ctx context.Context, _ string, _ bool, endpoint string) error {
	if endpoint != "POST /v1/prices" {
		return ctx.Err()
	}
	c <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

func (c closed) Slow(context.Context, string, bool, string, string) {}

// fenced lets no price be created: the lease ends too soon.
type fenced struct{ http.RoundTripper }

func (f fenced) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPost && req.URL.Path == "/v1/prices" {
		return nil, engine.ErrFenced
	}
	return f.RoundTripper.RoundTrip(req)
}

// settleOnly turns a run back that ended with these steps, as far as settling goes.
func (b *bench) settleOnly(t *testing.T) {
	t.Helper()
	b.server.Sim.ClearFaults()
	r := engine.Run{Gateway: b.live, Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links)}
	if err := r.Settle(t.Context(), slices.Clone(b.steps)); err != nil {
		t.Fatal(err)
	}
	if live := b.input(t).Live; len(live.Prices) != 0 {
		t.Errorf("created after the end: %+v", live.Prices)
	}
	for _, s := range b.steps[1:] {
		if s.Status != engine.Pending {
			t.Errorf("step %d is %s", s.Index, s.Status)
		}
	}
}

// A step that waits for its turn when its run ends has not been sent, and is not
// sent by whoever turns back.
func TestStepThatWaitsForItsTurnIsNotSentLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.plan(t, 1)
	limiter := make(closed)
	gateway := stripegw.New(stripegw.Config{APIBase: b.server.URL, Limiter: limiter})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		r := engine.Run{
			Gateway: gateway.Open(catalog.Live, b.server.Account.ID, b.server.Account.LiveKey),
			Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links),
		}
		ended <- r.Forward(ctx, slices.Clone(b.steps))
	}()
	<-limiter
	<-limiter
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	b.settleOnly(t)
}

// Nor is one that the fence stopped.
func TestFencedStepIsNotSentLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.plan(t, 1)
	gateway := stripegw.New(stripegw.Config{APIBase: b.server.URL, HTTPTransport: fenced{stripegw.NewTransport(time.Minute)}})
	r := engine.Run{
		Gateway: gateway.Open(catalog.Live, b.server.Account.ID, b.server.Account.LiveKey),
		Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links),
	}
	if err := r.Forward(t.Context(), slices.Clone(b.steps)); !errors.Is(err, engine.ErrFenced) {
		t.Fatalf("got %v", err)
	}
	b.settleOnly(t)
}

// Nor is one that Stripe's limiter had refused when its run ended; but one whose
// answer was lost is looked for, and settled.
func TestStepBetweenTwoTriesIsSentLaterOnlyIfItMayHaveTakenEffect(t *testing.T) {
	t.Parallel()
	for kind, status := range map[string]engine.Status{
		"429:endpoint-rate": engine.Pending, stripesim.ResetAfter: engine.Running, stripesim.ResetBefore: engine.Running,
	} {
		b := setup(t)
		b.plan(t, 1)
		ctx, cancel := context.WithCancel(t.Context())
		b.onWait = cancel
		_, err := b.server.Sim.AddFault(stripesim.Fault{Kind: kind, Times: -1, Match: stripesim.Match{Method: "POST", Path: "^/v1/prices$"}})
		if err != nil {
			t.Fatal(err)
		}
		r := engine.Run{
			Gateway: b.live, Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links),
			Backoff: engine.Backoff{First: time.Hour, Most: time.Hour, Budget: time.Hour, Patience: time.Hour},
		}
		if err := r.Forward(ctx, slices.Clone(b.steps)); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", kind, err)
		}
		var got []string
		for _, s := range b.steps[1:3] {
			got = append(got, string(s.Status))
		}
		if !strings.Contains(strings.Join(got, " "), string(status)) || status == engine.Pending && slices.Contains(got, string(engine.Running)) {
			t.Errorf("%s: the steps are %v, want %s", kind, got, status)
		}
	}
}
