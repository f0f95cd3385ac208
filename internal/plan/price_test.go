package plan_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Not a digit of an amount is lost or made up, in whatever unit a currency counts.
func TestPriceMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount   catalog.Decimal
		currency string
		want     string
	}{
		{"1900", "usd", "$19.00"},
		{"1900", "eur", "€19.00"},
		{"1900", "gbp", "£19.00"},
		{"1900", "chf", "19.00 CHF"},
		{"0", "usd", "$0.00"},
		{"5", "usd", "$0.05"},
		{"50", "usd", "$0.50"},
		{"100", "usd", "$1.00"},
		{"99999999", "usd", "$999999.99"},
		{"0.5", "usd", "$0.005"},
		{"0.000000000001", "usd", "$0.00000000000001"},
		{"12.345", "usd", "$0.12345"},
		{"1999.5", "eur", "€19.995"},
		{"123456.789", "chf", "1234.56789 CHF"},
		{"0", "jpy", "¥0"},
		{"500", "jpy", "¥500"},
		{"0.25", "jpy", "¥0.25"},
		{"1900", "krw", "1900 KRW"},
		{"0", "kwd", "0.000 KWD"},
		{"5", "kwd", "0.005 KWD"},
		{"5120", "kwd", "5.120 KWD"},
		{"5120.5", "bhd", "5.1205 BHD"},
	} {
		if got := plan.Money(c.amount, c.currency); got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.amount, c.currency, got, c.want)
		}
	}
}

func TestPriceAmount(t *testing.T) {
	t.Parallel()
	tiers := []catalog.Tier{{UnitAmountDecimal: "5"}, {UnitAmountDecimal: "4"}}
	for want, p := range map[string]catalog.Price{
		"$19.00":                   sellable("price_a", "", "1900"),
		"2 volume tiers in EUR":    {Currency: "eur", BillingScheme: "tiered", TiersMode: "volume", Tiers: tiers},
		"1 graduated tiers in USD": {Currency: "usd", BillingScheme: "tiered", TiersMode: "graduated", Tiers: tiers[:1]},
		"customer chooses, in JPY": {Currency: "jpy", CustomUnitAmount: &catalog.CustomUnitAmount{}},
		"0.012 CHF":                {Currency: "chf", UnitAmountDecimal: "1.2"},
	} {
		if got := plan.Amount(&p); got != want {
			t.Errorf("%+v costs %q, want %q", p, got, want)
		}
	}
}

// A step's effect is recognised by the values it wanted, also after they were
// stored as JSON, and by nothing beside them.
func TestPriceHasWhatAStepWanted(t *testing.T) {
	t.Parallel()
	ten := int64(10)
	price := sellable("price_la", "pro", "1900")
	price.CurrencyOptions = map[string]catalog.CurrencyOption{"eur": {Tiers: []catalog.Tier{{UpTo: &ten, UnitAmountDecimal: "0"}, {FlatAmountDecimal: "5"}}}}
	price.Metadata = map[string]string{"a": "1", catalog.StampKey: "7b1d/price_a/d1/0"}
	for name, c := range map[string]struct {
		want map[string]any
		has  bool
	}{
		"nothing":                {nil, true},
		"its lookup key":         {map[string]any{"lookup_key": "pro"}, true},
		"another lookup key":     {map[string]any{"lookup_key": "other"}, false},
		"no lookup key":          {map[string]any{"lookup_key": nil}, false},
		"that it is for sale":    {map[string]any{"active": true}, true},
		"that it is archived":    {map[string]any{"active": false}, false},
		"no nickname":            {map[string]any{"nickname": nil}, true},
		"one of two only":        {map[string]any{"active": true, "nickname": "Best"}, false},
		"metadata but the stamp": {map[string]any{"metadata": map[string]any{"a": "1"}}, true},
		"other metadata":         {map[string]any{"metadata": map[string]any{"a": "2"}}, false},
		"no options":             {map[string]any{"currency_options": nil}, false},
		"its options": {map[string]any{"currency_options": map[string]any{"eur": map[string]any{"tiers": []any{
			map[string]any{"unit_amount_decimal": "0", "up_to": 10.0}, map[string]any{"flat_amount_decimal": "5", "up_to": "inf"},
		}}}}, true},
		"a field that is none": {map[string]any{"colour": "red"}, false},
	} {
		if got := plan.PriceHas(&price, c.want); got != c.has {
			t.Errorf("the price has %s: %v, want %v", name, got, c.has)
		}
	}
}

func TestDiffProductHasWhatAStepWanted(t *testing.T) {
	t.Parallel()
	no := false
	product := catalog.Product{
		ID: "prod_pro", Name: "Pro", Active: true, Shippable: &no, Images: []string{"https://acme.com/a.png"},
		PackageDimensions: &catalog.PackageDimensions{Height: "1", Length: "2.5", Weight: "0.01", Width: "10"},
	}
	for name, c := range map[string]struct {
		want map[string]any
		has  bool
	}{
		"its name":             {map[string]any{"name": "Pro"}, true},
		"another name":         {map[string]any{"name": "Pro II"}, false},
		"that it is no parcel": {map[string]any{"shippable": false}, true},
		"nothing said of that": {map[string]any{"shippable": nil}, false},
		"its images":           {map[string]any{"images": []any{"https://acme.com/a.png"}}, true},
		"one image more":       {map[string]any{"images": []any{"https://acme.com/a.png", "https://acme.com/b.png"}}, false},
		"its size":             {map[string]any{"package_dimensions": map[string]any{"height": "1", "length": "2.5", "weight": "0.01", "width": "10"}}, true},
		"a default price":      {map[string]any{"default_price": "price_la"}, false},
		"no default price":     {map[string]any{"default_price": nil}, true},
	} {
		if got := plan.ProductHas(&product, c.want); got != c.has {
			t.Errorf("the product has %s: %v, want %v", name, got, c.has)
		}
	}
}

