package stripegw_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// bench is a simulator and the two modes of its account.
type bench struct {
	*simtest.Server
	gateway    *stripegw.Gateway
	test, live *stripegw.Account
}

// start returns a simulator whose calls are not held back.
func start(t *testing.T) bench {
	t.Helper()
	server := simtest.Start(t)
	gateway := stripegw.New(stripegw.Config{APIBase: server.URL})
	return bench{
		Server:  server,
		gateway: gateway,
		test:    gateway.Open(catalog.Test, server.Account.ID, server.Account.TestKey),
		live:    gateway.Open(catalog.Live, server.Account.ID, server.Account.LiveKey),
	}
}

// calls returns the requests so far, and forgets them.
func (s bench) calls(t *testing.T) []stripesim.Request {
	t.Helper()
	calls, err := s.Sim.Requests(stripesim.RequestFilter{})
	if err != nil {
		t.Fatal(err)
	}
	s.Sim.ClearRequests()
	return calls
}

// seed stores the objects, written as JSON without the quotes' noise.
func (s bench) seed(t *testing.T, mode stripesim.Mode, products, prices []string) {
	t.Helper()
	if err := s.Sim.Seed(s.Account.ID, mode, raws(products), raws(prices)); err != nil {
		t.Fatal(err)
	}
}

func raws(objects []string) []json.RawMessage {
	var all []json.RawMessage
	for _, o := range objects {
		all = append(all, json.RawMessage(o))
	}
	return all
}

const proProduct = `{"id":"prod_pro","name":"Pro","active":true,"description":"For teams","url":"https://pro.example",
	"unit_label":"seat","statement_descriptor":"PRO","tax_code":"txcd_10103001","shippable":false,
	"images":["https://pro.example/1.png"],"features":[{"name":"Speed"}],"default_price":"price_flat",
	"package_dimensions":{"height":1.5,"length":2,"weight":0.25,"width":3},"metadata":{"plan":"pro"}}`

var proPrices = []string{
	`{"id":"price_flat","product":"prod_pro","currency":"usd","unit_amount":1900,"lookup_key":"pro","nickname":"Monthly",
		"recurring":{"interval":"month","trial_period_days":14},"tax_behavior":"exclusive","metadata":{"a":"b"},
		"currency_options":{"eur":{"unit_amount":1800,"tax_behavior":"inclusive"},"jpy":{"unit_amount":2500,"tax_behavior":"unspecified"}}}`,
	`{"id":"price_free","product":"prod_pro","currency":"usd","unit_amount":0}`,
	`{"id":"price_exact","product":"prod_pro","currency":"usd","unit_amount_decimal":"123456789012.123456789012","active":false,
		"recurring":{"interval":"month","usage_type":"metered","aggregate_usage":"max"}}`,
	`{"id":"price_choice","product":"prod_pro","currency":"usd","custom_unit_amount":{"minimum":100,"maximum":null,"preset":0}}`,
	`{"id":"price_bundle","product":"prod_pro","currency":"usd","unit_amount":500,"transform_quantity":{"divide_by":10,"round":"up"}}`,
	`{"id":"price_tiers","product":"prod_pro","currency":"usd","billing_scheme":"tiered","tiers_mode":"graduated","recurring":{"interval":"year"},
		"tiers":[{"flat_amount":0,"flat_amount_decimal":"0","unit_amount":null,"unit_amount_decimal":"0.000000000001","up_to":10},
			{"unit_amount":0,"unit_amount_decimal":"0","up_to":null}],
		"currency_options":{"eur":{"tax_behavior":"unspecified","tiers":[{"unit_amount":7,"unit_amount_decimal":"7","up_to":null}]}}}`,
}

