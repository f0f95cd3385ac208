package product_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/seal/sealtest"
	"github.com/golive-hq/golive/internal/tenant"
)

const testKey, liveKey = "sk_test_51AbcdefGHIJKLmnop", "sk_live_51QrstuvWXYZabcdef"

// bundle is a service on a database of its own, with one tenant that is
// connected to acct_1 in both modes.
type bundle struct {
	*product.Service
	// Imports carries imports out in the test's own process.
	Imports     *importing.Service
	Connections *connection.Service
	// Catalogue is what Stripe answers: products with their prices, those with given ids or
	// all for nil.
	Catalogue func(ctx context.Context, accountID, key string, ids []string) ([]catalog.Snapshot, error)
	tenants   *tenant.Service
	// prove is what Stripe says of keys.
	prove func(context.Context, string) (connection.Proof, error)
	// test is what the tenant's test account holds, by product id.
	test map[string]catalog.Snapshot
	acme tenant.Tenant
}

// ctx acts as acme's admin.
func (b *bundle) ctx() context.Context { return as(b.acme, tenant.RoleAdmin) }

func setup(t testing.TB) *bundle {
	t.Helper()
	_, keys := sealtest.Keys(t)
	url := pgtest.URL(t)
	db, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := audit.LeaveUnchained(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	b := &bundle{tenants: &tenant.Service{DB: db}, test: map[string]catalog.Snapshot{}}
	b.prove = func(_ context.Context, key string) (connection.Proof, error) {
		return connection.Proof{Account: catalog.Account{ID: "acct_1"}, Livemode: key == liveKey}, nil
	}
	b.Service, b.Catalogue = &product.Service{DB: db}, b.catalogue
	b.Connections = connection.New(connection.Deps{
		DB: db, Keys: keys,
		Prove:         func(ctx context.Context, key string) (connection.Proof, error) { return b.prove(ctx, key) },
		NeededAccount: deployment.NeededAccount, Unfinished: deployment.Unfinished, Connected: inbox.Connected, Paying: order.Paying,
	})
	log := slog.New(slog.DiscardHandler)
	hub, err := postgres.NewHub(url, log)
	if err != nil {
		t.Fatal(err)
	}
	notifier := postgres.NewNotifier(db, log)
	domaintest.Background(t, "the hub", hub.Run)
	domaintest.Background(t, "the notifier", notifier.Run)
	b.Imports = importing.New(importing.Deps{
		DB: db, Connections: b.Connections, Notify: notifier, Hub: hub, Log: log, Lease: time.Minute,
		Open: func(accountID, key string) importing.Stripe { return &account{b, accountID, key} },
	})
	b.acme = b.makeTenant(t, "acme")
	return b
}

// makeTenant makes a tenant that is connected like acme.
func (b *bundle) makeTenant(t testing.TB, slug string) tenant.Tenant {
	t.Helper()
	made, err := b.tenants.CreateTenant(context.Background(), slug, "The "+slug+" company", "UTC")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.tenants.CreateToken(context.Background(), slug, "ann@"+slug+".test", tenant.RoleAdmin); err != nil {
		t.Fatal(err)
	}
	for mode, key := range map[catalog.Mode]string{catalog.Test: testKey, catalog.Live: liveKey} {
		_, err := b.Connections.Connect(as(made, tenant.RoleAdmin), connection.Input{TenantID: made.ID, Mode: mode, SecretKey: key})
		if err != nil {
			t.Fatal(err)
		}
	}
	return made
}

// catalogue answers from test, in the order of ids as Stripe's reader does.
func (b *bundle) catalogue(_ context.Context, accountID, key string, ids []string) ([]catalog.Snapshot, error) {
	if accountID != "acct_1" || key != testKey {
		return nil, fmt.Errorf("asked with %q of %q", key, accountID)
	}
	var found []catalog.Snapshot
	for id, s := range b.test {
		if ids == nil || slices.Contains(ids, id) {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(x, y catalog.Snapshot) int {
		if x.Product.ID < y.Product.ID {
			return -1
		}
		return 1
	})
	return found, nil
}

// sells puts a product with one monthly price into test.
func (b *bundle) sells(id, name, amount string) {
	b.test[id] = catalog.NewSnapshot(
		catalog.Product{ID: id, Name: name, Active: true, DefaultPrice: "price_" + id, Metadata: map[string]string{}},
		[]catalog.Price{{
			ID: "price_" + id, Product: id, Active: true, Currency: "usd", BillingScheme: "per_unit",
			UnitAmountDecimal: catalog.Decimal(amount), Recurring: &catalog.Recurring{Interval: "month", IntervalCount: 1},
		}})
}

// Import imports as nobody's worker does.
func (b *bundle) Import(ctx context.Context, tenantID string, ids []string) (product.ImportResult, error) {
	return b.Imports.Here(ctx, tenantID, ids)
}

// account is what Catalogue tells, in one page of each list.
type account struct {
	*bundle
	id, key string
}

func (a *account) Catalogue(ctx context.Context, ids []string) ([]catalog.Snapshot, error) {
	return a.bundle.Catalogue(ctx, a.id, a.key, ids)
}

func (a *account) Page(ctx context.Context, list catalog.List, _ string) (p catalog.Page, err error) {
	if list == catalog.ArchivedPrices {
		return p, nil
	}
	all, err := a.bundle.Catalogue(ctx, a.id, a.key, nil)
	for _, s := range all {
		if list == catalog.Products {
			p.Products = append(p.Products, s.Product)
		} else {
			p.Prices = append(p.Prices, s.Prices...)
		}
	}
	return p, err
}

func (b *bundle) imports(t testing.TB, ids ...string) product.ImportResult {
	t.Helper()
	result, err := b.Import(b.ctx(), b.acme.ID, ids)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (b *bundle) get(t *testing.T, stripeID string) *product.Product {
	t.Helper()
	p, err := b.ByStripeID(b.ctx(), b.acme.ID, stripeID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// prices are those that whoever acts in ctx sees of a product.
func (b *bundle) prices(ctx context.Context, t *testing.T, p *product.Product) []product.Price {
	t.Helper()
	found, err := b.ContentsOf(ctx, []string{p.ID})
	if err != nil || found[p.ID] == nil {
		t.Fatal(found, err)
	}
	return found[p.ID].Prices()
}

func (b *bundle) inTx(t *testing.T, fn func(pgx.Tx) error) {
	t.Helper()
	if err := postgres.InTx(b.ctx(), b.DB, fn); err != nil {
		t.Fatal(err)
	}
}

// as returns a context in which a member of t with that role acts.
func as(t tenant.Tenant, role tenant.Role) context.Context {
	return tenant.WithActor(context.Background(), tenant.Actor{
		Email: "ann@" + t.Slug + ".test", Memberships: []tenant.Membership{{Tenant: t, Role: role}},
	})
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Errorf("code %q of %v; want %q", got, err, code)
	}
}

func scalar[T any](t *testing.T, b *bundle, sql string, args ...any) T {
	t.Helper()
	v, err := postgres.One(context.Background(), b.DB, pgx.RowTo[T], nil, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func shown(t *testing.T, p product.Price) string {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
