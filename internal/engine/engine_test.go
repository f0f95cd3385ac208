package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

var errCrash = errors.New("crash")

// memory is a journal that can crash its owner at one of its notes.
type memory struct {
	mu      sync.Mutex
	steps   []engine.Step
	links   plan.Links
	crashAt string
	waits   int
	// onWait is what happens in the world while the run waits, onFailed once a step
	// is refused.
	onWait, onFailed func()
}

func (m *memory) note(what string) error {
	if m.crashAt == what {
		m.crashAt = ""
		return errCrash
	}
	return nil
}

func (m *memory) Begin(_ context.Context, s engine.Step, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.note(fmt.Sprintf("before %d", s.Index)); err != nil {
		return err
	}
	m.steps[s.Index].Status = engine.Running
	m.steps[s.Index].Key = key
	m.steps[s.Index].Attempts++
	return m.note(fmt.Sprintf("begun %d", s.Index))
}

func (m *memory) Done(_ context.Context, s engine.Step, w catalog.Written) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.note(fmt.Sprintf("effect %d", s.Index)); err != nil {
		return err
	}
	m.steps[s.Index].Status = engine.Done
	m.links[plan.Object{Resource: s.Resource, ID: s.TestID}] = w.ID
	return m.note(fmt.Sprintf("done %d", s.Index))
}

func (m *memory) Failed(_ context.Context, s engine.Step) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.steps[s.Index].Status = "FAILED"
	if m.onFailed != nil {
		m.onFailed()
	}
	return nil
}

func (m *memory) Unsent(_ context.Context, s engine.Step) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.steps[s.Index].Status == engine.Running {
		m.steps[s.Index].Status = engine.Pending
	}
	return nil
}

func (m *memory) Waiting(context.Context, *catalog.Error, time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waits++
	if m.onWait != nil {
		m.onWait()
	}
	return nil
}

// bench is a live account with what a plan needs.
type bench struct {
	*memory
	server *simtest.Server
	live   *stripegw.Account
	test   catalog.Snapshot
}

func setup(t *testing.T) *bench {
	t.Helper()
	server := simtest.Start(t)
	gateway := stripegw.New(stripegw.Config{APIBase: server.URL})
	return &bench{
		memory: &memory{links: plan.Links{}}, server: server, test: product("price_a", "1900"),
		live: gateway.Open(catalog.Live, server.Account.ID, server.Account.LiveKey),
	}
}

func product(monthly, amount string) catalog.Snapshot {
	price := func(id, amount, interval, key string) catalog.Price {
		return catalog.Price{
			ID: id, Active: true, Currency: "usd", BillingScheme: "per_unit", UnitAmountDecimal: catalog.Decimal(amount),
			TaxBehavior: "exclusive", LookupKey: key, Recurring: &catalog.Recurring{Interval: interval, IntervalCount: 1, UsageType: "licensed"},
		}
	}
	return catalog.NewSnapshot(
		catalog.Product{ID: "prod_pro", Name: "Pro", Active: true, DefaultPrice: monthly},
		[]catalog.Price{price(monthly, amount, "month", "pro_m"), price("price_y", "19000", "year", "pro_y")},
	)
}

// reprice turns the monthly price into another one.
func (b *bench) reprice() {
	old := b.test.Prices[0]
	old.Active, old.LookupKey = false, ""
	b.test = product("price_b", "2400")
	b.test = catalog.NewSnapshot(b.test.Product, append(b.test.Prices, old))
}

// plan journals what is to be done now, for the n-th deployment.
func (b *bench) plan(t *testing.T, n int) {
	t.Helper()
	p := plan.Diff(b.input(t))
	b.steps = nil
	for i, s := range p.Steps {
		stamp := catalog.Stamp{Tenant: "t", TestID: s.TestID, Deployment: fmt.Sprint(n), Step: i}.String()
		s.Body = strings.ReplaceAll(s.Body, "{stamp}", url.QueryEscape(stamp))
		b.steps = append(b.steps, engine.Step{Step: s, Index: i, Status: engine.Pending, Stamp: stamp, Key: fmt.Sprintf("golive:%d:%d", n, i)})
	}
}

