package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// What a rollback leaves behind, where Stripe cannot undo exactly.
const (
	noteCreatedProduct = "Stripe can't delete a product that has prices, so a rollback archives it."
	noteCreatedPrice   = "Stripe can't delete prices, so a rollback archives this one."
	noteTaxBehavior    = "Stripe allows the tax behaviour to be set only once, so a rollback can't unset it."
	noteShippable      = "Stripe doesn't allow shippable to be unset, so a rollback leaves it as is."
)

func (d *differ) productSummary(changed []string) string {
	name := d.in.Test.Product.Name
	switch d.productAction() {
	case Archive:
		return name + ": archived, no longer for sale"
	case Reactivate:
		return name + ": for sale again"
	default:
		return name + ": " + fieldWords(changed)
	}
}

func (d *differ) createSummary(p pair, old *catalog.Price) string {
	label := d.label(p.test)
	if old == nil {
		return fmt.Sprintf("%s: %s, new price", label, Amount(p.test))
	}
	return fmt.Sprintf("%s: %s → %s, new price, old one archived", label, Amount(old), Amount(p.test))
}

func (d *differ) updateSummary(p pair, changed []string, old *catalog.Price) string {
	label := d.label(p.test)
	switch {
	case old != nil:
		return fmt.Sprintf("%s: %s → %s, earlier price for sale again, old one archived", label, Amount(old), Amount(p.test))
	case updateAction(p) == Reactivate:
		return fmt.Sprintf("%s: %s, for sale again", label, Amount(p.test))
	default:
		return label + ": " + fieldWords(changed)
	}
}

func (d *differ) archiveSummary(p pair) string {
	return fmt.Sprintf("%s: %s, archived", d.label(p.test), Amount(p.live))
}

// label is what people call a price: its nickname, or the product with its rhythm.
func (d *differ) label(p *catalog.Price) string {
	if p.Nickname != "" {
		return p.Nickname
	}
	return d.in.Test.Product.Name + " " + rhythm(p.Recurring)
}

func rhythm(r *catalog.Recurring) string {
	if r == nil {
		return "one-time"
	}
	if r.IntervalCount > 1 {
		return fmt.Sprintf("every %d %ss", r.IntervalCount, r.Interval)
	}
	switch r.Interval {
	case "day":
		return "daily"
	default:
		return r.Interval + "ly"
	}
}

// Amount says in words and symbols what a price costs: "$19.00", "3 tiers in
// EUR", "customer chooses, in USD".
func Amount(p *catalog.Price) string {
	currency := strings.ToUpper(p.Currency)
	switch {
	case p.CustomUnitAmount != nil:
		return "customer chooses, in " + currency
	case len(p.Tiers) > 0:
		return fmt.Sprintf("%d %s tiers in %s", len(p.Tiers), p.TiersMode, currency)
	default:
		return Money(p.UnitAmountDecimal, p.Currency)
	}
}

// Money formats an amount in the currency's smallest unit, exactly: $19.00,
// ¥500, 0.0125 CHF.
func Money(amount catalog.Decimal, currency string) string {
	number := catalog.Money{MinorUnits: amount, Currency: currency}.Amount()
	if symbol, ok := symbols[currency]; ok {
		return symbol + number
	}
	return number + " " + strings.ToUpper(currency)
}

var symbols = map[string]string{"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}

func fieldWords(fields []string) string {
	var words []string
	for _, f := range fields {
		name, _, _ := strings.Cut(f, ".") // keys of metadata are listed with the change
		if word := strings.ReplaceAll(name, "_", " "); !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if len(words) == 1 {
		return "new " + words[0]
	}
	return "new " + strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