func proSnapshot() catalog.Snapshot {
	number := func(n int64) *int64 { return &n }
	shippable := false
	price := func(p catalog.Price) catalog.Price {
		p.Product, p.Currency = "prod_pro", "usd"
		if p.BillingScheme == "" {
			p.BillingScheme = "per_unit"
		}
		if p.TaxBehavior == "" {
			p.TaxBehavior = "unspecified"
		}
		if p.Metadata == nil {
			p.Metadata = map[string]string{}
		}
		return p
	}
	return catalog.NewSnapshot(catalog.Product{
		ID: "prod_pro", Name: "Pro", Active: true, Description: "For teams", URL: "https://pro.example", UnitLabel: "seat",
		StatementDescriptor: "PRO", TaxCode: "txcd_10103001", Shippable: &shippable, Images: []string{"https://pro.example/1.png"},
		Features: []catalog.Feature{{Name: "Speed"}}, Metadata: map[string]string{"plan": "pro"}, DefaultPrice: "price_flat",
		PackageDimensions: &catalog.PackageDimensions{Height: "1.5", Length: "2", Weight: "0.25", Width: "3"},
	}, []catalog.Price{
		price(catalog.Price{
			ID: "price_flat", Active: true, UnitAmountDecimal: "1900", LookupKey: "pro", Nickname: "Monthly", TaxBehavior: "exclusive",
			Recurring: &catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "licensed", TrialPeriodDays: number(14)},
			Metadata:  map[string]string{"a": "b"},
			CurrencyOptions: map[string]catalog.CurrencyOption{
				"eur": {UnitAmountDecimal: "1800", TaxBehavior: "inclusive"}, "jpy": {UnitAmountDecimal: "2500", TaxBehavior: "unspecified"},
			},
		}),
		price(catalog.Price{ID: "price_free", Active: true, UnitAmountDecimal: "0"}),
		price(catalog.Price{
			ID: "price_exact", UnitAmountDecimal: "123456789012.123456789012",
			Recurring: &catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "metered", AggregateUsage: "max"},
		}),
		price(catalog.Price{ID: "price_choice", Active: true, CustomUnitAmount: &catalog.CustomUnitAmount{Minimum: number(100), Preset: number(0)}}),
		price(catalog.Price{
			ID: "price_bundle", Active: true, UnitAmountDecimal: "500",
			TransformQuantity: &catalog.TransformQuantity{DivideBy: 10, Round: "up"},
		}),
		price(catalog.Price{
			ID: "price_tiers", Active: true, BillingScheme: "tiered", TiersMode: "graduated",
			Recurring: &catalog.Recurring{Interval: "year", IntervalCount: 1, UsageType: "licensed"},
			Tiers:     []catalog.Tier{{FlatAmountDecimal: "0", UnitAmountDecimal: "0.000000000001", UpTo: number(10)}, {UnitAmountDecimal: "0"}},
			CurrencyOptions: map[string]catalog.CurrencyOption{
				"eur": {TaxBehavior: "unspecified", Tiers: []catalog.Tier{{UnitAmountDecimal: "7"}}},
			},
		}),
	})
}

func TestEveryReadIsExact(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.seed(t, stripesim.Test, []string{proProduct}, proPrices)
	want := proSnapshot()

	snapshot, err := s.test.Snapshot(t.Context(), "prod_pro", nil)
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "snapshot", *snapshot, want)
	for name, ids := range map[string][]string{"all": nil, "one": {"prod_pro", "prod_gone", "prod_pro"}} {
		all, err := s.test.Catalogue(t.Context(), ids)
		if err != nil || len(all) != 1 {
			t.Fatalf("catalogue of %s: %d products, error %v", name, len(all), err)
		}
		wantSame(t, "catalogue of "+name, all[0], want)
	}
	product, err := s.test.Product(t.Context(), "prod_pro")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "product", *product, want.Product)
	for _, p := range want.Prices {
		price, err := s.test.Price(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, p.ID, *price, p)
	}
}

func wantSame(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		g, _ := json.MarshalIndent(got, "", " ")
		w, _ := json.MarshalIndent(want, "", " ")
		t.Errorf("%s:\ngot  %s\nwant %s", what, g, w)
	}
}

func TestSnapshotTakesThreeCalls(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.seed(t, stripesim.Live, []string{`{"id":"prod_1","name":"One"}`}, []string{`{"product":"prod_1","currency":"usd","unit_amount":1}`})
	if _, err := s.live.Snapshot(t.Context(), "prod_1", nil); err != nil {
		t.Fatal(err)
	}
	if calls := s.calls(t); len(calls) != 3 {
		t.Errorf("%d calls", len(calls))
	}
}

func TestSnapshotReadsAllPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	var prices []string
	for i := range 230 {
		prices = append(prices, fmt.Sprintf(`{"id":"price_%d","product":"prod_1","currency":"usd","unit_amount":%d,"active":%t}`, i, i, i < 210))
	}
	s.seed(t, stripesim.Live, []string{`{"id":"prod_1","name":"One"}`}, prices)
	snapshot, err := s.live.Snapshot(t.Context(), "prod_1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Prices) != 230 || len(snapshot.ActivePrices()) != 210 {
		t.Errorf("%d prices, %d active", len(snapshot.Prices), len(snapshot.ActivePrices()))
	}
}

