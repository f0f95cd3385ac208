package runner_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	simple    = domaintest.Simple
	coffee    = domaintest.Coffee
	neverLive = domaintest.NeverLive
)

var (
	must       = domaintest.Must
	wantCode   = domaintest.WantCode
	sameLive   = domaintest.SameLive
	background = domaintest.Background
)

// stack is the whole domain, as these tests use it.
type stack struct{ *domaintest.Stack }

func newStack(t *testing.T) *stack {
	t.Helper()
	return &stack{domaintest.New(t)}
}

// cancelled expects a deployment to end so, with nothing left of it.
func (st *stack) cancelled(t *testing.T, id string) {
	t.Helper()
	end := st.End(t, id)
	if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
		t.Errorf("%s %v %q", end.Status, *end.LiveOutcome, end.ProgressMessage)
	}
}

// fault sets one that lasts.
func (st *stack) fault(t *testing.T, kind, method, path string) {
	t.Helper()
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: kind, Times: -1, At: stripesim.AtArrival, Match: stripesim.Match{Method: method, Path: path, Mode: stripesim.Live},
	})
	must(t, err)
}

// turn lets one worker carry a deployment as far as it goes; a parked one is tried
// again now.
func (st *stack) turn(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	st.Exec(t, `UPDATE deployments SET retry_at = NULL WHERE id = $1`, id)
	return st.CarryOut(t, id)
}

// outage is for how long a deployment has waited for Stripe.
func (st *stack) outage(t *testing.T, id string) (waited time.Duration) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), `SELECT outage FROM deployments WHERE id = $1`, id).Scan(&waited))
	return waited
}

// history is the messages of a deployment's events, whose sequence has no gap.
func (st *stack) history(t *testing.T, id string) (messages []string) {
	t.Helper()
	events, err := st.Events(st.As, id, 0, 100)
	must(t, err)
	for i, e := range events {
		if e.Sequence != i+1 {
			t.Errorf("event %d is number %d", e.Sequence, i+1)
		}
		messages = append(messages, e.Message)
	}
	return messages
}

// delete removes the product from live, as Stripe does only where it has no prices,
// or where somebody asks its support.
func (st *stack) delete(t *testing.T) {
	t.Helper()
	state, err := st.Stripe.Sim.Dump(st.Stripe.Account.ID, stripesim.Live)
	must(t, err)
	keep := func(all []json.RawMessage, member string) (kept []json.RawMessage) {
		for _, raw := range all {
			var object map[string]any
			must(t, json.Unmarshal(raw, &object))
			if object[member] != simple {
				kept = append(kept, raw)
			}
		}
		return kept
	}
	state.Products, state.Prices = keep(state.Products, "id"), keep(state.Prices, "product")
	must(t, st.Stripe.Sim.Load(st.Stripe.Account.ID, stripesim.Live, state))
}

// taxed is a product that went live, whose price has since decided about tax one
// way in live and another way in test: only a new price can follow, under the same
// test id.
func (st *stack) taxed(t *testing.T, lookupKey any) *product.Product {
	t.Helper()
	price, err := json.Marshal(map[string]any{
		"id": "price_tax", "product": "prod_tax", "currency": "usd", "unit_amount": 500, "lookup_key": lookupKey,
		"recurring": map[string]any{"interval": "month"},
	})
	must(t, err)
	must(t, st.Stripe.Sim.Seed(st.Stripe.Account.ID, stripesim.Test, []json.RawMessage{[]byte(`{"id": "prod_tax", "name": "Tax"}`)}, []json.RawMessage{price}))
	_, err = st.Imports.Here(st.As, st.Tenant.ID, nil)
	must(t, err)
	p := st.Product(t, "prod_tax")
	st.Completed(t, p)
	for mode, behavior := range map[stripesim.Mode]string{stripesim.Live: "exclusive", stripesim.Test: "inclusive"} {
		state, err := st.Stripe.Sim.Dump(st.Stripe.Account.ID, mode)
		must(t, err)
		for _, raw := range state.Prices { // in live they have ids of their own
			var of struct{ ID, Product string }
			must(t, json.Unmarshal(raw, &of))
			if of.Product == "prod_tax" {
				st.Edit(t, mode, of.ID, func(p map[string]any) { p["tax_behavior"] = behavior })
			}
		}
	}
	return p
}

func (st *stack) lease(t *testing.T, id string) (until time.Time) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), `SELECT lease_until FROM deployments WHERE id = $1`, id).Scan(&until))
	return until
}

