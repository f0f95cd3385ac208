package plan_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Every field of the catalogue's types is compared: one that a table forgot
// would be lost in silence.
func TestDriftComparesEveryField(t *testing.T) {
	t.Parallel()
	for name, drift := range map[string]func() []string{
		"product": func() []string { return plan.ProductDrift(filled[catalog.Product](), &catalog.Product{}) },
		"price":   func() []string { return plan.PriceDrift(filled[catalog.Price](), &catalog.Price{}) },
	} {
		compared := strings.Join(drift(), " ")
		for _, field := range jsonFields(map[string]reflect.Type{
			"product": reflect.TypeFor[catalog.Product](), "price": reflect.TypeFor[catalog.Price](),
		}[name]) {
			if field != "id" && field != "product" && field != "-" && !strings.Contains(compared, field) {
				t.Errorf("%s.%s is not compared", name, field)
			}
		}
	}
}

// Each change of a product is told under the one name that Stripe has for it.
func TestDriftNamesTheFieldOfAProduct(t *testing.T) {
	t.Parallel()
	yes := true
	for name, c := range map[string]struct {
		change func(*catalog.Product)
		want   []string
	}{
		"nothing":                 {func(*catalog.Product) {}, nil},
		"id":                      {func(p *catalog.Product) { p.ID = "prod_live" }, nil},
		"stamp":                   {func(p *catalog.Product) { p.Metadata = map[string]string{"a": "1", catalog.StampKey: "x"} }, nil},
		"what nobody knows":       {func(p *catalog.Product) { p.Unknown = []string{"x"} }, nil},
		"empty images":            {func(p *catalog.Product) { p.Images = []string{} }, nil},
		"empty features":          {func(p *catalog.Product) { p.Features = []catalog.Feature{} }, nil},
		"a parcel without size":   {func(p *catalog.Product) { p.PackageDimensions = &catalog.PackageDimensions{} }, nil},
		"name":                    {func(p *catalog.Product) { p.Name = "Pro II" }, []string{"name"}},
		"name in other case":      {func(p *catalog.Product) { p.Name = "pro" }, []string{"name"}},
		"archived":                {func(p *catalog.Product) { p.Active = false }, []string{"active"}},
		"description":             {func(p *catalog.Product) { p.Description = " " }, []string{"description"}},
		"url":                     {func(p *catalog.Product) { p.URL = "https://acme.com" }, []string{"url"}},
		"unit label":              {func(p *catalog.Product) { p.UnitLabel = "seat" }, []string{"unit_label"}},
		"statement descriptor":    {func(p *catalog.Product) { p.StatementDescriptor = "ACME" }, []string{"statement_descriptor"}},
		"tax code":                {func(p *catalog.Product) { p.TaxCode = "txcd_10000000" }, []string{"tax_code"}},
		"shippable":               {func(p *catalog.Product) { p.Shippable = &yes }, []string{"shippable"}},
		"shippable, denied":       {func(p *catalog.Product) { p.Shippable = new(bool) }, []string{"shippable"}},
		"images":                  {func(p *catalog.Product) { p.Images = []string{"https://acme.com/a.png"} }, []string{"images"}},
		"features":                {func(p *catalog.Product) { p.Features = []catalog.Feature{{Name: "One"}} }, []string{"features"}},
		"size":                    {func(p *catalog.Product) { p.PackageDimensions = &catalog.PackageDimensions{Width: "1"} }, []string{"package_dimensions"}},
		"metadata added":          {func(p *catalog.Product) { p.Metadata = map[string]string{"a": "1", "b": "2"} }, []string{"metadata"}},
		"metadata changed":        {func(p *catalog.Product) { p.Metadata = map[string]string{"a": "2"} }, []string{"metadata"}},
		"metadata gone":           {func(p *catalog.Product) { p.Metadata = nil }, []string{"metadata"}},
		"default price":           {func(p *catalog.Product) { p.DefaultPrice = "price_a" }, []string{"default_price"}},
		"several, in fixed order": {func(p *catalog.Product) { p.Metadata, p.Active, p.Name = nil, false, "" }, []string{"name", "active", "metadata"}},
	} {
		before := catalog.Product{ID: "prod_pro", Name: "Pro", Active: true, Metadata: map[string]string{"a": "1"}}
		after := before
		c.change(&after)
		if got := plan.ProductDrift(&before, &after); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if got := plan.ProductDrift(&after, &before); !slices.Equal(got, c.want) {
			t.Errorf("%s, the other way: %v, want %v", name, got, c.want)
		}
	}
}

// The order of lists is content: it is what customers see.
func TestDriftSeesTheOrderOfLists(t *testing.T) {
	t.Parallel()
	a := catalog.Product{Images: []string{"a", "b"}, Features: []catalog.Feature{{Name: "a"}, {Name: "b"}}}
	b := catalog.Product{Images: []string{"b", "a"}, Features: []catalog.Feature{{Name: "b"}, {Name: "a"}}}
	if got := plan.ProductDrift(&a, &b); !slices.Equal(got, []string{"images", "features"}) {
		t.Errorf("drift is %v", got)
	}
}

