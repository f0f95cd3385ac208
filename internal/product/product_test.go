package product_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

const testKey, liveKey = "sk_test_51AbcdefGHIJKLmnop", "sk_live_51QrstuvWXYZabcdef"

// bundle is a service on a database of its own, with one tenant that is
// connected to acct_1 in both modes.
type bundle struct {
	*product.Service
	tenants *tenant.Service
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
	text, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	db := pgtest.New(t)
	if err := audit.LeaveUnchained(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	b := &bundle{tenants: &tenant.Service{DB: db}, test: map[string]catalog.Snapshot{}}
	b.prove = func(_ context.Context, key string) (connection.Proof, error) {
		return connection.Proof{Account: catalog.Account{ID: "acct_1"}, Livemode: key == liveKey}, nil
	}
	b.Service = &product.Service{
		DB: db, Catalogue: b.catalogue,
		Connections: connection.New(connection.Deps{
			DB: db, Keys: keys,
			Prove:         func(ctx context.Context, key string) (connection.Proof, error) { return b.prove(ctx, key) },
			NeededAccount: deployment.NeededAccount, Unfinished: deployment.Unfinished,
		}),
	}
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

func TestProductsOfOtherTenantsDoNotExist(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1900")
	b.imports(t)
	p := b.get(t, "prod_1")
	other := b.makeTenant(t, "other")
	stranger := as(other, tenant.RoleAdmin)

	_, err := b.Get(stranger, p.ID)
	wantCode(t, err, fault.NotFound)
	_, missing := b.Get(stranger, uuid.NewString())
	if missing.Error() != err.Error() {
		t.Errorf("a foreign product says %q, a missing one %q", err, missing)
	}
	_, err = b.ByStripeID(stranger, b.acme.ID, "prod_1")
	wantCode(t, err, fault.NotFound)
	_, err = b.ByStripeID(stranger, other.ID, "prod_1")
	wantCode(t, err, fault.NotFound)
	_, err = b.List(stranger, product.Filter{TenantID: b.acme.ID, First: 10})
	wantCode(t, err, fault.NotFound)
	_, err = b.Import(stranger, b.acme.ID, nil)
	wantCode(t, err, fault.NotFound)
	many, err := b.GetMany(stranger, []string{p.ID})
	if len(many) != 0 || err != nil {
		t.Errorf("%v, %v", many, err)
	}

	nobody := context.Background()
	_, err = b.Get(nobody, p.ID)
	wantCode(t, err, fault.Unauthenticated)
	_, err = b.GetMany(nobody, []string{p.ID})
	wantCode(t, err, fault.Unauthenticated)
}

func TestTwoTenantsOfOneAccountKeepTheirOwnProducts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1900")
	b.imports(t)
	other := b.makeTenant(t, "other")
	theirs := as(other, tenant.RoleAdmin)
	b.sells("prod_1", "Pro, renamed", "1900")
	if _, err := b.Import(theirs, other.ID, nil); err != nil {
		t.Fatal(err)
	}
	q, err := b.ByStripeID(theirs, other.ID, "prod_1")
	if err != nil || q.Name != "Pro, renamed" || q.ID == b.get(t, "prod_1").ID {
		t.Errorf("%+v, %v", q, err)
	}
	if p := b.get(t, "prod_1"); p.Name != "Pro" {
		t.Errorf("another tenant's import renamed ours to %q", p.Name)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1900")
	b.sells("prod_2", "Basic", "900")
	b.imports(t)
	p := b.get(t, "prod_1")
	if id, err := uuid.Parse(p.ID); err != nil || id.Version() != 7 {
		t.Errorf("id %s", p.ID)
	}
	if p.TenantID != b.acme.ID || p.TestAccountID != "acct_1" || p.Name != "Pro" || p.ImportedAt.IsZero() ||
		p.GoneAt != nil || p.LiveProductID != nil || p.LiveStatus != product.NotLive {
		t.Errorf("%+v", p)
	}
	if p.Digest != product.Digest(*p.Snapshot) || p.Snapshot.Product.Name != "Pro" {
		t.Errorf("the snapshot does not survive storage: %+v", p.Snapshot)
	}
	many, err := b.GetMany(b.ctx(), []string{p.ID, uuid.NewString(), b.get(t, "prod_2").ID})
	if err != nil || len(many) != 2 || many[p.ID].Name != "Pro" {
		t.Errorf("%v, %v", many, err)
	}
	if w, err := product.ForDeployment(context.Background(), b.DB, p.ID); err != nil || w.ID != p.ID {
		t.Errorf("%+v, %v", w, err)
	}
	for _, id := range []string{"", "prod_1", uuid.NewString()} {
		_, err := b.Get(b.ctx(), id)
		wantCode(t, err, fault.NotFound)
		_, err = product.ForDeployment(b.ctx(), b.DB, id)
		wantCode(t, err, fault.NotFound)
	}
}

func TestPricesAreShownWithTheirLiveIDs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	yearly := int64(7)
	b.test["prod_1"] = catalog.NewSnapshot(catalog.Product{ID: "prod_1", Name: "Pro", DefaultPrice: "price_b"}, []catalog.Price{
		{
			ID: "price_c", Product: "prod_1", Currency: "eur", BillingScheme: "tiered", TiersMode: "graduated",
			Tiers: []catalog.Tier{{FlatAmountDecimal: "0", UpTo: &yearly}}, LookupKey: "pro", Nickname: "Old",
		},
		{
			ID: "price_b", Product: "prod_1", Active: true, Currency: "usd", BillingScheme: "per_unit", UnitAmountDecimal: "19.995",
			Recurring: &catalog.Recurring{Interval: "year", IntervalCount: 2},
		},
	})
	b.imports(t)
	if prices := b.get(t, "prod_1").Prices; prices[0].LiveID != nil {
		t.Errorf("live before any link: %s", shown(t, prices[0]))
	}
	b.inTx(t, func(tx pgx.Tx) error {
		return product.SaveLink(b.ctx(), tx, product.Link{
			LiveAccountID: "acct_1", TestID: "price_b", Resource: catalog.ResourcePrice,
			LiveID: "price_live", TestProductID: "prod_1", TenantID: b.acme.ID,
		})
	})
	prices := b.get(t, "prod_1").Prices
	want := []string{
		`{"TestID":"price_b","LiveID":"price_live","Active":true,"Currency":"usd","BillingScheme":"per_unit","UnitAmountDecimal":"19.995","LookupKey":null,"Nickname":null,"Interval":"year","IntervalCount":2,"IsDefault":true}`,
		`{"TestID":"price_c","LiveID":null,"Active":false,"Currency":"eur","BillingScheme":"tiered","UnitAmountDecimal":null,"LookupKey":"pro","Nickname":"Old","Interval":null,"IntervalCount":null,"IsDefault":false}`,
	}
	for i, w := range want {
		if got := shown(t, prices[i]); got != w {
			t.Errorf("price %d: %s\nwant %s", i, got, w)
		}
	}
}

// Which live objects another tenant of the account made is its own affair.
func TestTwoTenantsOfOneAccountSeeTheirOwnLiveIDs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1900")
	b.imports(t)
	other := b.makeTenant(t, "other")
	theirs := as(other, tenant.RoleAdmin)
	if _, err := b.Import(theirs, other.ID, nil); err != nil {
		t.Fatal(err)
	}
	b.inTx(t, func(tx pgx.Tx) error {
		return product.SaveLink(b.ctx(), tx, product.Link{
			LiveAccountID: "acct_1", TestID: "price_prod_1", Resource: catalog.ResourcePrice,
			LiveID: "price_live", TestProductID: "prod_1", TenantID: other.ID,
		})
	})
	q, err := b.ByStripeID(theirs, other.ID, "prod_1")
	if err != nil || q.Prices[0].LiveID == nil || *q.Prices[0].LiveID != "price_live" {
		t.Errorf("their own: %+v, %v", q, err)
	}
	if ours := b.get(t, "prod_1").Prices[0]; ours.LiveID != nil {
		t.Errorf("ours shows what another tenant made: %s", shown(t, ours))
	}
}

