package catalog

import "strings"

// Money is an exact amount.
type Money struct {
	// MinorUnits is the amount in the currency's smallest unit, which may have decimals.
	MinorUnits Decimal `json:"minorUnits"`
	// Currency is Stripe's code, in small letters.
	Currency string `json:"currency"`
}

// Amount is the amount in major units, with the currency's digits or, where it has more,
// with all of them: 19.00, 500, 0.0125.
func (m Money) Amount() string {
	number, sign := string(m.MinorUnits), ""
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		number, sign = rest, "-"
	}
	return sign + majorUnits(number, MinorDigits(m.Currency))
}

// majorUnits moves the decimal point left by digits, keeping every digit.
func majorUnits(amount string, digits int) string {
	whole, fraction, _ := strings.Cut(amount, ".")
	for len(whole) <= digits {
		whole = "0" + whole
	}
	cut := len(whole) - digits
	fraction = whole[cut:] + fraction
	if fraction == "" {
		return whole[:cut]
	}
	return whole[:cut] + "." + fraction
}

// Amount is what a unit of the price costs, nil for tiers and where the customer chooses.
func (p *Price) Amount() *Money {
	if p.UnitAmountDecimal == "" {
		return nil
	}
	return &Money{p.UnitAmountDecimal, p.Currency}
}