// Each change of a price is told under the one name that Stripe has for it; zero
// is an amount and null is none.
func TestDriftNamesTheFieldOfAPrice(t *testing.T) {
	t.Parallel()
	seven := int64(7)
	tiered := func(tiers ...catalog.Tier) func(*catalog.Price) {
		return func(p *catalog.Price) { p.Tiers = tiers }
	}
	optioned := func(o catalog.CurrencyOption) func(*catalog.Price) {
		return func(p *catalog.Price) { p.CurrencyOptions = map[string]catalog.CurrencyOption{"eur": o} }
	}
	recurring := func(r catalog.Recurring) func(*catalog.Price) {
		return func(p *catalog.Price) { p.Recurring = &r }
	}
	for name, c := range map[string]struct {
		change func(*catalog.Price)
		want   string
	}{
		"nothing":                  {func(*catalog.Price) {}, ""},
		"id and product":           {func(p *catalog.Price) { p.ID, p.Product = "price_x", "prod_x" }, ""},
		"stamp":                    {func(p *catalog.Price) { p.Metadata = map[string]string{catalog.StampKey: "x"} }, ""},
		"empty options":            {func(p *catalog.Price) { p.CurrencyOptions = map[string]catalog.CurrencyOption{} }, ""},
		"an option with nothing":   {optioned(catalog.CurrencyOption{}), ""},
		"empty tiers":              {tiered(), ""},
		"currency":                 {func(p *catalog.Price) { p.Currency = "eur" }, "currency"},
		"scheme":                   {func(p *catalog.Price) { p.BillingScheme = "tiered" }, "billing_scheme"},
		"amount":                   {func(p *catalog.Price) { p.UnitAmountDecimal = "1900.5" }, "unit_amount_decimal"},
		"amount of nothing":        {func(p *catalog.Price) { p.UnitAmountDecimal = "0" }, "unit_amount_decimal"},
		"no amount":                {func(p *catalog.Price) { p.UnitAmountDecimal = "" }, "unit_amount_decimal"},
		"tiers":                    {tiered(catalog.Tier{UnitAmountDecimal: "1"}), "tiers"},
		"a tier of nothing":        {tiered(catalog.Tier{FlatAmountDecimal: "0"}), "tiers"},
		"tiers' mode":              {func(p *catalog.Price) { p.TiersMode = "volume" }, "tiers_mode"},
		"packages":                 {func(p *catalog.Price) { p.TransformQuantity = &catalog.TransformQuantity{DivideBy: 7} }, "transform_quantity"},
		"one-time":                 {func(p *catalog.Price) { p.Recurring = nil }, "recurring"},
		"interval":                 {recurring(catalog.Recurring{Interval: "year", IntervalCount: 1, UsageType: "licensed"}), "recurring"},
		"interval count":           {recurring(catalog.Recurring{Interval: "month", IntervalCount: 2, UsageType: "licensed"}), "recurring"},
		"usage":                    {recurring(catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "metered"}), "recurring"},
		"aggregation":              {recurring(catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "licensed", AggregateUsage: "max"}), "recurring"},
		"trial":                    {recurring(catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "licensed", TrialPeriodDays: &seven}), "recurring"},
		"trial of no days":         {recurring(catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "licensed", TrialPeriodDays: new(int64)}), "recurring"},
		"customer chooses":         {func(p *catalog.Price) { p.CustomUnitAmount = &catalog.CustomUnitAmount{} }, "custom_unit_amount"},
		"customer chooses from 7":  {func(p *catalog.Price) { p.CustomUnitAmount = &catalog.CustomUnitAmount{Minimum: &seven} }, "custom_unit_amount"},
		"tax":                      {func(p *catalog.Price) { p.TaxBehavior = "inclusive" }, "tax_behavior"},
		"archived":                 {func(p *catalog.Price) { p.Active = false }, "active"},
		"nickname":                 {func(p *catalog.Price) { p.Nickname = "Best" }, "nickname"},
		"lookup key":               {func(p *catalog.Price) { p.LookupKey = "pro" }, "lookup_key"},
		"option's amount":          {optioned(catalog.CurrencyOption{UnitAmountDecimal: "0"}), "currency_options"},
		"option's tax":             {optioned(catalog.CurrencyOption{TaxBehavior: "inclusive"}), "currency_options"},
		"option's tiers":           {optioned(catalog.CurrencyOption{Tiers: []catalog.Tier{{UnitAmountDecimal: "1"}}}), "currency_options"},
		"option's choice":          {optioned(catalog.CurrencyOption{CustomUnitAmount: &catalog.CustomUnitAmount{}}), "currency_options"},
		"metadata":                 {func(p *catalog.Price) { p.Metadata = map[string]string{"a": "1"} }, "metadata"},
		"metadata without a value": {func(p *catalog.Price) { p.Metadata = map[string]string{"a": ""} }, "metadata"},
	} {
		before, after := sellable("price_a", "", "1900"), sellable("price_a", "", "1900")
		c.change(&after)
		if got := strings.Join(plan.PriceDrift(&before, &after), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if got := strings.Join(plan.PriceDrift(&after, &before), " "); got != c.want {
			t.Errorf("%s, the other way: %q, want %q", name, got, c.want)
		}
	}
}