func TestLiveStatus(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1900")
	b.imports(t)
	p := b.get(t, "prod_1")
	want := func(status product.LiveStatus) {
		t.Helper()
		if got := b.get(t, "prod_1").LiveStatus; got != status {
			t.Errorf("%s; want %s", got, status)
		}
	}
	deployed := func(digest string) {
		b.inTx(t, func(tx pgx.Tx) error { return product.MarkDeployed(b.ctx(), tx, p.ID, "acct_1", "prod_1", digest) })
	}
	drifted := func(d bool) {
		b.inTx(t, func(tx pgx.Tx) error { return product.MarkDrifted(b.ctx(), tx, p.ID, d) })
	}
	want(product.NotLive)
	drifted(true)
	want(product.NotLive)
	deployed(p.Digest)
	want(product.Live)
	if id := b.get(t, "prod_1").LiveProductID; id == nil || *id != "prod_1" {
		t.Errorf("live id %v", id)
	}
	b.sells("prod_1", "Pro", "2400")
	b.imports(t)
	want(product.Changed)
	drifted(true)
	want(product.Drifted)
	drifted(false)
	want(product.Changed)
	b.sells("prod_1", "Pro", "1900")
	b.inTx(t, func(tx pgx.Tx) error { return product.Refresh(b.ctx(), tx, p.ID, b.test["prod_1"]) })
	want(product.Live)
	delete(b.test, "prod_1")
	b.imports(t)
	want(product.Changed)
	b.inTx(t, func(tx pgx.Tx) error { return product.Refresh(b.ctx(), tx, p.ID, *p.Snapshot) })
	want(product.Live)
	drifted(true)
	deployed(p.Digest)
	want(product.Live)
}

func shown(t *testing.T, p product.Price) string {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
