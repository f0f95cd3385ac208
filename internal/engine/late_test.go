package engine_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/stripesim"
)

// The call of a worker that died is still at Stripe, or on its way there, when the next
// one settles its step. That live looks as the step wants it, by another hand, does not
// mean that it is over: it must not come after what the next one does, and undo it.
func TestLateCallsComeToNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit       func(b *bench)
		path, body string
		undo       string
		kept       func(live *catalog.Snapshot) bool
	}{
		"a product": {
			func(b *bench) { b.test.Product.Name = "Pro 2" }, "/v1/products/prod_pro", "name=Pro+2", "name=Pro",
			func(live *catalog.Snapshot) bool { return live.Product.Name == "Pro" },
		},
		"a price": {
			func(b *bench) { b.test.Prices[0].Nickname = "Monthly" }, "", "nickname=Monthly", "nickname=Old",
			func(live *catalog.Snapshot) bool { return live.PriceByLookupKey("pro_m").Nickname == "Old" },
		},
		"a price's archiving": {
			func(b *bench) { b.test.Prices[1].Active = false }, "", "active=false", "active=true",
			func(live *catalog.Snapshot) bool { return live.PriceByLookupKey("pro_y").Active },
		},
	} {
		for _, stage := range []string{stripesim.AtArrival, stripesim.AtBefore} {
			t.Run(name+" "+stage, func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				b.plan(t, 1)
				if err := b.run(t); err != nil {
					t.Fatal(err)
				}
				c.edit(b)
				b.plan(t, 2)
				s := b.steps[0]
				path := c.path
				if path == "" {
					path = s.Path
				}
				over := b.late(t, s, stage, path, c.body)
				b.send(t, path, c.undo, "golive:2:undo")
				b.server.Sim.ClearFaults()
				<-over
				live, err := b.live.Snapshot(t.Context(), "prod_pro", nil)
				if err != nil || !c.kept(live) {
					t.Errorf("the call came late and had its effect: %+v, %v", live, err)
				}
			})
		}
	}
}

// late leaves a step's call at Stripe, has somebody else do the same in live, and lets
// the next owner settle the step. The call has ended once over is closed.
func (b *bench) late(t *testing.T, s engine.Step, stage, path, body string) (over <-chan struct{}) {
	t.Helper()
	hold, err := b.server.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, At: stage, Match: stripesim.Match{Method: "POST"}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = b.live.Send(context.WithoutCancel(t.Context()), catalog.Write{Path: s.Path, Body: s.Body, IdempotencyKey: s.Key}) // nobody hears of it
	}()
	if _, err := b.server.Sim.Held(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	b.steps[0].Status = engine.Running
	b.send(t, path, body, "somebody else")
	b.onWait = func() { b.server.Sim.Release("", false) } // its key is in use until then
	r := engine.Run{
		Gateway: b.live, Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links),
		Backoff: engine.Backoff{First: time.Millisecond, Most: time.Millisecond, Budget: time.Minute, Patience: time.Minute},
	}
	if err := r.Settle(t.Context(), slices.Clone(b.steps)); err != nil || b.steps[0].Status != engine.Done {
		t.Fatalf("the step is %s, %v", b.steps[0].Status, err)
	}
	return ended
}

func (b *bench) send(t *testing.T, path, body, key string) {
	t.Helper()
	if _, err := b.live.Send(t.Context(), catalog.Write{Path: path, Body: body, IdempotencyKey: key}); err != nil {
		t.Fatal(err)
	}
}
