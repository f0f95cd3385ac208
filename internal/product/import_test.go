package product_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestImportFollowsTest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1900")
	b.sells("prod_2", "Basic", "900")
	step := func(doing string, want product.ImportResult) {
		t.Helper()
		if got := b.imports(t); got != want {
			t.Errorf("%s: %+v; want %+v", doing, got, want)
		}
	}
	step("first import", product.ImportResult{Imported: 2, Added: 2, Changed: 2})
	id := b.get(t, "prod_1").ID
	step("nothing happened", product.ImportResult{Imported: 2})

	b.sells("prod_1", "Pro", "2400")
	b.sells("prod_3", "New", "1")
	step("a price changed, a product came", product.ImportResult{Imported: 3, Added: 1, Changed: 2})
	if p := b.get(t, "prod_1"); p.ID != id || p.Snapshot.Prices[0].UnitAmountDecimal != "2400" {
		t.Errorf("%+v", p)
	}

	kept := b.test["prod_1"]
	delete(b.test, "prod_1")
	step("a product vanished", product.ImportResult{Imported: 2, Gone: 1})
	gone := b.get(t, "prod_1")
	if gone.ID != id || gone.GoneAt == nil || len(gone.Snapshot.Prices) != 1 {
		t.Errorf("%+v", gone)
	}
	step("it is still gone", product.ImportResult{Imported: 2})
	if again := b.get(t, "prod_1"); !again.GoneAt.Equal(*gone.GoneAt) {
		t.Errorf("gone at %v, then at %v", gone.GoneAt, again.GoneAt)
	}
	b.test["prod_1"] = kept
	step("it is back", product.ImportResult{Imported: 3, Changed: 1})
	if p := b.get(t, "prod_1"); p.ID != id || p.GoneAt != nil {
		t.Errorf("%+v", p)
	}
	clear(b.test)
	step("all vanished", product.ImportResult{Gone: 3})
}

func TestImportOfSome(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := 1; i <= 4; i++ {
		b.sells(fmt.Sprintf("prod_%d", i), "P", "1")
	}
	b.imports(t)
	b.sells("prod_1", "P", "2")
	b.sells("prod_2", "P", "2")
	delete(b.test, "prod_3")
	delete(b.test, "prod_4")
	if got := b.imports(t, "prod_1", "prod_3", "prod_1"); got != (product.ImportResult{Imported: 1, Changed: 1, Gone: 1}) {
		t.Errorf("%+v", got)
	}
	for id, gone := range map[string]bool{"prod_1": false, "prod_2": false, "prod_3": true, "prod_4": false} {
		if p := b.get(t, id); (p.GoneAt != nil) != gone {
			t.Errorf("%s gone at %v", id, p.GoneAt)
		}
	}
	if p := b.get(t, "prod_2"); p.Snapshot.Prices[0].UnitAmountDecimal != "1" {
		t.Error("a product that nobody asked for was imported")
	}
	// No id is not every id.
	got, err := b.Import(b.ctx(), b.acme.ID, []string{})
	if err != nil || got != (product.ImportResult{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestImportNamesWhatNobodyKnows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1")
	b.sells("prod_2", "Basic", "1")
	b.imports(t, "prod_2")
	delete(b.test, "prod_2")
	got, err := b.Import(b.ctx(), b.acme.ID, []string{"prod_typo", "prod_1", "prod_2", "prod_typo", ""})
	wantCode(t, err, fault.NotFound)
	if got != (product.ImportResult{Imported: 1, Added: 1, Changed: 1, Gone: 1}) {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(err.Error(), `: "" "prod_typo".`) {
		t.Error(err)
	}
	b.get(t, "prod_1")

	many := make([]string, 25)
	for i := range many {
		many[i] = fmt.Sprintf("prod_x%02d", i)
	}
	_, err = b.Import(b.ctx(), b.acme.ID, many)
	if !strings.Contains(err.Error(), `"prod_x09" and 15 `) {
		t.Error(err)
	}
}

func TestImportNeedsADeployer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Catalogue = func(context.Context, string, string, []string) ([]catalog.Snapshot, error) {
		t.Error("Stripe was asked")
		return nil, nil
	}
	for ctx, want := range map[context.Context]fault.Code{
		as(b.acme, tenant.RoleViewer): fault.Forbidden,
		context.Background():          fault.Unauthenticated,
	} {
		_, err := b.Import(ctx, b.acme.ID, nil)
		wantCode(t, err, want)
	}
	b.Catalogue = b.catalogue
	if _, err := b.Import(as(b.acme, tenant.RoleDeployer), b.acme.ID, nil); err != nil {
		t.Error(err)
	}
}

func TestImportWithoutStripe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1")
	b.imports(t)
	for want, failure := range map[fault.Code]error{
		fault.StripeKeyInvalid:  &catalog.Error{Kind: catalog.KindPermission, Status: 401, Message: "Expired API Key provided"},
		fault.StripeUnavailable: fmt.Errorf("list products: %w", &catalog.Error{Kind: catalog.KindNetwork}),
		fault.Internal:          &catalog.Error{Kind: catalog.KindRequest, Status: 400},
	} {
		b.Catalogue = func(context.Context, string, string, []string) ([]catalog.Snapshot, error) { return nil, failure }
		_, err := b.Import(b.ctx(), b.acme.ID, nil)
		wantCode(t, err, want)
		if strings.Contains(fmt.Sprintf("%+v", err), testKey) {
			t.Errorf("the error quotes the key: %v", err)
		}
	}
	if p := b.get(t, "prod_1"); p.GoneAt != nil {
		t.Error("a failed import took a product for gone")
	}
	if err := b.Connections.Disconnect(b.ctx(), b.acme.ID, catalog.Test); err != nil {
		t.Fatal(err)
	}
	_, err := b.Import(b.ctx(), b.acme.ID, nil)
	wantCode(t, err, fault.StripeNotConnected)
}

func TestNoTransactionIsOpenWhileTheCatalogueIsRead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Catalogue = func(ctx context.Context, accountID, key string, ids []string) ([]catalog.Snapshot, error) {
		// A pool takes a connection back behind whoever has released it.
		domaintest.Until(t, "no connection is in use", func() bool { return b.DB.Stat().AcquiredConns() == 0 })
		return b.catalogue(ctx, accountID, key, ids)
	}
	b.imports(t)
}

func TestAnImportAndItsAuditEntryAreOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1")
	b.imports(t)
	page, err := b.tenants.AuditLog(b.ctx(), audit.Filter{TenantID: b.acme.ID}, 1, "")
	if err != nil || page.Entries[0].Action != "products.imported" || page.Entries[0].Actor != "ann@acme.test" ||
		fmt.Sprint(page.Entries[0].Details) != "map[all:true changed:1 gone:0 imported:1]" {
		t.Errorf("%+v, %v", page.Entries, err)
	}

	if _, err := b.DB.Exec(b.ctx(), `ALTER TABLE audit_log ADD CHECK (action <> 'products.imported') NOT VALID`); err != nil {
		t.Fatal(err)
	}
	delete(b.test, "prod_1")
	b.sells("prod_2", "Basic", "1")
	if _, err := b.Import(b.ctx(), b.acme.ID, nil); err == nil {
		t.Error("imported without an audit entry")
	}
	if p := b.get(t, "prod_1"); p.GoneAt != nil {
		t.Error("half an import was kept: a product is gone")
	}
	_, err = b.ByStripeID(b.ctx(), b.acme.ID, "prod_2")
	wantCode(t, err, fault.NotFound)
}

func TestAnAccountThatChangesDuringTheImportIsNoticed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1")
	b.Catalogue = func(ctx context.Context, accountID, key string, ids []string) ([]catalog.Snapshot, error) {
		b.prove = func(context.Context, string) (connection.Proof, error) {
			return connection.Proof{Account: catalog.Account{ID: "acct_2"}}, nil
		}
		_, err := b.Connections.Connect(b.ctx(), connection.Input{
			TenantID: b.acme.ID, Mode: catalog.Test,
			SecretKey: "sk_test_51Account2aaaaa", AllowDifferentAccount: true,
		})
		if err != nil {
			t.Error(err)
		}
		return b.catalogue(ctx, accountID, key, ids)
	}
	_, err := b.Import(b.ctx(), b.acme.ID, nil)
	wantCode(t, err, fault.InvalidState)
	if n := scalar[int](t, b, `SELECT count(*) FROM products`); n != 0 {
		t.Errorf("%d products of the wrong account", n)
	}
}

func TestProductsOfAnEarlierAccountAreGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1")
	b.imports(t)
	before := b.get(t, "prod_1").ID
	b.prove = func(context.Context, string) (connection.Proof, error) {
		return connection.Proof{Account: catalog.Account{ID: "acct_2"}}, nil
	}
	_, err := b.Connections.Connect(b.ctx(), connection.Input{
		TenantID: b.acme.ID, Mode: catalog.Test,
		SecretKey: "sk_test_51Account2aaaaa", AllowDifferentAccount: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Catalogue = func(context.Context, string, string, []string) ([]catalog.Snapshot, error) {
		return []catalog.Snapshot{b.test["prod_1"]}, nil
	}
	if got := b.imports(t); got != (product.ImportResult{Imported: 1, Added: 1, Changed: 1, Gone: 1}) {
		t.Errorf("%+v", got)
	}
	if p := b.get(t, "prod_1"); p.ID == before || p.TestAccountID != "acct_2" || p.GoneAt != nil {
		t.Errorf("%+v", p)
	}
}

func TestConcurrentImportsAgree(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 200 {
		b.sells(fmt.Sprintf("prod_%d", i), "P", "1")
	}
	var group sync.WaitGroup
	var changed atomic.Int64
	for range 6 {
		group.Go(func() {
			got, err := b.Import(b.ctx(), b.acme.ID, nil)
			if err != nil || got.Imported != 200 || got.Gone != 0 {
				t.Errorf("%+v, %v", got, err)
			}
			changed.Add(int64(got.Changed))
		})
	}
	group.Wait()
	if changed.Load() != 200 {
		t.Errorf("%d products were new", changed.Load())
	}
	if n := scalar[int](t, b, `SELECT count(*) FROM products`); n != 200 {
		t.Errorf("%d products", n)
	}
}

// Imports must not stand in the way of go-lives for longer than it takes to write
// their rows.
func TestImportWaitsForNoDeploymentOfOtherProducts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1")
	b.sells("prod_2", "Basic", "1")
	b.imports(t)
	locked := b.get(t, "prod_1").ID
	b.inTx(t, func(tx pgx.Tx) error {
		if err := product.LockForDeployment(b.ctx(), tx, locked); err != nil {
			return err
		}
		if _, err := connection.LockAccount(b.ctx(), tx, b.acme.ID, catalog.Test); err != nil {
			return err
		}
		b.imports(t, "prod_2")
		return nil
	})
}

// manyProducts fills test with 3,000 products that have 10,000 prices together.
func (b *bundle) manyProducts() {
	for i := range 3000 {
		id := fmt.Sprintf("prod_%04d", i)
		prices := make([]catalog.Price, 3+min(1, (i%3)/2))
		for j := range prices {
			prices[j] = catalog.Price{
				ID: fmt.Sprintf("price_%04d_%d", i, j), Product: id, Active: j < 2, Currency: "usd", BillingScheme: "per_unit",
				UnitAmountDecimal: catalog.Decimal(fmt.Sprint(1000 + i + j)), Recurring: &catalog.Recurring{Interval: "month", IntervalCount: 1},
				LookupKey: fmt.Sprintf("key_%d_%d", i, j), TaxBehavior: "exclusive", Metadata: map[string]string{"tier": fmt.Sprint(j)},
			}
		}
		b.test[id] = catalog.NewSnapshot(catalog.Product{
			ID: id, Name: fmt.Sprintf("Product %04d", i), Active: true,
			Description: strings.Repeat("What it does for you. ", 8), DefaultPrice: prices[0].ID,
			Images: []string{"https://example.test/" + id + ".png"}, Metadata: map[string]string{"sku": id},
		}, prices)
	}
}

func TestImportOfALargeCatalogue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.manyProducts()
	if got := b.imports(t); got != (product.ImportResult{Imported: 3000, Added: 3000, Changed: 3000}) {
		t.Errorf("%+v", got)
	}
	if n := scalar[int](t, b, `SELECT sum(jsonb_array_length(snapshot->'prices')) FROM products`); n != 10_000 {
		t.Errorf("%d prices", n)
	}
	delete(b.test, "prod_0007")
	b.sells("prod_0008", "Repriced", "1")
	if got := b.imports(t); got != (product.ImportResult{Imported: 2999, Changed: 1, Gone: 1}) {
		t.Errorf("%+v", got)
	}
}

func BenchmarkImportOfALargeCatalogue(b *testing.B) {
	s := setup(b)
	s.manyProducts()
	for b.Loop() {
		s.imports(b)
	}
}
