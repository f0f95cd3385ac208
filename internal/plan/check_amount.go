package plan

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// amount is one of a price's amounts, in the smallest unit of its currency.
type amount struct {
	price    *catalog.Price
	currency string
	value    catalog.Decimal
	// charged tells that customers pay just this amount. Amounts of tiers, of
	// metered use and of packages are multiplied first, and may be tiny or broken.
	charged bool
}

// amountsOf returns all amounts of a price, those in other currencies too.
func amountsOf(p *catalog.Price) []amount {
	metered := p.Recurring != nil && p.Recurring.UsageType == "metered"
	charged := p.BillingScheme != "tiered" && !metered && p.TransformQuantity == nil
	all := amountsIn(p, p.Currency, charged, catalog.CurrencyOption{
		UnitAmountDecimal: p.UnitAmountDecimal, Tiers: p.Tiers, CustomUnitAmount: p.CustomUnitAmount,
	})
	for _, currency := range sortedKeys(p.CurrencyOptions) {
		all = append(all, amountsIn(p, currency, charged, p.CurrencyOptions[currency])...)
	}
	return all
}

func amountsIn(p *catalog.Price, currency string, charged bool, o catalog.CurrencyOption) []amount {
	var all []amount
	add := func(v catalog.Decimal, charged bool) {
		if v != "" {
			all = append(all, amount{p, currency, v, charged})
		}
	}
	add(o.UnitAmountDecimal, charged)
	for _, t := range o.Tiers {
		add(t.FlatAmountDecimal, false)
		add(t.UnitAmountDecimal, false)
	}
	if c := o.CustomUnitAmount; c != nil {
		for _, bound := range []*int64{c.Minimum, c.Maximum, c.Preset} {
			if bound != nil {
				add(catalog.Decimal(strconv.FormatInt(*bound, 10)), false)
			}
		}
	}
	return all
}

// problems returns what is wrong with the amount, at most one thing.
func (a amount) problems(productName string) []problem {
	about := map[string]any{"price": a.price.ID, "currency": a.currency, "amount": string(a.value)}
	if wrong := a.fault(); wrong != "" {
		return []problem{failure(about, "The price %s %s. Replace it with a valid one in test mode.", priceName(a.price), wrong)}
	}
	if odd := a.oddity(productName); odd != "" {
		return []problem{warning(about, "The price %s %s. Check that this is intended.", priceName(a.price), odd)}
	}
	return nil
}

// fault tells why Stripe would not take or not charge the amount.
func (a amount) fault() string {
	value, isNumber := new(big.Rat).SetString(string(a.value))
	_, fraction, _ := strings.Cut(string(a.value), ".")
	switch {
	case !slices.Contains(currencies, a.currency):
		return "is in " + strconv.Quote(a.currency) + ", which Stripe doesn't support"
	case !isNumber:
		return "has an amount that isn't a number"
	case value.Sign() < 0:
		return "has a negative amount"
	case len(fraction) > 12:
		return "has an amount with more than 12 decimal places"
	case value.Cmp(maxAmount(a.currency)) > 0:
		return "is " + a.shown() + ", more than Stripe can charge"
	case a.charged && !multipleOf(value, catalog.ChargeStep(a.currency)):
		return "is " + a.shown() + ", an amount Stripe can't charge in " + strings.ToUpper(a.currency)
	}
	return ""
}

// oddity tells why a valid amount is probably not meant.
func (a amount) oddity(productName string) string {
	if !a.charged {
		return ""
	}
	value, _ := new(big.Rat).SetString(string(a.value))
	free := freeLooking.MatchString(productName + " " + a.price.Nickname + " " + a.price.LookupKey)
	switch {
	case value.Sign() == 0 && free:
		return ""
	case value.Sign() == 0:
		return "is free"
	case catalog.MinorDigits(a.currency) == 0 && !value.IsInt():
		return "is " + a.shown() + ", but the currency has no smaller unit"
	case a.looksLikeTest():
		return "is " + a.shown() + ", which looks like a test amount"
	case value.Cmp(new(big.Rat).SetInt64(catalog.MinCharge(a.currency))) < 0:
		return "is " + a.shown() + ", below Stripe's minimum charge"
	}
	return ""
}

// freeLooking matches words that announce a price of nothing.
var freeLooking = regexp.MustCompile(`(?i)\b(free|freemium|trial|gratis|gratuit|kostenlos|complimentary|starter|basic|hobby|community|donation|lite)`)

// testAmounts are what people type when any amount will do.
var testAmounts = []catalog.Decimal{"1", "123", "1234", "12345", "123456", "1111", "4242", "999999", "9999999", "99999999"}

func (a amount) looksLikeTest() bool {
	unit := "1" + strings.Repeat("0", catalog.MinorDigits(a.currency))
	return string(a.value) == unit || slices.Contains(testAmounts, a.value)
}

// multipleOf tells that a charge of value is one of those that step allows. Where each
// whole amount can be charged, a broken one is no fault.
func multipleOf(value *big.Rat, step int64) bool {
	if step == 1 || !value.IsInt() {
		return step == 1
	}
	return new(big.Int).Mod(value.Num(), big.NewInt(step)).Sign() == 0
}

func (a amount) shown() string { return Money(a.value, a.currency) }
