package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// stays tells that somebody has changed a field since the deployment: it is
// neither what the deployment made of it, nor what it was before.
func stays[T any](r *Restoration, fields []field[T], name string, t Touched, now, before *T) bool {
	if r.version == first || !r.Completed {
		return false
	}
	wire := fields[slices.IndexFunc(fields, func(f field[T]) bool { return f.name == name })].wire
	is := wire(now)
	if sameWire(is, wire(before)) || r.ours(t, name, is) {
		return false
	}
	if id, _ := is.(string); name == "default_price" && !r.willSell(id) {
		return false // it can't be the default price for long
	}
	return true
}

// ours tells that a field of an object is what one of the deployment's steps made of it, as
// its journal says (what was kept of live since may be somebody else's by now), or what a
// later deployment did that ended with its changes half undone.
func (r *Restoration) ours(t Touched, name string, is any) bool {
	return slices.ContainsFunc(slices.Concat(r.Touched, r.Later), func(by Touched) bool {
		return by.Resource == t.Resource && by.LiveID == t.LiveID && slices.Contains(by.Fields, name) && r.wrote(by, name, is)
	})
}

// wrote tells that a step made a field this. A price of which nobody knows any more which
// one it was counts as that.
func (r *Restoration) wrote(t Touched, name string, is any) bool {
	filled, err := FillWant(t.Wrote, func(o Object) (string, bool) { id := r.Known.Links[o]; return id, id != "" })
	left := filled[name]
	switch name {
	case "default_price":
		id, _ := left.(string)
		return err != nil || refs.MatchString(id) || sameWire(is, left) // as an old journal has it
	case "currency_options":
		is = untaxed(is, left)
	}
	return sameWire(is, left)
}

// willSell tells that a price will be for sale again.
func (r *Restoration) willSell(id string) bool {
	p := r.pricesBack().Price(id)
	return p != nil && p.Active
}

// untaxed are currency options without what was decided about tax since they were made
// what left says: that says nothing of the options otherwise.
func untaxed(is, left any) any {
	options := maps.Clone(members(is))
	for currency, o := range options {
		made := members(members(left)[currency])
		if option := maps.Clone(members(o)); !decided(taxOf(made)) && decided(taxOf(option)) {
			option["tax_behavior"] = made["tax_behavior"]
			options[currency] = object(option)
		}
	}
	return object(options)
}

func taxOf(option map[string]any) string {
	tax, _ := option["tax_behavior"].(string)
	return tax
}

func (r *Restoration) noteStays(name, of string) {
	r.note(fmt.Sprintf("The %s of %s was changed in live mode since, so it stays as it is.", strings.ReplaceAll(name, "_", " "), of))
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
