package deployment_test

import (
	"context"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/stripegw"
)

// gate is a limiter that holds back the creation of live prices until it is open,
// and tells who comes.
type gate struct{ came, open chan struct{} }

func (g *gate) Wait(ctx context.Context, _ string, live bool, endpoint string) error {
	if !live || endpoint != "POST /v1/prices" {
		return ctx.Err()
	}
	g.came <- struct{}{}
	select {
	case <-g.open:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) Slow(context.Context, string, bool, string, string) {}

// gated lets calls wait for their turn.
func (st *stack) gated() *gate {
	g := &gate{came: make(chan struct{}, 100), open: make(chan struct{})}
	gateway := stripegw.New(stripegw.Config{
		APIBase: st.stripe.URL, Limiter: g, Timeout: callTimeout,
		HTTPTransport: &runner.Fence{Base: stripegw.NewTransport(callTimeout), Call: callTimeout},
	})
	st.Open = func(mode catalog.Mode, accountID, key string) deployment.Stripe {
		return gateway.Open(mode, accountID, key)
	}
	return g
}

// hear waits until a deployment tells something.
func (st *stack) hear(t *testing.T, id, text string) {
	t.Helper()
	from := 0
	progress, err := st.progress.Events(st.as, id, &from)
	must(t, err)
	for e := range progress {
		if strings.Contains(e.Message, text) {
			return
		}
	}
	t.Fatalf("it ended without telling %q", text)
}

// Creates that wait for their turn when somebody cancels are never sent, not even
// to be settled.
func TestCancelCreatesNothingMore(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	g := st.gated()
	st.work(t)
	d := st.goLive(t, st.product(t, simple).ID)
	<-g.came
	<-g.came
	st.cancel(t, d.ID)
	st.hear(t, d.ID, "undoing")
	close(g.open)
	end := st.end(t, d.ID)
	if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
		t.Errorf("%s %s %q", end.Status, *end.LiveOutcome, end.ProgressMessage)
	}
	if live := st.live(t, simple); live.Product.Active || len(live.Prices) != 0 {
		t.Errorf("live holds %+v", live)
	}
}
