package deployment_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/letter"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/progress"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
	"github.com/golive-hq/golive/internal/tenant"
	"github.com/golive-hq/golive/worker"
)

// callTimeout fits into the lease.
const callTimeout = 6 * time.Second

// stack is the domain with everything real but Stripe, which is the simulator
// behind HTTP.
type stack struct {
	*deployment.Service
	runner   *runner.Runner
	progress *progress.Service
	letters  *letter.Writer
	outbox   *outbox.Service
	Tenants  *tenant.Service
	pool     *pgxpool.Pool
	stripe   *simtest.Server
	tenant   tenant.Tenant
	products []*product.Product
	// as acts as a deployer of the tenant.
	as context.Context
}

// newStack is a tenant with Stripe connected and the demo catalogue imported. No
// worker runs before work is called.
func newStack(t *testing.T) *stack {
	t.Helper()
	return newStackOn(t, pgtest.URL(t))
}

func newStackOn(t *testing.T, url string) *stack {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(pool.Close)
	st := &stack{pool: pool, Tenants: &tenant.Service{DB: pool}, stripe: simtest.Start(t)}
	demo := stripesim.DemoCatalogue()
	must(t, st.stripe.Sim.Seed(st.stripe.Account.ID, stripesim.Test, demo.Products, demo.Prices))
	st.assemble(t, url)
	st.populate(t)
	return st
}

func (st *stack) assemble(t *testing.T, url string) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	gateway := stripegw.New(stripegw.Config{
		APIBase: st.stripe.URL, Log: log,
		HTTPTransport: &runner.Fence{Base: stripegw.NewTransport(callTimeout), Call: callTimeout}, Timeout: callTimeout,
	})
	keyset, err := seal.NewKeyset()
	must(t, err)
	keys, err := seal.ParseKeys(keyset)
	must(t, err)
	hub, err := postgres.NewHub(url, log)
	must(t, err)
	notify := postgres.NewNotifier(st.pool, log)
	background(t, hub.Run)
	background(t, notify.Run)
	wired, err := app.Wire(app.Base{Pool: st.pool, Hub: hub, Notifier: notify, Stripe: gateway},
		app.Config{Keys: keys, Lease: runner.DefaultLease, PublicURL: "https://golive.example", MailFrom: "Golive <golive@golive.example>"}, log)
	must(t, err)
	wired.Runner.Backoff = engine.Backoff{First: time.Millisecond, Most: time.Millisecond, Budget: time.Minute, Patience: time.Second}
	wired.Runner.Outages = runner.Outages{Retry: time.Millisecond, Budget: time.Minute}
	st.Service, st.runner, st.progress, st.letters, st.outbox = wired.Deployments, wired.Runner, wired.Progress, wired.Letters, wired.Outbox
}

func (st *stack) populate(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	var err error
	st.tenant, err = st.Tenants.CreateTenant(ctx, "acme", "Acme", "Europe/Berlin")
	must(t, err)
	st.as = st.actor(t, "admin@acme.example", tenant.RoleAdmin)
	for mode, key := range map[catalog.Mode]string{catalog.Test: st.stripe.Account.TestKey, catalog.Live: st.stripe.Account.LiveKey} {
		_, err := st.Connections.Connect(st.as, connection.Input{TenantID: st.tenant.ID, Mode: mode, SecretKey: key})
		must(t, err)
	}
	_, err = st.Products.Import(st.as, st.tenant.ID, nil)
	must(t, err)
	page, err := st.Products.List(st.as, product.Filter{TenantID: st.tenant.ID, First: 100})
	must(t, err)
	st.products = page.Products
}

func (st *stack) actor(t *testing.T, email string, role tenant.Role) context.Context {
	t.Helper()
	token, err := st.Tenants.CreateToken(t.Context(), st.tenant.Slug, email, role)
	must(t, err)
	actor, err := st.Tenants.Authenticate(t.Context(), token)
	must(t, err)
	return tenant.WithActor(t.Context(), actor)
}

// work starts a worker that runs until the test ends.
func (st *stack) work(t *testing.T) {
	t.Helper()
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker.Deployment{Runner: st.runner, Log: st.Log, Name: "test"})
	client, err := river.NewClient(riverpgxv5.New(st.pool), &river.Config{
		Queues:  map[string]river.QueueConfig{deployment.Queue: {MaxWorkers: 50, FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 100 * time.Millisecond}},
		Workers: workers, Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	must(t, client.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() { must(t, client.StopAndCancel(context.Background())) })
	background(t, func(ctx context.Context) {
		worker.Tend(ctx, st.Log, st.Service, st.runner, st.outbox, 50*time.Millisecond)
	})
}

// end waits for the terminal event and returns the deployment after it.
func (st *stack) end(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	from := 0
	progress, err := st.progress.Events(st.as, id, &from)
	must(t, err)
	for e := range progress {
		if e.Sequence != from+1 {
			t.Errorf("event %d follows event %d", e.Sequence, from)
		}
		from = e.Sequence
	}
	d, err := st.Get(st.as, id)
	must(t, err)
	return d
}

// review is what checks and plan said of a deployment.
func (st *stack) review(t *testing.T, id string) deployment.Review {
	t.Helper()
	reviews, err := st.ReviewsOf(st.as, []string{id})
	must(t, err)
	return reviews[id]
}

func background(t *testing.T, run func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (st *stack) goLive(t *testing.T, productID string) *deployment.Deployment {
	t.Helper()
	d, err := st.GoLive(st.as, deployment.GoLiveInput{ProductID: productID})
	must(t, err)
	return d
}

func (st *stack) product(t *testing.T, stripeID string) *product.Product {
	t.Helper()
	p, err := st.Products.ByStripeID(st.as, st.tenant.ID, stripeID)
	must(t, err)
	return p
}

// Steps is the journal of one deployment, for whoever may see it.
func (st *stack) Steps(ctx context.Context, id string) ([]*deployment.Step, error) {
	steps, err := st.StepsOf(ctx, []string{id})
	return steps[id], err
}

// Events are those of one deployment after a sequence, for whoever may see it.
func (st *stack) Events(ctx context.Context, id string, after, first int) ([]*deployment.Event, error) {
	events, err := st.EventsOf(ctx, []string{id}, after, first)
	return events[id], err
}
