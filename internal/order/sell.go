package order

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/product"
)

// What one order may hold.
const (
	mostLines    = 100
	mostQuantity = 10_000
)

// LineInput is what somebody buys: exactly one of the price's id in test and its lookup key.
type LineInput struct {
	PriceID   string `json:"priceId,omitempty"`
	LookupKey string `json:"lookupKey,omitempty"`
	Quantity  int    `json:"quantity"`
}

// at names a field of a line.
func at(i int, field ...string) []string {
	return append([]string{"input", "lines", strconv.Itoa(i)}, field...)
}

func (l LineInput) field() string {
	if l.LookupKey != "" {
		return "lookupKey"
	}
	return "priceId"
}

func (l LineInput) name() string {
	if l.LookupKey != "" {
		return strconv.Quote(l.LookupKey)
	}
	return l.PriceID
}

func checkLines(lines []LineInput) error {
	if len(lines) == 0 || len(lines) > mostLines {
		return invalid(fmt.Sprintf("An order must have 1 to %d lines.", mostLines), "lines")
	}
	for i, l := range lines {
		switch {
		case (l.PriceID == "") == (l.LookupKey == ""):
			return fault.New(fault.InvalidInput, "Give each line either a priceId or a lookupKey.").At(at(i)...)
		case l.Quantity < 1 || l.Quantity > mostQuantity:
			return fault.New(fault.InvalidInput, "A quantity must be 1 to %d.", mostQuantity).At(at(i, "quantity")...)
		}
	}
	return nil
}

// sell finds what the lines name, in the mode's own prices, and what it costs.
func sell(ctx context.Context, tx pgx.Tx, o *Order, in CreateInput) ([]Line, error) {
	var ids, keys []string
	for _, l := range in.Lines {
		if l.LookupKey != "" {
			keys = append(keys, l.LookupKey)
		} else {
			ids = append(ids, l.PriceID)
		}
	}
	prices, err := product.PricesNamed(ctx, tx, o.TenantID, ids, keys)
	if err != nil {
		return nil, err
	}
	if o.Mode == catalog.Live {
		if err := product.AddLive(ctx, tx, o.TenantID, o.AccountID, prices); err != nil {
			return nil, err
		}
	}
	lines := make([]Line, len(in.Lines))
	for i, l := range in.Lines {
		p, err := o.choose(i, l, prices)
		if err != nil {
			return nil, err
		}
		if lines[i], err = o.line(i, l, p, in.Currency); err != nil {
			return nil, err
		}
	}
	return lines, o.add(lines)
}

// choose is the price that a line means. In LIVE it has to have gone live.
func (o *Order) choose(i int, l LineInput, prices []product.Priced) (*product.Priced, error) {
	var named *product.Priced
	for j := range prices {
		p := &prices[j]
		if p.Price.ID != l.PriceID && (l.LookupKey == "" || p.Price.LookupKey != l.LookupKey) || o.Mode == catalog.Test && p.TestAccountID != o.AccountID {
			continue
		}
		if named == nil || p.Price.Active && !named.Price.Active {
			named = p
		}
	}
	switch {
	case named == nil:
		return nil, fault.New(fault.NotFound, "There's no imported price %s. Import its product first.", l.name()).At(at(i, l.field())...)
	case o.Mode == catalog.Test && (named.Archived || !named.Price.Active):
		return nil, fault.New(fault.InvalidState, "The price %s of %s is archived. Choose another one.", l.name(), named.ProductName).At(at(i, l.field())...)
	case o.Mode == catalog.Live && named.Live == nil:
		return nil, fault.New(fault.InvalidState, "The price %s of %s never went live. Take %s live first.", l.name(), named.ProductName, named.ProductName).At(at(i, l.field())...)
	case o.Mode == catalog.Live && !named.Sold:
		return nil, fault.New(fault.InvalidState, "The live price of %s, %s of %s, is archived. Choose another one, or take the product live again.",
			l.name(), named.Live.ID, named.ProductName).At(at(i, l.field())...)
	}
	return named, nil
}