// held starts a deployment that runs, until the test ends, into a held call.
func (st *stack) held(t *testing.T, productID string) string {
	t.Helper()
	d := st.StartGoLive(t, st.Product(t, productID).ID)
	job := st.Job(t, d.ID)
	background(t, "the run", func(ctx context.Context) { _ = st.Runner.Run(ctx, d.ID, job, "owner") })
	t.Cleanup(func() { st.Stripe.Sim.ClearFaults() })
	st.Until(t, "an owner of "+d.ID, `SELECT owner IS NOT NULL FROM deployments WHERE id = $1`, d.ID)
	return d.ID
}

// neighbour is another tenant with the same Stripe accounts, which has imported
// the same product.
func (st *stack) neighbour(t *testing.T) *stack {
	t.Helper()
	theirs := *st.Stack
	theirs.As, _ = st.Sharer(t, simple)
	var err error
	theirs.Tenant, err = tenant.BySlug(theirs.As, "other")
	must(t, err)
	return &stack{&theirs}
}

// adopt starts a go-live that may take over what it finds.
func (st *stack) adopt(t *testing.T) *deployment.Deployment {
	t.Helper()
	d, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: st.Product(t, simple).ID, Adopt: true})
	must(t, err)
	return d
}

// adopted takes the product over.
func (st *stack) adopted(t *testing.T) *deployment.Deployment {
	t.Helper()
	end := st.End(t, st.adopt(t).ID)
	if end.Status != deployment.Completed {
		t.Fatalf("taking over: %s %+v", end.Status, end.Error)
	}
	return end
}

// conflict is whether the live product may be changed without taking it over.
func (st *stack) conflict(t *testing.T) plan.CheckStatus {
	t.Helper()
	report, err := st.Validate(st.As, st.Product(t, simple).ID, false)
	must(t, err)
	return statusOf(report, "live_conflict")
}

// links are all of the product, by test id.
func (st *stack) links(t *testing.T) map[string]product.Link {
	t.Helper()
	links, err := product.Links(t.Context(), st.Pool, st.Stripe.Account.ID, simple)
	must(t, err)
	byID := map[string]product.Link{}
	for _, l := range links {
		byID[l.TestID] = l
	}
	return byID
}

// wantActors holds the audit log to naming who did these things to a deployment.
func (st *stack) wantActors(t *testing.T, id, actor string, actions ...string) {
	t.Helper()
	for _, action := range actions {
		page, err := audit.List(t.Context(), st.Pool, audit.Filter{TenantID: st.Tenant.ID, Subject: &id, Action: &action}, 1, "")
		must(t, err)
		if len(page.Entries) != 1 || page.Entries[0].Actor != actor {
			t.Errorf("%s was done by %+v, says the audit log", action, page.Entries)
		}
	}
}

// waited tells whether an event told of an outage.
func (st *stack) waited(t *testing.T, id string) bool {
	t.Helper()
	events, err := st.Events(st.As, id, 0, 100)
	must(t, err)
	for _, e := range events {
		if e.Message == "Stripe is not responding; retrying every 1s" {
			return true
		}
	}
	return false
}

// parked returns once nobody holds the deployment.
func (st *stack) parked(t *testing.T, id string) {
	t.Helper()
	st.Until(t, id+" to be let go", `SELECT lease_until IS NULL FROM deployments WHERE id = $1`, id)
}

// broken makes a go-live whose effects cannot be noted, and gives it up.
func (st *stack) broken(t *testing.T) *deployment.Deployment {
	t.Helper()
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	st.Exec(t, `ALTER TABLE links ADD CONSTRAINT broken CHECK (false)`)
	st.giveUp(t, d.ID)
	return d
}

// giveUp fails to work a deployment, for the last time.
func (st *stack) giveUp(t *testing.T, id string) {
	t.Helper()
	if err := st.Runner.Run(st.As, id, st.Job(t, id), "broken"); err == nil {
		t.Fatal("nothing was broken")
	}
	must(t, st.Runner.GiveUp(st.As, id, st.Job(t, id), "broken"))
}

func statusOf(report *deployment.Report, check string) plan.CheckStatus {
	for _, r := range report.Results {
		if r.Check == check {
			return r.Status
		}
	}
	return ""
}

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
		APIBase: st.Stripe.URL, Limiter: g, Timeout: domaintest.CallTimeout,
		HTTPTransport: &runner.Fence{Base: stripegw.NewTransport(domaintest.CallTimeout), Call: domaintest.CallTimeout},
	})
	st.Open = func(mode catalog.Mode, accountID, key string) evidence.Stripe {
		return gateway.Open(mode, accountID, key)
	}
	return g
}