func (b *bench) input(t *testing.T) plan.Input {
	t.Helper()
	live, err := b.live.Snapshot(t.Context(), "prod_pro", nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Input{Test: b.test, Live: live, Known: plan.Known{Links: b.links}}
}

func (b *bench) run(t *testing.T) error {
	t.Helper()
	r := engine.Run{
		Gateway: b.live, Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links),
		Backoff: engine.Backoff{First: time.Millisecond, Most: 2 * time.Millisecond, Budget: time.Minute, Patience: time.Minute},
	}
	return r.Forward(t.Context(), slices.Clone(b.steps))
}

// verify: live is what was planned, and each object is there once.
func (b *bench) verify(t *testing.T, prices int) {
	t.Helper()
	in := b.input(t)
	if left := plan.Diff(in); !left.IsEmpty() {
		t.Errorf("still to do: %+v", left.Changes)
	}
	if in.Live == nil || len(in.Live.Prices) != prices {
		t.Errorf("live holds %+v, want %d prices", in.Live, prices)
	}
}

// crashes are all the points at which a process can die around a step.
var crashes = []string{"before", "begun", "effect", "done"}

// Whatever the point at which the owner dies, the next one ends what it began,
// and nothing is there twice.
func TestEveryCrashIsSurvived(t *testing.T) {
	t.Parallel()
	for _, point := range crashes {
		for step := range 4 {
			t.Run(fmt.Sprintf("%s %d", point, step), func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				b.plan(t, 1)
				b.crashAt = fmt.Sprintf("%s %d", point, step)
				if err := b.run(t); !errors.Is(err, errCrash) {
					t.Fatalf("first run: %v", err)
				}
				if err := b.run(t); err != nil {
					t.Fatal(err)
				}
				b.verify(t, 2)
			})
		}
	}
}

// A day after the crash, Stripe has forgotten the idempotency keys.
func TestForgottenKeysDuplicateNothing(t *testing.T) {
	t.Parallel()
	for step := range 4 {
		b := setup(t)
		b.plan(t, 1)
		b.crashAt = fmt.Sprintf("effect %d", step)
		if err := b.run(t); !errors.Is(err, errCrash) {
			t.Fatalf("first run: %v", err)
		}
		b.server.Sim.Advance(25 * time.Hour)
		if err := b.run(t); err != nil {
			t.Fatal(err)
		}
		b.verify(t, 2)
	}
}

// Every transient trouble at every call of a first go-live and of a repricing.
func TestEveryTroubleIsOutlasted(t *testing.T) {
	t.Parallel()
	kinds := []string{
		stripesim.ResetBefore, stripesim.ResetAfter, stripesim.LockTimeout, stripesim.Error500, stripesim.Stored500,
		stripesim.After500, stripesim.Error503, stripesim.Truncated, "429:endpoint-rate",
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for nth := 1; nth <= 4; nth++ {
				b := setup(t)
				trouble(t, b, kind, nth)
				b.plan(t, 1)
				if err := b.run(t); err != nil {
					t.Fatalf("call %d: %v", nth, err)
				}
				b.verify(t, 2)
				b.reprice()
				trouble(t, b, kind, min(nth, 3))
				b.plan(t, 2)
				if err := b.run(t); err != nil {
					t.Fatalf("repricing, call %d: %v", nth, err)
				}
				b.verify(t, 3)
				if b.waits != 2 {
					t.Errorf("call %d: people were told of %d waits, want 2", nth, b.waits)
				}
			}
		})
	}
}

func trouble(t *testing.T, b *bench, kind string, nth int) {
	t.Helper()
	b.server.Sim.ClearFaults()
	_, err := b.server.Sim.AddFault(stripesim.Fault{Kind: kind, Match: stripesim.Match{Method: "POST", Nth: nth}})
	if err != nil {
		t.Fatal(err)
	}
}

