package stripesim_test

import (
	"testing"
)

const tiers = "billing_scheme=tiered&recurring[interval]=month&tiers_mode=graduated" +
	"&tiers[0][up_to]=5&tiers[0][unit_amount]=0&tiers[1][up_to]=inf&tiers[1][flat_amount_decimal]=12.5&tiers[1][unit_amount_decimal]=0.000000000001"

func TestPriceShapes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	for _, c := range []struct {
		form string
		want []string
	}{
		{"unit_amount=1900", []string{
			"type", "one_time", "billing_scheme", "per_unit", "unit_amount", "1900", "unit_amount_decimal", "1900", "active", "true",
			"tax_behavior", "unspecified", "recurring", "<nil>", "custom_unit_amount", "<nil>", "nickname", "<nil>", "lookup_key", "<nil>",
		}},
		{"unit_amount=0", []string{"unit_amount", "0", "unit_amount_decimal", "0"}},
		{"unit_amount_decimal=0.123456789012", []string{"unit_amount", "<nil>", "unit_amount_decimal", "0.123456789012"}},
		{"unit_amount_decimal=123456789012.123456789012", []string{"unit_amount", "<nil>", "unit_amount_decimal", "123456789012.123456789012"}},
		{"unit_amount_decimal=1900", []string{"unit_amount", "1900", "unit_amount_decimal", "1900"}},
		{"unit_amount_decimal=19.00", []string{"unit_amount", "19", "unit_amount_decimal", "19.00"}},
		{"unit_amount=5&active=false&nickname=N&lookup_key=k&tax_behavior=inclusive", []string{
			"active", "false", "nickname", "N", "lookup_key", "k", "tax_behavior", "inclusive",
		}},
		{"unit_amount=5&recurring[interval]=week&recurring[interval_count]=2&recurring[trial_period_days]=14", []string{
			"type", "recurring", "recurring.interval", "week", "recurring.interval_count", "2", "recurring.usage_type", "licensed",
			"recurring.aggregate_usage", "<nil>", "recurring.trial_period_days", "14",
		}},
		{"unit_amount=5&recurring[interval]=day&recurring[usage_type]=metered", []string{
			"recurring.usage_type", "metered", "recurring.aggregate_usage", "sum", "recurring.trial_period_days", "<nil>",
		}},
		{"unit_amount=5&recurring[interval]=year&recurring[usage_type]=metered&recurring[aggregate_usage]=last_ever", []string{
			"recurring.aggregate_usage", "last_ever",
		}},
		{"custom_unit_amount[enabled]=true&custom_unit_amount[minimum]=500&custom_unit_amount[preset]=1000", []string{
			"unit_amount", "<nil>", "unit_amount_decimal", "<nil>",
			"custom_unit_amount", "map[maximum:<nil> minimum:500 preset:1000]",
		}},
		{"unit_amount=5&transform_quantity[divide_by]=10&transform_quantity[round]=up", []string{
			"transform_quantity", "map[divide_by:10 round:up]",
		}},
		{tiers + "&expand[]=tiers", []string{
			"billing_scheme", "tiered", "tiers_mode", "graduated", "unit_amount", "<nil>", "unit_amount_decimal", "<nil>",
			"tiers.0.up_to", "5", "tiers.0.unit_amount", "0", "tiers.0.unit_amount_decimal", "0", "tiers.0.flat_amount", "<nil>",
			"tiers.1.up_to", "<nil>", "tiers.1.flat_amount", "<nil>", "tiers.1.flat_amount_decimal", "12.5",
			"tiers.1.unit_amount", "<nil>", "tiers.1.unit_amount_decimal", "0.000000000001",
		}},
	} {
		a := b.ok("POST", "/v1/prices", "product=plan&currency=USD&"+c.form)
		a.wants(t, append(c.want, "currency", "usd", "product", "plan")...)
		if id := a.get("id"); len(id) != len("price_1")+23 {
			t.Errorf("id is %q", id)
		}
	}
}

func TestPriceIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	const base, monthly = "product=plan&currency=usd&", "product=plan&currency=usd&recurring[interval]=month&"
	const tiered = monthly + "billing_scheme=tiered&tiers_mode=volume&"
	for _, c := range []struct{ form, code, param, message string }{
		{"currency=usd&unit_amount=5", "", "product", "You must specify either `product` or `product_data` when creating a price."},
		{base + "unit_amount=5&product_data[name]=x", "", "product", "either `product` or `product_data`"},
		{"currency=usd&unit_amount=5&product=none", "resource_missing", "product", "No such product: 'none'"},
		{"product=plan&unit_amount=5", "parameter_missing", "currency", "Missing required param: currency."},
		{"product=plan&currency=doge&unit_amount=5", "", "currency", "Invalid currency: doge"},
		{base, "parameter_missing", "unit_amount", "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set."},
		{base + "unit_amount=5&unit_amount_decimal=5", "parameters_exclusive", "unit_amount_decimal", "only specify one"},
		{base + "unit_amount=5&custom_unit_amount[enabled]=true", "parameters_exclusive", "unit_amount", "only specify one"},
		{base + "unit_amount=-5", "parameter_invalid_integer", "unit_amount", "Invalid non-negative integer"},
		{base + "unit_amount_decimal=1e3", "", "unit_amount_decimal", "Invalid decimal"},
		{base + "unit_amount_decimal=0.1234567890123", "", "unit_amount_decimal", "12 decimal places"},
		{base + "custom_unit_amount[minimum]=5", "parameter_missing", "custom_unit_amount[enabled]", "Missing required param"},
		{base + "custom_unit_amount[enabled]=false", "", "custom_unit_amount[enabled]", "must be true"},
		{base + "custom_unit_amount[enabled]=true&custom_unit_amount[minimum]=9&custom_unit_amount[preset]=5", "", "custom_unit_amount", "must not exceed"},
		{monthly + "custom_unit_amount[enabled]=true", "", "custom_unit_amount", "type=recurring"},
		{base + "unit_amount=5&tiers_mode=volume", "", "tiers_mode", "`tiered`"},
		{base + "unit_amount=5&transform_quantity[divide_by]=1&transform_quantity[round]=up", "", "transform_quantity[divide_by]", "at least 2"},
		{base + "billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=inf&tiers[0][unit_amount]=1", "", "interval", "Prices with `type=one_time` are not supported with tiered billing."},
		{tiered, "parameter_missing", "tiers", "Missing required param: tiers."},
		{tiered + "unit_amount=5&tiers[0][up_to]=inf&tiers[0][unit_amount]=1", "", "unit_amount", "`billing_scheme` is `tiered`"},
		{tiered + "tiers[0][up_to]=inf", "", "tiers[0]", "missing an amount"},
		{tiered + "tiers[0][up_to]=5&tiers[0][unit_amount]=1", "", "tiers", "`inf`"},
		{tiered + "tiers[0][up_to]=5&tiers[0][unit_amount]=1&tiers[1][up_to]=5&tiers[1][unit_amount]=1&tiers[2][up_to]=inf&tiers[2][unit_amount]=1", "", "tiers", "increasing"},
		{tiered + "tiers[0][up_to]=inf&tiers[0][unit_amount]=1&tiers[1][up_to]=inf&tiers[1][unit_amount]=1", "", "tiers", "increasing"},
		{tiered + "tiers[0][unit_amount]=1", "parameter_missing", "tiers[0][up_to]", "Missing required param"},
		{tiered + "tiers[0][up_to]=inf&tiers[0][unit_amount]=1&transform_quantity[divide_by]=2&transform_quantity[round]=up", "", "transform_quantity", "cannot be combined"},
		{monthly + "unit_amount=5&recurring[interval_count]=37", "", "recurring[interval_count]", "three years"},
		{monthly + "unit_amount=5&recurring[aggregate_usage]=sum", "", "recurring[aggregate_usage]", "metered"},
		{monthly + "unit_amount=5&recurring[trial_period_days]=731", "parameter_invalid_integer", "recurring[trial_period_days]", "730"},
		{base + "unit_amount=5&currency_options[usd][unit_amount]=5", "", "currency_options[usd]", "matches the top-level currency"},
		{base + "unit_amount=5&currency_options[doge][unit_amount]=5", "", "currency_options[doge]", "Invalid currency"},
		{base + "unit_amount=5&currency_options[eur][tax_behavior]=inclusive", "", "currency_options[eur]", "exactly one"},
		{base + "unit_amount=5&currency_options[eur][custom_unit_amount][enabled]=true", "", "currency_options[eur]", "same billing scheme"},
	} {
		b.refused(400, "POST", "/v1/prices", c.form, "code", c.code, "param", c.param, "message", c.message)
	}
	if got := b.ok("GET", "/v1/prices", "").ids(); got != "" {
		t.Errorf("refused prices exist: %s", got)
	}
}

func TestProductDataMakesAProduct(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.ok("POST", "/v1/prices", "currency=usd&unit_amount=5&product_data[name]=Made&product_data[id]=made&expand[]=product")
	a.wants(t, "product.id", "made", "product.name", "Made")
	b.refused(400, "POST", "/v1/prices", "currency=usd&unit_amount=5&product_data[name]=x&product_data[id]=made", "code", "resource_already_exists")
}

func TestImmutableFieldsAreUnknownToUpdates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.price(b.product("plan"), "")
	for _, param := range []string{
		"unit_amount=5", "unit_amount_decimal=5", "currency=eur", "product=plan", "billing_scheme=per_unit", "tiers_mode=volume",
		"recurring[interval]=month", "transform_quantity[round]=up", "custom_unit_amount[enabled]=true",
	} {
		b.refused(400, "POST", "/v1/prices/"+id, param, "code", "parameter_unknown")
	}
	b.refused(404, "DELETE", "/v1/prices/"+id, "", "message", "Unrecognized request URL (DELETE: /v1/prices/"+id+").")
	b.refused(404, "POST", "/v1/prices/price_none", "active=false", "param", "price", "message", "No such price: 'price_none'")
}

