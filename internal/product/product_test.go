package product_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

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
	if prices := b.prices(b.ctx(), t, b.get(t, "prod_1")); prices[0].LiveID != nil {
		t.Errorf("live before any link: %s", shown(t, prices[0]))
	}
	b.inTx(t, func(tx pgx.Tx) error {
		return saveLink(b.ctx(), tx, product.Link{
			LiveAccountID: "acct_1", TestID: "price_b", Resource: catalog.ResourcePrice,
			LiveID: "price_live", TestProductID: "prod_1", TenantID: b.acme.ID,
		})
	})
	prices := b.prices(b.ctx(), t, b.get(t, "prod_1"))
	want := []string{
		`{"TestID":"price_b","LiveID":"price_live","Active":true,"Currency":"usd","BillingScheme":"per_unit","UnitAmountDecimal":"19.995","Amount":{"minorUnits":"19.995","currency":"usd"},"LookupKey":null,"Nickname":null,"Interval":"year","IntervalCount":2,"IsDefault":true}`,
		`{"TestID":"price_c","LiveID":null,"Active":false,"Currency":"eur","BillingScheme":"tiered","UnitAmountDecimal":null,"Amount":null,"LookupKey":"pro","Nickname":"Old","Interval":null,"IntervalCount":null,"IsDefault":false}`,
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
		return saveLink(b.ctx(), tx, product.Link{
			LiveAccountID: "acct_1", TestID: "price_prod_1", Resource: catalog.ResourcePrice,
			LiveID: "price_live", TestProductID: "prod_1", TenantID: other.ID,
		})
	})
	q, err := b.ByStripeID(theirs, other.ID, "prod_1")
	if err != nil {
		t.Fatal(err)
	}
	if own := b.prices(theirs, t, q)[0]; own.LiveID == nil || *own.LiveID != "price_live" {
		t.Errorf("their own: %s", shown(t, own))
	}
	if ours := b.prices(b.ctx(), t, b.get(t, "prod_1"))[0]; ours.LiveID != nil {
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
