package plan_test

import (
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

var amountCases = []checkCase{
	{"product_price", "unknown currency", costs("1900", "xyz"), plan.CheckFailed, `"xyz"|price_month`},
	{"product_price", "no currency", costs("1900", ""), plan.CheckFailed, "support"},
	{"product_price", "negative", costs("-100", "usd"), plan.CheckFailed, "negative"},
	{"product_price", "no number", costs("1.2.3", "usd"), plan.CheckFailed, "number"},
	{"product_price", "12 decimals", costs("19.123456789012", "usd"), plan.CheckWarning, "minimum"},
	{"product_price", "12 decimals of a use", metered("0.123456789012", "usd"), plan.CheckPassed, ""},
	{"product_price", "13 decimals", costs("19.1234567890123", "usd"), plan.CheckFailed, "12 decimal"},
	{"product_price", "highest", costs("99999998", "usd"), plan.CheckPassed, ""},
	{"product_price", "too high", costs("100000000", "usd"), plan.CheckFailed, "$1000000.00|more than"},
	{"product_price", "rupiah go higher", costs("999999999900", "idr"), plan.CheckPassed, ""},
	{"product_price", "rupees go higher", costs("250000000", "inr"), plan.CheckPassed, ""},
	{"product_price", "yen go higher", costs("250000000", "jpy"), plan.CheckPassed, ""},
	{"product_price", "pounds of Lebanon go higher", costs("9900000000000", "lbp"), plan.CheckPassed, ""},
	{"product_price", "too high in a tier", tiers(tier("", "100000000", 0)), plan.CheckFailed, "more than"},
	{"product_price", "negative in another currency", also("eur", "-5"), plan.CheckFailed, "negative"},
	{"product_price", "unknown other currency", also("bitcoin", "5"), plan.CheckFailed, "support"},
	{"product_price", "too much to choose", custom(500, 100000000, 500), plan.CheckFailed, "more than"},

	{"product_price", "yen", costs("1900", "jpy"), plan.CheckPassed, ""},
	{"product_price", "broken yen", costs("1900.5", "jpy"), plan.CheckWarning, "¥1900.5|unit"},
	{"product_price", "broken yen of a use", metered("0.5", "jpy"), plan.CheckPassed, ""},
	{"product_price", "dinar in tens", costs("5120", "kwd"), plan.CheckPassed, ""},
	{"product_price", "dinar in ones", costs("5124", "kwd"), plan.CheckFailed, "5.124 KWD|in KWD"},
	{"product_price", "broken dinar", costs("5124.5", "kwd"), plan.CheckFailed, "5.1245 KWD|in KWD"},
	{"product_price", "broken dinar by a hair", costs("5120.000000000001", "kwd"), plan.CheckFailed, "in KWD"},
	{"product_price", "broken dinar of a use", metered("5124.5", "kwd"), plan.CheckPassed, ""},
	{"product_price", "dinar in ones in another currency", also("bhd", "5124"), plan.CheckFailed, "5.124 BHD"},
	{"product_price", "dinar in ones of a use", metered("4", "kwd"), plan.CheckPassed, ""},
	{"product_price", "whole krónur", costs("50000", "isk"), plan.CheckPassed, ""},
	{"product_price", "broken krónur", costs("50050", "isk"), plan.CheckFailed, "in ISK"},
	{"product_price", "a hundredth of an eyrir", costs("50000.01", "isk"), plan.CheckFailed, "in ISK"},
	{"product_price", "broken shillings", costs("500050", "ugx"), plan.CheckFailed, "in UGX"},
	{"product_price", "forint have coins", costs("199050", "huf"), plan.CheckPassed, ""},

	{"product_price", "one cent", costs("1", "usd"), plan.CheckWarning, "$0.01|test amount"},
	{"product_price", "one dollar", costs("100", "usd"), plan.CheckWarning, "$1.00|test amount"},
	{"product_price", "one yen", costs("1", "jpy"), plan.CheckWarning, "¥1|test amount"},
	{"product_price", "a hundred yen", costs("100", "jpy"), plan.CheckPassed, ""},
	{"product_price", "1234", costs("1234", "usd"), plan.CheckWarning, "test amount"},
	{"product_price", "all nines", costs("99999999", "usd"), plan.CheckWarning, "test amount"},
	{"product_price", "99.99 sells", costs("9999", "usd"), plan.CheckPassed, ""},
	{"product_price", "one cent of a use", metered("1", "usd"), plan.CheckPassed, ""},
	{"product_price", "one cent of a package", price(func(p *catalog.Price) {
		p.UnitAmountDecimal, p.TransformQuantity = "1", &catalog.TransformQuantity{DivideBy: 100, Round: "up"}
	}), plan.CheckPassed, ""},
	{"product_price", "below the minimum", costs("30", "usd"), plan.CheckWarning, "minimum"},
	{"product_price", "at the minimum", costs("30", "gbp"), plan.CheckPassed, ""},
	{"product_price", "nothing", costs("0", "usd"), plan.CheckWarning, "free"},
	{"product_price", "nothing, called free", price(func(p *catalog.Price) { p.UnitAmountDecimal, p.Nickname = "0", "Free forever" }), plan.CheckPassed, ""},
	{"product_price", "nothing, called a refreeze", price(func(p *catalog.Price) { p.UnitAmountDecimal, p.Nickname = "0", "Refreeze" }), plan.CheckWarning, "free"},
}

func costs(amount catalog.Decimal, currency string) func(*plan.Evidence) {
	return price(func(p *catalog.Price) { p.UnitAmountDecimal, p.Currency = amount, currency })
}

func metered(amount catalog.Decimal, currency string) func(*plan.Evidence) {
	return price(func(p *catalog.Price) {
		p.UnitAmountDecimal, p.Currency, p.Recurring.UsageType = amount, currency, "metered"
	})
}

func also(currency string, amount catalog.Decimal) func(*plan.Evidence) {
	return price(func(p *catalog.Price) {
		p.CurrencyOptions = map[string]catalog.CurrencyOption{currency: {UnitAmountDecimal: amount, TaxBehavior: "exclusive"}}
	})
}