// What Stripe lets nobody change makes a new price of it, each such field alone;
// all else is one update. An archived price in test is never replaced.
func TestPriceIsReplacedOrUpdated(t *testing.T) {
	t.Parallel()
	options := map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "5"}}
	taxed := func(tax string) func(*catalog.Price) {
		return func(p *catalog.Price) {
			p.CurrencyOptions = map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "5", TaxBehavior: tax}}
		}
	}
	for name, c := range map[string]struct {
		test, live func(*catalog.Price)
		want       plan.Action
	}{
		"currency":           {test: func(p *catalog.Price) { p.Currency = "eur" }, want: plan.Create},
		"scheme":             {test: func(p *catalog.Price) { p.BillingScheme = "tiered" }, want: plan.Create},
		"amount":             {test: func(p *catalog.Price) { p.UnitAmountDecimal = "1900.01" }, want: plan.Create},
		"tiers":              {test: func(p *catalog.Price) { p.Tiers = []catalog.Tier{{UnitAmountDecimal: "1"}} }, want: plan.Create},
		"tiers' mode":        {test: func(p *catalog.Price) { p.TiersMode = "volume" }, want: plan.Create},
		"packages":           {test: func(p *catalog.Price) { p.TransformQuantity = &catalog.TransformQuantity{DivideBy: 2} }, want: plan.Create},
		"one-time":           {test: func(p *catalog.Price) { p.Recurring = nil }, want: plan.Create},
		"customer chooses":   {test: func(p *catalog.Price) { p.CustomUnitAmount = &catalog.CustomUnitAmount{} }, want: plan.Create},
		"tax, the other way": {test: func(p *catalog.Price) { p.TaxBehavior = "inclusive" }, want: plan.Create},
		"tax, undecided": {
			test: func(p *catalog.Price) { p.TaxBehavior = "unspecified" }, want: plan.Create,
		},
		"tax, decided":                    {live: func(p *catalog.Price) { p.TaxBehavior = "unspecified" }, want: plan.Update},
		"tax, unsaid":                     {live: func(p *catalog.Price) { p.TaxBehavior = "" }, want: plan.Update},
		"tax of an option, the other way": {test: taxed("inclusive"), live: taxed("exclusive"), want: plan.Create},
		"tax of an option, undecided":     {test: taxed("unspecified"), live: taxed("exclusive"), want: plan.Create},
		"tax of an option, unsaid":        {test: taxed(""), live: taxed("exclusive"), want: plan.Create},
		"tax of an option, decided":       {test: taxed("exclusive"), live: taxed("unspecified"), want: plan.Update},
		"a taxed option that goes":        {live: taxed("exclusive"), want: plan.Update},
		"nickname":                        {test: func(p *catalog.Price) { p.Nickname = "Best" }, want: plan.Update},
		"lookup key":                      {test: func(p *catalog.Price) { p.LookupKey = "pro" }, want: plan.Update},
		"options":                         {test: func(p *catalog.Price) { p.CurrencyOptions = options }, want: plan.Update},
		"metadata":                        {test: func(p *catalog.Price) { p.Metadata = map[string]string{"a": "1"} }, want: plan.Update},
		"nickname of an archived one": {
			test: func(p *catalog.Price) { p.Active, p.Nickname = false, "Best" }, live: func(p *catalog.Price) { p.Active = false }, want: plan.Update,
		},
		"for sale": {live: func(p *catalog.Price) { p.Active = false }, want: plan.Reactivate},
		"archived": {test: func(p *catalog.Price) { p.Active = false }, want: plan.Archive},
		"archived, and of another amount": {
			test: func(p *catalog.Price) { p.Active, p.UnitAmountDecimal = false, "5" }, want: plan.Archive,
		},
		"archived, and with another tax of an option": {
			test: func(p *catalog.Price) { p.Active = false; taxed("unspecified")(p) }, live: taxed("exclusive"), want: plan.Archive,
		},
		"archived in live, and of another amount": {
			test: func(p *catalog.Price) { p.UnitAmountDecimal = "5" }, live: func(p *catalog.Price) { p.Active = false }, want: plan.Create,
		},
	} {
		p := plan.Diff(pairOf(onPrice(c.test), onPrice(c.live)))
		if len(p.Changes) != 1 || p.Changes[0].Action != c.want {
			t.Errorf("%s: changes %+v, want one to %s", name, p.Changes, c.want)
		}
		checkOrder(t, p)
		checkSteps(t, p)
	}
}

// The price that another one replaces is archived and not touched otherwise: the new
// one has what is new, and the old one stays as its buyers know it.
func TestPriceReplacedIsOnlyArchived(t *testing.T) {
	t.Parallel()
	p := plan.Diff(pairOf(onPrice(func(p *catalog.Price) {
		p.UnitAmountDecimal, p.Nickname, p.Metadata = "2400", "Best", map[string]string{"a": "1"}
		p.CurrencyOptions = map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "2000"}}
	}), nil))
	if len(p.Changes) != 1 || len(p.Steps) != 2 || p.Steps[1].LiveID != "price_la" || p.Steps[1].Body != "active=false" {
		t.Errorf("got\n%s", render(t, p))
	}
}

func onPrice(change func(*catalog.Price)) func(*catalog.Product, *catalog.Price) {
	return func(_ *catalog.Product, p *catalog.Price) {
		if change != nil {
			change(p)
		}
	}
}