// line is what a line costs, in the order's currency.
func (o *Order) line(i int, l LineInput, p *product.Priced, currency string) (Line, error) {
	charged := &p.Price
	if o.Mode == catalog.Live {
		charged = p.Live
	}
	if why := unsellable(charged); why != "" {
		return Line{}, fault.New(fault.InvalidInput, "The price %s %s, and orders can't sell that yet.", l.name(), why).At(at(i, l.field())...)
	}
	if o.Currency == "" {
		o.Currency = charged.Currency
	}
	unit, why := unitIn(charged, o.Currency)
	if why != "" && currency == "" {
		why = "is in " + strings.ToUpper(charged.Currency) + ", and the lines before it are in " + strings.ToUpper(o.Currency)
	}
	if why != "" {
		return Line{}, fault.New(fault.InvalidInput, "The price %s %s. All lines of an order need one currency.", l.name(), why).At(at(i, l.field())...)
	}
	amount, err := ledger.LineAmount(unit, int64(l.Quantity))
	if err != nil {
		return Line{}, fault.New(fault.AmountTooLarge, "This line comes to more than %s, the most that can be charged at once.",
			ledger.Words(ledger.MostAmount, o.Currency)).At(at(i, "quantity")...)
	}
	return Line{
		Index: i, Name: p.ProductName, PriceID: charged.ID, TestPriceID: p.Price.ID, LookupKey: orNil(p.Price.LookupKey),
		Quantity: l.Quantity, UnitAmount: unit, Amount: amount, Currency: o.Currency,
	}, nil
}

// unsellable says why a price is none that an order can have.
func unsellable(p *catalog.Price) string {
	switch {
	case p.Meter() != "" || p.Recurring != nil && p.Recurring.UsageType == "metered":
		return "is metered"
	case p.Recurring != nil:
		return "is recurring"
	case p.BillingScheme == "tiered" || len(p.Tiers) > 0:
		return "has tiers"
	case p.CustomUnitAmount != nil:
		return "lets the customer choose the amount"
	case p.TransformQuantity != nil:
		return "is for packages"
	case p.UnitAmountDecimal == "":
		return "has no fixed amount"
	}
	return ""
}

// unitIn is what a unit costs in a currency, or why it can't be had in that.
func unitIn(p *catalog.Price, currency string) (unit catalog.Decimal, why string) {
	if p.Currency == currency {
		return p.UnitAmountDecimal, ""
	}
	option, has := p.CurrencyOptions[currency]
	if !has || option.UnitAmountDecimal == "" || len(option.Tiers) > 0 || option.CustomUnitAmount != nil {
		return "", "can't be paid in " + strings.ToUpper(currency)
	}
	return option.UnitAmountDecimal, ""
}

// add sums up the lines, and refuses what Stripe couldn't charge.
func (o *Order) add(lines []Line) error {
	for _, l := range lines {
		o.Subtotal += l.Amount // 100 lines of MostAmount at most
	}
	o.Total, o.Due = o.Subtotal, o.Subtotal
	least, step := catalog.MinCharge(o.Currency), catalog.ChargeStep(o.Currency)
	switch {
	case o.Total < least:
		return invalid(fmt.Sprintf("The order comes to %s, less than the %s that Stripe charges at least.", o.words(o.Total), o.words(least)), "lines")
	case o.Total > ledger.MostAmount:
		return fault.New(fault.AmountTooLarge, "The order comes to %s, more than the %s that can be charged at once.", o.words(o.Total), o.words(ledger.MostAmount)).At("input", "lines")
	case o.Total%step != 0:
		return invalid(fmt.Sprintf("The order comes to %s, but Stripe charges only multiples of %s in this currency.", o.words(o.Total), o.words(step)), "lines")
	}
	return nil
}

func (o *Order) words(amount int64) string { return ledger.Words(amount, o.Currency) }

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// isCurrency tells whether a text may be a code of Stripe's.
func isCurrency(s string) bool {
	return len(s) == 3 && !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < 'a' || c > 'z' })
}