// Answers that are lost: their calls took effect.
var lostAnswers = []string{stripesim.ResetAfter, stripesim.After500, stripesim.Truncated}

// Before a call whose answer was lost is tried again, Stripe forgets its key: it is
// not made twice.
func TestKeysForgottenBetweenTriesDuplicateNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range lostAnswers {
		for nth := 1; nth <= 4; nth++ {
			b := setup(t)
			trouble(t, b, kind, nth)
			b.plan(t, 1)
			b.onWait = func() { b.server.Sim.Advance(25 * time.Hour) }
			if err := b.run(t); err != nil {
				t.Fatalf("%s, call %d: %v", kind, nth, err)
			}
			b.verify(t, 2)
		}
	}
}

// Before such a call is tried again, Stripe begins to refuse its like: that it took
// effect is known all the same.
func TestRefusalAfterALostAnswerIsNoFailure(t *testing.T) {
	t.Parallel()
	for _, kind := range lostAnswers {
		for path, nth := range map[string]int{"^/v1/products$": 1, "^/v1/products/": 4} {
			b := setup(t)
			trouble(t, b, kind, nth)
			b.plan(t, 1)
			b.onWait = func() {
				_, err := b.server.Sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: -1, Match: stripesim.Match{Method: "POST", Path: path}})
				if err != nil {
					t.Error(err)
				}
			}
			if err := b.run(t); err != nil {
				t.Fatalf("%s, %s: %v", kind, path, err)
			}
			b.verify(t, 2)
		}
	}
}

// A refusal ends the run at its step; what does not depend on it may be done.
func TestRefusalIsFinal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.plan(t, 1)
	b.steps[1].Body = strings.Replace(b.steps[1].Body, "usd", "xyz", 1)
	var failed *engine.StepError
	var refused *catalog.Error
	err := b.run(t)
	if !errors.As(err, &failed) || failed.Index != 1 || !errors.As(err, &refused) || refused.Kind != catalog.KindRequest {
		t.Fatalf("got %v", err)
	}
	if b.steps[3].Status != engine.Pending {
		t.Error("the default price was set although its price was refused")
	}
}

// A trouble with one object is outwaited for a budget; a Stripe that is down ends
// the run sooner, and unsettled, to be gone on with later.
func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{stripesim.LockTimeout, stripesim.Error503, stripesim.ResetBefore} {
		b := setup(t)
		b.plan(t, 1)
		if _, err := b.server.Sim.AddFault(stripesim.Fault{Kind: kind, Times: -1, Match: stripesim.Match{Method: "POST"}}); err != nil {
			t.Fatal(err)
		}
		r := engine.Run{
			Gateway: b.live, Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links),
			Backoff: engine.Backoff{First: time.Millisecond, Most: time.Millisecond, Budget: time.Microsecond, Patience: time.Microsecond},
		}
		err := r.Forward(t.Context(), slices.Clone(b.steps))
		var failed *engine.StepError
		var outage *engine.OutageError
		if kind == stripesim.LockTimeout && (!errors.As(err, &failed) || b.steps[0].Status != "FAILED") {
			t.Errorf("%s: %v, step %s", kind, err, b.steps[0].Status)
		}
		if kind != stripesim.LockTimeout && (!errors.As(err, &outage) || b.steps[0].Status != engine.Running) {
			t.Errorf("%s: %v, step %s", kind, err, b.steps[0].Status)
		}
		b.server.Sim.ClearFaults()
		if kind != stripesim.LockTimeout {
			if err := b.run(t); err != nil {
				t.Fatal(err)
			}
			b.verify(t, 2)
		}
	}
}

// A worker that is told to stop stops, and what it had begun is settled later.
func TestStopIsObeyed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.plan(t, 1)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	r := engine.Run{Gateway: b.live, Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links)}
	if err := r.Forward(ctx, b.steps); !errors.Is(err, stop) {
		t.Fatalf("got %v", err)
	}
	if err := b.run(t); err != nil {
		t.Fatal(err)
	}
	b.verify(t, 2)
}
