package plan_test

import (
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

var productCases = []checkCase{
	{"product_exists", "gone from test", func(e *plan.Evidence) { e.Test.Value = nil }, plan.CheckFailed, "prod_pro|test"},
	{"product_exists", "holds what nobody knows", func(e *plan.Evidence) {
		e.Test.Value.Product.Unknown = []string{"attributes", "features.icon"}
	}, plan.CheckWarning, "product prod_pro|(attributes, features.icon)"},

	{"product_name", "empty", name(""), plan.CheckFailed, "field=name"},
	{"product_name", "blank", name(" \t"), plan.CheckFailed, "field=name"},
	{"product_name", "test", name("Test"), plan.CheckWarning, `"Test"|placeholder|field=name`},
	{"product_name", "numbered test", name("test product 2"), plan.CheckWarning, "placeholder"},
	{"product_name", "foo", name("foo"), plan.CheckWarning, "placeholder"},
	{"product_name", "keyboard", name("asdfgh"), plan.CheckWarning, "placeholder"},
	{"product_name", "the dashboard's suggestion", name("My Product"), plan.CheckWarning, "placeholder"},
	{"product_name", "marked as test", name("Pro (TEST)"), plan.CheckWarning, "placeholder"},
	{"product_name", "a real test", name("Pregnancy test"), plan.CheckPassed, "Pregnancy test"},
	{"product_name", "a word that begins so", name("Testament"), plan.CheckPassed, ""},
	{"product_name", "a band", name("Foo Fighters T-shirt"), plan.CheckPassed, ""},
	{"product_name", "another script", name("プロ"), plan.CheckPassed, "プロ"},

	{"product_description", "none", description(""), plan.CheckWarning, "field=description"},
	{"product_description", "filler", description("Lorem ipsum dolor"), plan.CheckWarning, "placeholder"},

	{"product_images", "none", images(), plan.CheckWarning, "field=images"},
	{"product_images", "uploaded to test", images("https://files.stripe.com/links/abc"), plan.CheckWarning, "https://files.stripe.com/links/abc|test"},
	{"product_images", "localhost", images("http://localhost:3000/a.png"), plan.CheckWarning, "http://localhost:3000/a.png| host "},
	{"product_images", "http", images("http://acme.com/a.png"), plan.CheckWarning, "use https|image=http://acme.com/a.png"},
	{"product_images", "no address", images("a.png"), plan.CheckWarning, "a.png|web address"},
	{"product_images", "the second one", images("https://acme.com/a.png", "http://acme.com/b.png"), plan.CheckWarning, "b.png"},

	{"default_price", "none of several", defaultPrice(""), plan.CheckWarning, "default|field=default_price|price="},
	{"default_price", "none of one", func(e *plan.Evidence) {
		e.Test.Value.Prices = e.Test.Value.Prices[:1]
		e.Test.Value.Product.DefaultPrice = ""
	}, plan.CheckPassed, ""},
	{"default_price", "unknown", defaultPrice("price_other"), plan.CheckFailed, "price_other|belong"},
	{"default_price", "of another product", func(e *plan.Evidence) { e.Test.Value.Prices[0].Product = "prod_other" }, plan.CheckFailed, "price_month|belong"},
	{"default_price", "archived", func(e *plan.Evidence) { e.Test.Value.Prices[0].Active = false }, plan.CheckFailed, "price_month (pro_monthly)|archived"},
}

func name(s string) func(*plan.Evidence) {
	return func(e *plan.Evidence) { e.Test.Value.Product.Name = s }
}

func description(s string) func(*plan.Evidence) {
	return func(e *plan.Evidence) { e.Test.Value.Product.Description = s }
}

func images(urls ...string) func(*plan.Evidence) {
	return func(e *plan.Evidence) { e.Test.Value.Product.Images = urls }
}

func defaultPrice(id string) func(*plan.Evidence) {
	return func(e *plan.Evidence) { e.Test.Value.Product.DefaultPrice = id }
}

var priceCases = []checkCase{
	{"product_price", "none", func(e *plan.Evidence) { e.Test.Value.Prices = nil }, plan.CheckFailed, "active|product=prod_pro"},
	{"product_price", "none active", func(e *plan.Evidence) {
		e.Test.Value.Prices[0].Active, e.Test.Value.Prices[1].Active = false, false
	}, plan.CheckFailed, "active|product=prod_pro"},
	{"product_price", "none active, nor the product", func(e *plan.Evidence) {
		e.Test.Value.Prices, e.Test.Value.Product.Active = nil, false
	}, plan.CheckPassed, "archived"},
	{"product_price", "no amount", price(func(p *catalog.Price) { p.UnitAmountDecimal = "" }), plan.CheckFailed, "price_month|amount"},
	{"product_price", "an archived price is nobody's business", func(e *plan.Evidence) {
		e.Test.Value.Prices[1].Active = false
		e.Test.Value.Prices[1].UnitAmountDecimal = "-1"
	}, plan.CheckPassed, "1 active"},
	{"product_price", "a nickname names it", price(func(p *catalog.Price) { p.Nickname, p.UnitAmountDecimal = "Pro monthly", "" }), plan.CheckFailed, "price_month (Pro monthly)"},
	{
		"product_price", "billed by a meter", meter("mtr_1"), plan.CheckFailed,
		"price_month (pro_monthly)|metered|field=recurring.meter",
	},
	{"product_price", "an archived price with a meter is not taken live", func(e *plan.Evidence) {
		e.Test.Value.Prices[1].Active = false
		e.Test.Value.Prices[1].Recurring.Meter = "mtr_1"
	}, plan.CheckPassed, "1 active"},
	{
		"product_price", "holds what nobody knows", price(func(p *catalog.Price) { p.Unknown = []string{"recurring.anchor"} }), plan.CheckWarning,
		"price_month (pro_monthly)|(recurring.anchor)",
	},
	{"product_price", "tiers", tiers(tier("0", "500", 10), tier("", "0.5", 0)), plan.CheckPassed, ""},
	{"product_price", "tiers with zero amounts", tiers(tier("0", "0", 10), tier("0", "0", 0)), plan.CheckPassed, ""},
	{"product_price", "no tiers", tiers(), plan.CheckFailed, "price_month|tiered"},
	{"product_price", "tier without amount", tiers(tier("", "", 10), tier("", "1", 0)), plan.CheckFailed, "price_month|tier|amount"},
	{"product_price", "last tier ends", tiers(tier("", "2", 10), tier("", "1", 20)), plan.CheckFailed, "price_month|last|open-ended"},
	{"product_price", "first tier endless", tiers(tier("", "2", 0), tier("", "1", 0)), plan.CheckFailed, "price_month|last|open-ended"},
	{"product_price", "tiers descend", tiers(tier("", "2", 10), tier("", "2", 5), tier("", "1", 0)), plan.CheckFailed, "price_month|ascending"},
	{"product_price", "customer chooses", custom(500, 10000, 1000), plan.CheckPassed, ""},
	{"product_price", "customer chooses freely", price(func(p *catalog.Price) {
		p.UnitAmountDecimal, p.Recurring, p.CustomUnitAmount = "", nil, &catalog.CustomUnitAmount{}
	}), plan.CheckPassed, ""},
	{"product_price", "customer may choose nothing", custom(500, 100, 300), plan.CheckFailed, "price_month|minimum|above"},
	{"product_price", "preset out of bounds", custom(500, 1000, 100), plan.CheckFailed, "price_month|minimum|outside"},

	{"price_tax_behavior", "unspecified", price(func(p *catalog.Price) { p.TaxBehavior = "unspecified" }), plan.CheckWarning, "price_month (pro_monthly)|tax"},
	{"price_tax_behavior", "null", price(func(p *catalog.Price) { p.TaxBehavior = "" }), plan.CheckWarning, "price_month (pro_monthly)|tax"},
	{"price_tax_behavior", "unspecified in one currency", price(func(p *catalog.Price) {
		p.CurrencyOptions = map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "1800", TaxBehavior: "unspecified"}}
	}), plan.CheckWarning, "price_month|EUR|tax"},
	{"price_tax_behavior", "said in every currency", also("eur", "1800"), plan.CheckPassed, ""},
	{"price_tax_behavior", "archived", func(e *plan.Evidence) {
		e.Test.Value.Prices[1].Active = false
		e.Test.Value.Prices[1].TaxBehavior = ""
	}, plan.CheckPassed, ""},
}

func price(change func(*catalog.Price)) func(*plan.Evidence) {
	return func(e *plan.Evidence) { change(&e.Test.Value.Prices[0]) }
}

func meter(id string) func(*plan.Evidence) {
	return price(func(p *catalog.Price) { p.Recurring.UsageType, p.Recurring.Meter = "metered", id })
}

func tiers(list ...catalog.Tier) func(*plan.Evidence) {
	return price(func(p *catalog.Price) {
		p.BillingScheme, p.TiersMode, p.Tiers, p.UnitAmountDecimal = "tiered", "graduated", list, ""
	})
}

func tier(flat, unit catalog.Decimal, upTo int64) catalog.Tier {
	t := catalog.Tier{FlatAmountDecimal: flat, UnitAmountDecimal: unit}
	if upTo > 0 {
		t.UpTo = &upTo
	}
	return t
}

func custom(minimum, maximum, preset int64) func(*plan.Evidence) {
	return price(func(p *catalog.Price) {
		p.UnitAmountDecimal, p.Recurring = "", nil
		p.CustomUnitAmount = &catalog.CustomUnitAmount{Minimum: &minimum, Maximum: &maximum, Preset: &preset}
	})
}