func TestWhatIsNotThereIsNil(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.seed(t, stripesim.Test, []string{proProduct}, proPrices)
	for _, id := range []string{"prod_pro", "prod_none", "odd id/with?all#of it"} { // the first is there in test only
		if snapshot, err := s.live.Snapshot(t.Context(), id, nil); snapshot != nil || err != nil {
			t.Errorf("snapshot of %s: %v, error %v", id, snapshot, err)
		}
		if product, err := s.live.Product(t.Context(), id); product != nil || err != nil {
			t.Errorf("product %s: %v, error %v", id, product, err)
		}
	}
	if price, err := s.live.Price(t.Context(), "price_flat"); price != nil || err != nil {
		t.Errorf("price %v, error %v", price, err)
	}
	if all, err := s.live.Catalogue(t.Context(), []string{"prod_pro"}); len(all) != 0 || err != nil {
		t.Errorf("catalogue %v, error %v", all, err)
	}
}

func TestLookupKeysFindHoldersOfEitherKind(t *testing.T) {
	t.Parallel()
	s := start(t)
	var prices, keys []string
	for i := range 25 {
		keys = append(keys, fmt.Sprintf("key-%d", i))
		prices = append(prices, fmt.Sprintf(`{"id":"price_%d","product":"prod_1","currency":"usd","unit_amount":1,"lookup_key":"key-%d","active":%t}`, i, i, i%2 == 0))
	}
	s.seed(t, stripesim.Live, []string{`{"id":"prod_1","name":"One"}`}, prices)
	found, err := s.live.PricesByLookupKeys(t.Context(), append(keys, "nobody's", "key-1"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range found {
		got = append(got, p.LookupKey)
	}
	slices.Sort(keys)
	if slices.Sort(got); !slices.Equal(got, keys) {
		t.Errorf("found %v", got)
	}
	calls := s.calls(t)
	for _, c := range calls {
		if n := strings.Count(c.Query, "lookup_keys"); n > 10 {
			t.Errorf("a call asks for %d keys", n)
		}
	}
	if len(calls) != 6 {
		t.Errorf("%d calls for 26 keys", len(calls))
	}
}

func TestCatalogueOfManyIDs(t *testing.T) {
	t.Parallel()
	s := start(t)
	var products, prices, ids []string
	for i := range 250 {
		products = append(products, fmt.Sprintf(`{"id":"prod_%03d","name":"P","active":%t}`, i, i%3 != 0))
		prices = append(prices, fmt.Sprintf(`{"id":"price_%03d","product":"prod_%03d","currency":"usd","unit_amount":1}`, i, i))
		if i%2 == 0 {
			ids = append(ids, fmt.Sprintf("prod_%03d", i))
		}
	}
	s.seed(t, stripesim.Test, products, prices)
	for _, want := range [][]string{ids[:40], ids} {
		all, err := s.test.Catalogue(t.Context(), append([]string{"prod_none"}, want...))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, snapshot := range all {
			got = append(got, snapshot.Product.ID)
			if len(snapshot.Prices) != 1 || snapshot.Prices[0].Product != snapshot.Product.ID {
				t.Errorf("%s has prices %v", snapshot.Product.ID, snapshot.Prices)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestCatalogueOfALargeAccount(t *testing.T) {
	t.Parallel()
	const nProducts, nPrices = 3_000, 10_000
	s := start(t)
	var products, prices []string
	for i := range nProducts {
		products = append(products, fmt.Sprintf(`{"id":"prod_%d","name":"P%d"}`, i, i))
	}
	for i := range nPrices {
		prices = append(prices, fmt.Sprintf(`{"product":"prod_%d","currency":"usd","unit_amount":%d,"active":%t}`, i%nProducts, i, i%5 != 0))
	}
	s.seed(t, stripesim.Test, products, prices)
	all, err := s.test.Catalogue(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	amounts := map[catalog.Decimal]bool{}
	for _, snapshot := range all {
		for _, p := range snapshot.Prices {
			amounts[p.UnitAmountDecimal] = true
		}
	}
	if len(all) != nProducts || len(amounts) != nPrices {
		t.Errorf("%d products, %d prices", len(all), len(amounts))
	}
	if calls := len(s.calls(t)); calls != 130 {
		t.Errorf("%d calls, want 130: a page holds 100", calls)
	}
}
