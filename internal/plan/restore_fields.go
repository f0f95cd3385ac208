package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// leftPrice is the price as the deployment left it, nil where nobody kept that. Taxes
// that somebody decided on since say nothing of the price otherwise.
func (r *Restoration) leftPrice(now *catalog.Price, t Touched) *catalog.Price {
	left, kept := r.Known.Prices[t.TestID]
	if !kept || left.ID != t.LiveID {
		return nil
	}
	taxed := *now
	restoreOptions(&taxed, &left)
	left.CurrencyOptions = taxed.CurrencyOptions
	return &left
}

// versions are an object as it is, as the deployment left it and as it was before.
type versions[T any] struct{ now, left, before *T }

// stays tells, and notes, that somebody has changed a field since the deployment.
func stays[T any](r *Restoration, fields []field[T], name string, v versions[T], of string) bool {
	if r.version == first || !r.Completed || v.left == nil {
		return false
	}
	wire := fields[slices.IndexFunc(fields, func(f field[T]) bool { return f.name == name })].wire
	now := wire(v.now)
	if sameWire(now, wire(v.left)) || sameWire(now, wire(v.before)) {
		return false
	}
	r.note(fmt.Sprintf("The %s of %s was changed in live mode since, so it stays as it is.", strings.ReplaceAll(name, "_", " "), of))
	return true
}

// The fields that an update may write, metadata aside. Their completeness is held by a test.
var productRestorers = map[string]func(p, before *catalog.Product){
	"name":                 func(p, b *catalog.Product) { p.Name = b.Name },
	"active":               func(p, b *catalog.Product) { p.Active = b.Active },
	"description":          func(p, b *catalog.Product) { p.Description = b.Description },
	"url":                  func(p, b *catalog.Product) { p.URL = b.URL },
	"unit_label":           func(p, b *catalog.Product) { p.UnitLabel = b.UnitLabel },
	"statement_descriptor": func(p, b *catalog.Product) { p.StatementDescriptor = b.StatementDescriptor },
	"tax_code":             func(p, b *catalog.Product) { p.TaxCode = b.TaxCode },
	"shippable":            restoreShippable,
	"images":               func(p, b *catalog.Product) { p.Images = b.Images },
	"features":             func(p, b *catalog.Product) { p.Features = b.Features },
	"package_dimensions":   func(p, b *catalog.Product) { p.PackageDimensions = b.PackageDimensions },
	"default_price":        func(p, b *catalog.Product) { p.DefaultPrice = b.DefaultPrice },
}

// restoreShippable leaves what was decided where nothing was before: Stripe unsets
// no boolean, and the plan said so.
func restoreShippable(p, before *catalog.Product) {
	if before.Shippable != nil {
		p.Shippable = before.Shippable
	}
}

// restoreOptions brings a price's options back but for what they decided about
// tax, which Stripe lets nobody take back.
func restoreOptions(p, before *catalog.Price) {
	options := maps.Clone(before.CurrencyOptions)
	for currency, o := range options {
		if now, there := p.CurrencyOptions[currency]; there && decided(now.TaxBehavior) {
			o.TaxBehavior = now.TaxBehavior
			options[currency] = o
		}
	}
	p.CurrencyOptions = options
}

// A tax behaviour cannot be unset: the plan said so before.
var priceRestorers = map[string]func(p, before *catalog.Price){
	"active":           func(p, b *catalog.Price) { p.Active = b.Active },
	"nickname":         func(p, b *catalog.Price) { p.Nickname = b.Nickname },
	"lookup_key":       func(p, b *catalog.Price) { p.LookupKey = b.LookupKey },
	"currency_options": restoreOptions,
}