func TestTaxBehaviorIsLockedOnceSet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/v1/prices/" + b.price(b.product("plan"), "")
	b.ok("POST", path, "tax_behavior=unspecified").wants(t, "tax_behavior", "unspecified")
	b.ok("POST", path, "tax_behavior=exclusive").wants(t, "tax_behavior", "exclusive")
	b.ok("POST", path, "tax_behavior=exclusive&nickname=N").wants(t, "nickname", "N")
	b.refused(400, "POST", path, "tax_behavior=inclusive", "param", "tax_behavior")
	b.refused(400, "POST", path, "tax_behavior=unspecified", "param", "tax_behavior")
}

func TestLookupKeys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	b.product("other")
	first := b.price("plan", "lookup_key=gold&active=false")
	b.refused(400, "POST", "/v1/prices", "product=other&currency=usd&unit_amount=5&lookup_key=gold", "code", "", "param", "lookup_key",
		"message", "A price (`"+first+"`) already uses that lookup key.")
	b.ok("POST", "/v1/prices/"+first, "lookup_key=gold").wants(t, "lookup_key", "gold") // its own

	second := b.price("other", "lookup_key=gold&transfer_lookup_key=true")
	b.ok("GET", "/v1/prices/"+first, "").wants(t, "lookup_key", "<nil>", "active", "false")
	b.ok("POST", "/v1/prices/"+first, "lookup_key=gold&transfer_lookup_key=true").wants(t, "lookup_key", "gold")
	b.ok("GET", "/v1/prices/"+second, "").wants(t, "lookup_key", "<nil>", "active", "true")
	if got := b.ok("GET", "/v1/prices?lookup_keys[]=gold&active=false", "").ids(); got != first {
		t.Errorf("the key finds %q, want %q", got, first)
	}
	b.ok("POST", "/v1/prices/"+first, "lookup_key=")
	b.price("plan", "lookup_key=gold") // free again
}

func TestCurrencyOptionsAreMergedByCurrency(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	id := b.price("plan", "tax_behavior=exclusive&currency_options[eur][unit_amount]=90&currency_options[gbp][unit_amount_decimal]=80.5")
	path, all := "/v1/prices/"+id, "?expand[]=currency_options"
	b.ok("GET", path+all, "").wants(t,
		"currency_options.usd", "map[custom_unit_amount:<nil> tax_behavior:exclusive unit_amount:100 unit_amount_decimal:100]",
		"currency_options.eur", "map[custom_unit_amount:<nil> tax_behavior:unspecified unit_amount:90 unit_amount_decimal:90]",
		"currency_options.gbp", "map[custom_unit_amount:<nil> tax_behavior:unspecified unit_amount:<nil> unit_amount_decimal:80.5]")

	b.ok("POST", path, "currency_options[eur][tax_behavior]=inclusive&currency_options[jpy][unit_amount]=150")
	b.ok("GET", path+all, "").wants(t, "currency_options.eur.unit_amount", "90", "currency_options.eur.tax_behavior", "inclusive",
		"currency_options.gbp.unit_amount_decimal", "80.5", "currency_options.jpy.unit_amount", "150")
	b.refused(400, "POST", path, "currency_options[eur][tax_behavior]=exclusive", "param", "currency_options[eur][tax_behavior]")
	b.refused(400, "POST", path, "currency_options[usd][unit_amount]=1", "param", "currency_options[usd]",
		"message", "You are specifying an update to a currency option that matches the top-level currency")

	b.ok("POST", path, "currency_options=&expand[]=currency_options").wants(t,
		"currency_options", "map[usd:map[custom_unit_amount:<nil> tax_behavior:exclusive unit_amount:100 unit_amount_decimal:100]]")
}

func TestCurrencyOptionsOfTieredAndOpenPrices(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	a := b.ok("POST", "/v1/prices", "product=plan&currency=usd&"+tiers+
		"&currency_options[eur][tiers][0][up_to]=inf&currency_options[eur][tiers][0][unit_amount]=0"+
		"&expand[]=currency_options.eur.tiers&expand[]=currency_options.usd")
	a.wants(t, "currency_options.eur.tiers.0.unit_amount", "0", "currency_options.usd.tiers", "<nil>")
	a = b.ok("POST", "/v1/prices", "product=plan&currency=usd&custom_unit_amount[enabled]=true"+
		"&currency_options[eur][custom_unit_amount][enabled]=true&currency_options[eur][custom_unit_amount][maximum]=7&expand[]=currency_options")
	a.wants(t, "currency_options.eur.custom_unit_amount.maximum", "7", "currency_options.usd.custom_unit_amount.maximum", "<nil>")
}
