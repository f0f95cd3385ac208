package ledger

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// MostAmount is the most that one order may come to, in the smallest unit: what Stripe
// takes in every currency.
const MostAmount = 99_999_999

// LineAmount is what quantity units cost that cost unit each, in the smallest unit,
// rounded once, half up. It is an error where unit is no number or less than nothing, or
// the amount is more than MostAmount.
func LineAmount(unit catalog.Decimal, quantity int64) (int64, error) {
	each, ok := new(big.Rat).SetString(string(unit))
	if !ok || each.Sign() < 0 {
		return 0, fmt.Errorf("%q is no amount", unit)
	}
	sum := each.Mul(each, new(big.Rat).SetInt64(quantity))
	twice := new(big.Int).Mul(sum.Num(), big.NewInt(2))
	twice.Add(twice, sum.Denom())
	rounded := twice.Div(twice, new(big.Int).Mul(sum.Denom(), big.NewInt(2)))
	if !rounded.IsInt64() || rounded.Int64() > MostAmount {
		return 0, fmt.Errorf("more than %d", MostAmount)
	}
	return rounded.Int64(), nil
}

// Money is an amount in the smallest unit, for people.
func Money(amount int64, currency string) catalog.Money {
	return catalog.Money{MinorUnits: catalog.Decimal(strconv.FormatInt(amount, 10)), Currency: currency}
}

// Words is an amount as sentences have it: 10.00 USD.
func Words(amount int64, currency string) string {
	return Money(amount, currency).Amount() + " " + strings.ToUpper(currency)
}

// ParseAmount reads an amount in major units: digits, and behind one point no more than
// the currency has. Signs, exponents, separators and zero are errors, each a sentence.
func ParseAmount(text, currency string) (int64, error) {
	whole, fraction, pointed := strings.Cut(text, ".")
	digits := catalog.MinorDigits(currency)
	switch {
	case !onlyDigits(whole) || pointed && !onlyDigits(fraction):
		return 0, fmt.Errorf("%q isn't an amount. Write digits, and a point before decimals: 10.00", text)
	case len(fraction) > digits:
		return 0, fmt.Errorf("%s has more than the %d decimals of %s", text, digits, strings.ToUpper(currency))
	case len(whole) > 12:
		return 0, fmt.Errorf("%s is more than can be paid", text)
	}
	amount, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q isn't an amount", text)
	}
	if amount == 0 {
		return 0, fmt.Errorf("an amount of nothing changes nothing")
	}
	return amount, nil
}

func onlyDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// AmountMoney is what the payment is for.
func (p *Payment) AmountMoney() catalog.Money { return Money(p.Amount, p.Currency) }

// CapturedMoney is what was taken of it.
func (p *Payment) CapturedMoney() catalog.Money { return Money(p.Captured, p.Currency) }

// FeeMoney is Stripe's fee, nil before Stripe tells it.
func (p *Payment) FeeMoney() *catalog.Money {
	if p.Fee == nil || p.FeeCurrency == nil {
		return nil
	}
	fee := Money(*p.Fee, *p.FeeCurrency)
	return &fee
}

// AmountMoney is how much is given back.
func (r *Refund) AmountMoney() catalog.Money { return Money(r.Amount, r.Currency) }

// AmountMoney is how much the bank asks for.
func (d *Dispute) AmountMoney() catalog.Money { return Money(d.Amount, d.Currency) }

// SubtotalMoney is the sum of the lines.
func (o *Order) SubtotalMoney() catalog.Money { return Money(o.Subtotal, o.Currency) }

// TaxMoney is the tax on it.
func (o *Order) TaxMoney() catalog.Money { return Money(o.Tax, o.Currency) }

// TotalMoney is what it comes to.
func (o *Order) TotalMoney() catalog.Money { return Money(o.Total, o.Currency) }

// AuthorizedMoney is what is held at the moment.
func (o *Order) AuthorizedMoney() catalog.Money { return Money(o.Authorized, o.Currency) }

// CapturedMoney is what was taken.
func (o *Order) CapturedMoney() catalog.Money { return Money(o.Captured, o.Currency) }

// RefundedMoney is what of that was given back.
func (o *Order) RefundedMoney() catalog.Money { return Money(o.Refunded, o.Currency) }

// DisputedMoney is what customers' banks have taken back, or are about to.
func (o *Order) DisputedMoney() catalog.Money { return Money(o.Disputed, o.Currency) }
