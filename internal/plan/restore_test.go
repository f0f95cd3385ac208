package plan_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// A repricing is turned back: the old price is for sale again, with its lookup
// key and as the default, before the new one is archived.
func TestRestoreARepricing(t *testing.T) {
	t.Parallel()
	in := reprice()
	done := plan.Diff(in)
	after := catalog.Snapshot{Product: in.Live.Product, Prices: slices.Clone(in.Live.Prices)}
	after.Product.DefaultPrice = "price_live_new"
	after.Prices[0].Active, after.Prices[0].LookupKey = false, ""
	created := *in.Test.Price("price_new")
	created.ID = "price_live_new"
	after.Prices = append(after.Prices, created)

	links := map[string]string{"prod_pro": "prod_pro", "price_old": "price_live_old", "price_new": "price_live_new"}
	back := plan.Restore(plan.Restoration{Touched: touched(t, done, links), Live: &after, Known: plan.Known{Links: linked(links)}})
	got := render(t, back)
	want := `REACTIVATE price price_old: Pro monthly: $24.00 → $19.00, earlier price for sale again, old one archived
    active: false -> true
    lookup_key: null -> "pro"
UPDATE product prod_pro: Pro: new default price
    default_price: "price_live_new" -> "price_live_old"
0. POST /v1/prices/price_live_old after []
    active=true
    lookup_key=pro
    transfer_lookup_key=true
1. POST /v1/products/prod_pro after [0]
    default_price=price_live_old
2. POST /v1/prices/price_live_new after [0 1]
    active=false
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	checkOrder(t, back)
}

// Every field that an update may write can be restored.
func TestRestoreKnowsEveryWrittenField(t *testing.T) {
	t.Parallel()
	product, price := filled[catalog.Product](), filled[catalog.Price]()
	shippable := false // what was undecided before stays decided: see below
	for _, f := range plan.ProductDrift(product, &catalog.Product{}) {
		if f == "metadata" {
			continue // goes key by key
		}
		checkRestored(t, f, plan.Touched{Resource: catalog.ResourceProduct, Product: &catalog.Product{Shippable: &shippable}, Fields: []string{f}})
	}
	frozen := "metadata currency billing_scheme unit_amount_decimal tiers tiers_mode transform_quantity recurring custom_unit_amount tax_behavior"
	for _, f := range plan.PriceDrift(price, &catalog.Price{}) {
		if !strings.Contains(" "+frozen+" ", " "+f+" ") {
			checkRestored(t, f, plan.Touched{Resource: catalog.ResourcePrice, LiveID: "7", Price: &catalog.Price{ID: "7"}, Fields: []string{f}})
		}
	}
}

func checkRestored(t *testing.T, field string, back plan.Touched) {
	t.Helper()
	live := catalog.Snapshot{Product: *filled[catalog.Product](), Prices: []catalog.Price{*filled[catalog.Price]()}}
	p := plan.Restore(plan.Restoration{Touched: []plan.Touched{back}, Live: &live})
	b, err := json.Marshal(p.Changes)
	if err != nil || !strings.Contains(string(b), `"field":"`+field+`"`) {
		t.Errorf("%s %s is not restored: %s", back.Resource, field, b)
	}
}

// What Stripe lets nobody take back stays as it is, and the plan of the go-live
// says so beforehand.
func TestRestoreLeavesWhatIsFinal(t *testing.T) {
	t.Parallel()
	yes := true
	option := func(amount, tax string) map[string]catalog.CurrencyOption {
		return map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: catalog.Decimal(amount), TaxBehavior: tax}}
	}
	price := func(id, amount, tax string) catalog.Price {
		return catalog.Price{
			ID: id, Active: true, Currency: "usd", BillingScheme: "per_unit", UnitAmountDecimal: "1900", TaxBehavior: tax,
			CurrencyOptions: option(amount, tax),
		}
	}
	links := map[string]string{"prod_mug": "prod_mug", "price_mug": "price_live"}
	in := plan.Input{
		Test:  catalog.NewSnapshot(catalog.Product{ID: "prod_mug", Name: "Mug", Active: true, Shippable: &yes}, []catalog.Price{price("price_mug", "1800", "inclusive")}),
		Known: plan.Known{Links: linked(links)},
	}
	before := catalog.NewSnapshot(catalog.Product{ID: "prod_mug", Name: "Mug", Active: true}, []catalog.Price{price("price_live", "1700", "unspecified")})
	in.Live = &before
	done := plan.Diff(in)
	for _, c := range done.Changes {
		if c.Reversible || c.RollbackNote == "" {
			t.Errorf("not declared: %s", c.Summary)
		}
	}
	after := catalog.NewSnapshot(in.Test.Product, []catalog.Price{price("price_live", "1800", "inclusive")})
	back := plan.Restore(plan.Restoration{Touched: touched(t, done, links), Live: &after, Known: in.Known})
	want := `UPDATE price price_mug: Mug one-time: new currency options
    currency_options: {"eur":{"tax_behavior":"inclusive","unit_amount_decimal":"1800"}} -> {"eur":{"tax_behavior":"inclusive","unit_amount_decimal":"1700"}}
0. POST /v1/prices/price_live after []
    currency_options[eur][tax_behavior]=inclusive
    currency_options[eur][unit_amount_decimal]=1700
`
	if got := render(t, back); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// An option that is turned back says of tax what it said before, unless that was
// decided otherwise since.
func TestRestoreOptionsWithTheirTax(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ before, now, want string }{
		{"unspecified", "unspecified", "unspecified"},
		{"unspecified", "inclusive", "inclusive"},
		{"unspecified", "gone", "unspecified"},
		{"exclusive", "exclusive", "exclusive"},
		{"exclusive", "gone", "exclusive"},
		{"", "inclusive", "inclusive"},
		{"exclusive", "inclusive", "inclusive"},
	} {
		before, now := sellable("price_la", "", "1900"), sellable("price_la", "", "1900")
		before.CurrencyOptions = map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "1700", TaxBehavior: c.before}}
		if c.now != "gone" {
			now.CurrencyOptions = map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "1800", TaxBehavior: c.now}}
		}
		live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Active: true}, []catalog.Price{now})
		back := plan.Restore(plan.Restoration{Live: &live, Touched: []plan.Touched{{
			Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_la", Price: &before, Fields: []string{"currency_options"},
		}}})
		want := "currency_options%5Beur%5D%5Btax_behavior%5D=" + c.want + "&currency_options%5Beur%5D%5Bunit_amount_decimal%5D=1700"
		if len(back.Steps) != 1 || back.Steps[0].Body != want {
			t.Errorf("%q before and %q now: steps %+v, want one that writes %s", c.before, c.now, back.Steps, want)
		}
	}
}

// What another tenant has taken over since is not turned back.
func TestRestoreLeavesWhatIsForeign(t *testing.T) {
	t.Parallel()
	live := catalog.NewSnapshot(
		catalog.Product{ID: "prod_pro", Name: "Pro", Active: true, DefaultPrice: "price_1"},
		[]catalog.Price{{ID: "price_1", Active: true, LookupKey: "pro"}, {ID: "price_2", Active: true}})
	touched := []plan.Touched{
		{Resource: catalog.ResourceProduct, TestID: "prod_pro", LiveID: "prod_pro"},
		{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_1"},
		{Resource: catalog.ResourcePrice, LiveID: "price_2", Price: &catalog.Price{ID: "price_2", LookupKey: "pro"}, Fields: []string{"lookup_key"}},
	}
	known := plan.Known{Foreign: ofOthers("prod_pro", "price_1", "price_2")}
	if back := plan.Restore(plan.Restoration{Touched: touched, Live: &live, Known: known}); !back.IsEmpty() {
		t.Errorf("%+v", back.Changes)
	}
	if back := plan.Restore(plan.Restoration{Touched: touched, Live: &live}); len(back.Steps) != 3 {
		t.Errorf("where nothing is foreign: %+v", back.Changes)
	}
}

// A default price that somebody else chose stays.
func TestRestoreLeavesAnotherDefaultPrice(t *testing.T) {
	t.Parallel()
	live := catalog.NewSnapshot(
		catalog.Product{ID: "prod_pro", Name: "Pro", Active: true, DefaultPrice: "price_theirs"}, []catalog.Price{{ID: "price_theirs", Active: true}})
	renamed := plan.Touched{
		Resource: catalog.ResourceProduct, LiveID: "prod_pro", Fields: []string{"name"},
		Product: &catalog.Product{ID: "prod_pro", Name: "Basic", Active: true, DefaultPrice: "price_old"},
	}
	back := plan.Restore(plan.Restoration{Touched: []plan.Touched{renamed}, Live: &live})
	if len(back.Steps) != 1 || back.Steps[0].Body != "name=Basic" {
		t.Errorf("%+v", back.Steps)
	}
}

// A price that is for sale again in the place of its replacement is linked again;
// as long as both are, or neither is, the replacement stays linked.
func TestRestoreLinksWhatIsForSaleAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, replacement, linked bool }{{true, false, true}, {true, true, false}, {false, true, false}, {false, false, false}} {
		live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Active: true},
			[]catalog.Price{{ID: "price_1", Active: c.old}, {ID: "price_2", Active: c.replacement}})
		back := plan.Restore(plan.Restoration{
			Live: &live, Known: plan.Known{Links: linked(map[string]string{"price_a": "price_2"})},
			Touched: []plan.Touched{
				{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_2"},
				{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_1", Price: &catalog.Price{ID: "price_1", Active: true}, Fields: []string{"active"}},
			},
		})
		want := []plan.Link{{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_1"}}
		if linked := slices.Equal(back.Links, want); linked != c.linked {
			t.Errorf("%+v: links %+v", c, back.Links)
		}
	}
}
