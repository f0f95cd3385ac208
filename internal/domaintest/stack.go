package domaintest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/letter"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/progress"
	"github.com/golive-hq/golive/internal/recipient"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	// Simple is a demo product with prices of one kind.
	Simple = "prod_PinePro"
	// Coffee is another one.
	Coffee = "prod_CoffeeBag"
	// NeverLive is the demo product that was archived in test before it ever was live.
	NeverLive = "prod_PineLegacy"
	// Admin is the address of a Stack's own admin.
	Admin = "admin@acme.example"
	// CallTimeout bounds a call to Stripe. It fits into the lease.
	CallTimeout = 6 * time.Second
)

// Stack is a tenant with Stripe connected and the demo catalogue imported, and all that
// it takes to deploy that.
type Stack struct {
	*deployment.Service
	Database
	Account

	Runner   *runner.Runner
	Progress *progress.Service
	Letters  *letter.Writer
	Choices  *notify.Choices
	Outbox   *outbox.Service
	Tenants  *tenant.Service
	Imports  *importing.Service
	Inbox    *inbox.Service
	Orders   *order.Service
	Payouts  *payout.Service
	Identity *identity.Service
	// Recipients are asked before they are told, but those of the shop's own domain.
	Recipients *recipient.Service
	Tenant     tenant.Tenant
	// Imported are the products of the tenant.
	Imported []*product.Product
	// As acts as an admin of the tenant.
	As context.Context

	services app.Services
}

// New makes a Stack. No worker runs before Work is called.
func New(t *testing.T) *Stack {
	t.Helper()
	return NewOn(t, pgtest.URL(t))
}

// NewOn is New on a database that is there and empty.
func NewOn(t *testing.T, url string) *Stack {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url)
	Must(t, err)
	t.Cleanup(pool.Close)
	t.Cleanup(func() { Sent.FindByIndex(t) })
	st := &Stack{Database: Database{pool}, Account: Account{simtest.Start(t)}}
	demo := stripesim.DemoCatalogue()
	Must(t, st.Stripe.Sim.Seed(st.Stripe.Account.ID, stripesim.Test, demo.Products, demo.Prices))
	st.assemble(t, url, traced(t, url))
	st.populate(t)
	return st
}

// assemble gives the services sessions that act as theirs do; the test's own are the owner's.
func (st *Stack) assemble(t *testing.T, url string, acting *pgxpool.Pool) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	gateway := stripegw.New(stripegw.Config{
		APIBase: st.Stripe.URL, Log: log,
		HTTPTransport: &runner.Fence{Base: stripegw.NewTransport(CallTimeout), Call: CallTimeout}, Timeout: CallTimeout,
	})
	st.services = Wire(t, url, app.Base{Pool: acting, Stripe: gateway}, app.Config{
		Lease: runner.DefaultLease, PublicURL: "https://golive.example", MailFrom: "Golive <golive@golive.example>",
		StripeAPIBase: st.Stripe.URL,
	}, log)
	s := st.services
	Must(t, s.Audit.Attach(t.Context(), st.Pool))
	s.Runner.Backoff = engine.Backoff{First: time.Millisecond, Most: time.Millisecond, Budget: time.Minute, Patience: time.Second}
	s.Runner.Outages = runner.Outages{Retry: time.Millisecond, Budget: time.Minute}
	st.Choices, st.Inbox, st.Orders, st.Payouts = s.Choices, s.Inbox, s.Orders, s.Payouts
	st.Service, st.Runner, st.Progress, st.Letters, st.Outbox, st.Tenants, st.Identity, st.Imports, st.Recipients = s.Deployments, s.Runner, s.Progress, s.Letters, s.Outbox, s.Tenants, s.Identity, s.Imports, s.Recipients
}

func (st *Stack) populate(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	var err error
	st.Tenant, err = st.Tenants.CreateTenant(ctx, "acme", "Acme", "Europe/Berlin")
	Must(t, err)
	st.As = st.Actor(t, Admin, tenant.RoleAdmin)
	// So that tests may tell whom they like of the shop's people.
	st.Exec(t, `INSERT INTO mail_domains (tenant_id, domain, confirmed_by) VALUES ($1, 'acme.example', $2)`, st.Tenant.ID, Admin)
	st.Connect(t, st.As, st.Tenant.ID)
	_, err = st.Imports.Here(st.As, st.Tenant.ID, nil)
	Must(t, err)
	page, err := st.Products.List(st.As, product.Filter{TenantID: st.Tenant.ID, First: 100})
	Must(t, err)
	st.Imported = page.Products
}

// Connect gives a tenant both keys of the Stack's account.
func (st *Stack) Connect(t *testing.T, as context.Context, tenantID string) { //nolint:revive // t comes first, as everywhere in tests
	t.Helper()
	for mode, key := range map[catalog.Mode]string{catalog.Test: st.Stripe.Account.TestKey, catalog.Live: st.Stripe.Account.LiveKey} {
		_, err := st.Connections.Connect(as, connection.Input{TenantID: tenantID, Mode: mode, SecretKey: key})
		Must(t, err)
	}
}

// Actor is somebody of the tenant with that role.
func (st *Stack) Actor(t *testing.T, email string, role tenant.Role) context.Context {
	t.Helper()
	return st.actorOf(t, st.Tenant.Slug, email, role)
}

func (st *Stack) actorOf(t *testing.T, slug, email string, role tenant.Role) context.Context {
	t.Helper()
	token, err := st.Tenants.CreateToken(t.Context(), slug, email, role)
	Must(t, err)
	actor, err := st.Tenants.Authenticate(t.Context(), token)
	Must(t, err)
	return tenant.WithActor(t.Context(), actor)
}

// Stranger is an admin of another tenant, "other".
func (st *Stack) Stranger(t *testing.T) context.Context {
	t.Helper()
	_, err := st.Tenants.CreateTenant(t.Context(), "other", "Other", "UTC")
	Must(t, err)
	return st.actorOf(t, "other", "admin@other.example", tenant.RoleAdmin)
}

// Sharer is a Stranger whose tenant has the same Stripe account, and its copy of a
// product.
func (st *Stack) Sharer(t *testing.T, stripeID string) (as context.Context, p *product.Product) {
	t.Helper()
	as = st.Stranger(t)
	other, err := tenant.BySlug(as, "other")
	Must(t, err)
	st.Connect(t, as, other.ID)
	_, err = st.Imports.Here(as, other.ID, []string{stripeID})
	Must(t, err)
	p, err = st.Products.ByStripeID(as, other.ID, stripeID)
	Must(t, err)
	return as, p
}

// Work starts a worker that runs until the test ends.
func (st *Stack) Work(t *testing.T) {
	t.Helper()
	Work(t, st.services)
}

// WorkStripe starts a worker of Stripe's objects and of orders that runs until the test ends.
func (st *Stack) WorkStripe(t *testing.T) {
	t.Helper()
	WorkStripe(t, st.services)
	WorkOrders(t, st.services)
}

// WorkImports starts a worker of imports that runs until the test ends.
func (st *Stack) WorkImports(t *testing.T) {
	t.Helper()
	WorkImports(t, st.services, st.services.Tenants.DB)
}