// Within one field, nothing that Stripe tells apart is the same.
func TestDriftTellsApart(t *testing.T) {
	t.Parallel()
	five, seven := int64(5), int64(7)
	custom := func(c catalog.CustomUnitAmount) catalog.Price { return catalog.Price{CustomUnitAmount: &c} }
	tier := func(tier catalog.Tier) catalog.Price { return catalog.Price{Tiers: []catalog.Tier{tier}} }
	pack := func(q catalog.TransformQuantity) catalog.Price { return catalog.Price{TransformQuantity: &q} }
	for name, c := range map[string][2]catalog.Price{
		"a minimum and a maximum":   {custom(catalog.CustomUnitAmount{Minimum: &five}), custom(catalog.CustomUnitAmount{Maximum: &five})},
		"presets":                   {custom(catalog.CustomUnitAmount{Preset: &five}), custom(catalog.CustomUnitAmount{Preset: &seven})},
		"no preset and one of zero": {custom(catalog.CustomUnitAmount{}), custom(catalog.CustomUnitAmount{Preset: new(int64)})},
		"flat and by unit":          {tier(catalog.Tier{FlatAmountDecimal: "5"}), tier(catalog.Tier{UnitAmountDecimal: "5"})},
		"nothing and no amount":     {tier(catalog.Tier{FlatAmountDecimal: "0"}), tier(catalog.Tier{})},
		"ends of tiers":             {tier(catalog.Tier{UpTo: &five}), tier(catalog.Tier{UpTo: &seven})},
		"an end and none":           {tier(catalog.Tier{UpTo: &five}), tier(catalog.Tier{})},
		"sizes of packages":         {pack(catalog.TransformQuantity{DivideBy: 5}), pack(catalog.TransformQuantity{DivideBy: 7})},
		"rounding":                  {pack(catalog.TransformQuantity{Round: "up"}), pack(catalog.TransformQuantity{Round: "down"})},
	} {
		if len(plan.PriceDrift(&c[0], &c[1])) != 1 {
			t.Errorf("%s are the same", name)
		}
	}
}

// Prices that are gone are told apart by their ids, whatever those hold; the digests
// that are stored of ids as Stripe makes them stay.
func TestDriftDigestTellsGonePricesApart(t *testing.T) {
	t.Parallel()
	digest := func(gone ...string) string {
		product := catalog.Product{ID: "prod_pro", Name: "Pro"}
		e := plan.Evidence{
			StripeProductID: "prod_pro", Live: plan.Read[*catalog.Snapshot]{Value: &catalog.Snapshot{Product: product}},
			Known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_pro"}), Product: &product, Prices: map[string]catalog.Price{}},
		}
		for _, id := range gone {
			e.Known.Prices[id] = catalog.Price{ID: "live"}
		}
		return plan.DriftDigest(&e)
	}
	seen := map[string][]string{}
	for _, gone := range [][]string{{"a b"}, {"a", "b"}, {"a+b"}, {"a%20b"}, {"gone"}} {
		d := digest(gone...)
		if seen[d] != nil {
			t.Errorf("%q and %q have the digest %q", seen[d], gone, d)
		}
		seen[d] = gone
	}
	if got := digest("price_1", "price_2"); !strings.HasSuffix(got, " price_1 price_2") {
		t.Errorf("digest %q", got)
	}
}

// A plan marks the fields that were changed in live since the last deployment, and
// only those: not what was changed in test, nor anything where nothing is known.
func TestDriftIsMarkedInThePlan(t *testing.T) {
	t.Parallel()
	inTest := func(p *catalog.Product, price *catalog.Price) {
		p.Name, p.Description = "Pro II", "All of it."
		price.Nickname, price.LookupKey = "Best", "pro"
	}
	inLive := func(p *catalog.Product, price *catalog.Price) {
		p.Description, price.Nickname = "changed in live", "changed in live"
	}
	for name, c := range map[string]struct {
		known bool
		want  string
	}{
		"known":     {true, "[nickname=true lookup_key=false] [name=false description=true]"},
		"not known": {false, "[nickname=false lookup_key=false] [name=false description=false]"},
	} {
		in := pairOf(inTest, inLive)
		if c.known {
			before := pairOf(nil, nil).Live
			in.Known.Product, in.Known.Prices = &before.Product, map[string]catalog.Price{"price_a": before.Prices[0]}
		}
		var changes []string
		for _, change := range plan.Diff(in).Changes {
			var fields []string
			for _, f := range change.Fields {
				fields = append(fields, fmt.Sprintf("%s=%v", f.Field, f.Drifted))
			}
			changes = append(changes, fmt.Sprint(fields))
		}
		if got := strings.Join(changes, " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
