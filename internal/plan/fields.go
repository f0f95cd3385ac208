package plan

import (
	"github.com/golive-hq/golive/internal/catalog"
)

// field is one property that plans compare and write. The tables below are all
// that Golive copies: comparing, creating, updating and telling people about an
// object read the same lines.
type field[T any] struct {
	name string
	wire func(*T) any
	// frozen tells whether Stripe refuses to make the field of this live object what
	// it is in test; nil is never.
	frozen func(test, live *T) bool
}

// always is an answer for field.frozen.
func always(_, _ *catalog.Price) bool { return true }

var productFields = []field[catalog.Product]{
	{name: "name", wire: func(p *catalog.Product) any { return text(p.Name) }},
	{name: "active", wire: func(p *catalog.Product) any { return p.Active }},
	{name: "description", wire: func(p *catalog.Product) any { return text(p.Description) }},
	{name: "url", wire: func(p *catalog.Product) any { return text(p.URL) }},
	{name: "unit_label", wire: func(p *catalog.Product) any { return text(p.UnitLabel) }},
	{name: "statement_descriptor", wire: func(p *catalog.Product) any { return text(p.StatementDescriptor) }},
	{name: "tax_code", wire: func(p *catalog.Product) any { return text(p.TaxCode) }},
	{name: "shippable", wire: func(p *catalog.Product) any { return optional(p.Shippable) }},
	{name: "images", wire: func(p *catalog.Product) any { return list(p.Images, func(s string) any { return s }) }},
	{name: "features", wire: func(p *catalog.Product) any { return list(p.Features, featureWire) }},
	{name: "package_dimensions", wire: func(p *catalog.Product) any { return dimensionsWire(p.PackageDimensions) }},
	{name: "metadata", wire: func(p *catalog.Product) any { return metadataWire(p.Metadata) }},
	{name: "default_price", wire: func(p *catalog.Product) any { return text(p.DefaultPrice) }},
}

var priceFields = []field[catalog.Price]{
	{name: "currency", wire: func(p *catalog.Price) any { return text(p.Currency) }, frozen: always},
	{name: "billing_scheme", wire: func(p *catalog.Price) any { return text(p.BillingScheme) }, frozen: always},
	{name: "unit_amount_decimal", wire: func(p *catalog.Price) any { return decimal(p.UnitAmountDecimal) }, frozen: always},
	{name: "tiers", wire: func(p *catalog.Price) any { return list(p.Tiers, tierWire) }, frozen: always},
	{name: "tiers_mode", wire: func(p *catalog.Price) any { return text(p.TiersMode) }, frozen: always},
	{name: "transform_quantity", wire: func(p *catalog.Price) any { return transformWire(p.TransformQuantity) }, frozen: always},
	{name: "recurring", wire: func(p *catalog.Price) any { return recurringWire(p.Recurring) }, frozen: always},
	{name: "custom_unit_amount", wire: func(p *catalog.Price) any { return customWire(p.CustomUnitAmount) }, frozen: always},
	{name: "tax_behavior", wire: func(p *catalog.Price) any { return text(p.TaxBehavior) }, frozen: taxBehaviorSet},
	{name: "active", wire: func(p *catalog.Price) any { return p.Active }},
	{name: "nickname", wire: func(p *catalog.Price) any { return text(p.Nickname) }},
	{name: "lookup_key", wire: func(p *catalog.Price) any { return text(p.LookupKey) }},
	{name: "currency_options", wire: func(p *catalog.Price) any { return currencyOptionsWire(p.CurrencyOptions) }, frozen: optionTaxSet},
	{name: "metadata", wire: func(p *catalog.Price) any { return metadataWire(p.Metadata) }},
}

// taxBehaviorSet: Stripe lets an unspecified behaviour be decided, once.
func taxBehaviorSet(_, live *catalog.Price) bool {
	return decided(live.TaxBehavior)
}

// optionTaxSet: the same goes for each option that stays. That one which was cleared
// and set again may decide anew is nowhere promised.
func optionTaxSet(test, live *catalog.Price) bool {
	for currency, now := range live.CurrencyOptions {
		option, stays := test.CurrencyOptions[currency]
		if stays && decided(now.TaxBehavior) && option.TaxBehavior != now.TaxBehavior {
			return true
		}
	}
	return false
}

func decided(taxBehavior string) bool { return taxBehavior != "" && taxBehavior != "unspecified" }

// values are an object's fields in wire form, by name.
type values map[string]any

// wires returns all fields of an object.
func wires[T any](fields []field[T], object *T) values {
	m := make(values, len(fields))
	for _, f := range fields {
		m[f.name] = f.wire(object)
	}
	return m
}

// differing returns the fields in which want and have differ, in table order.
func differing[T any](fields []field[T], want, have *T) []field[T] {
	var diff []field[T]
	for _, f := range fields {
		if !sameWire(f.wire(want), f.wire(have)) {
			diff = append(diff, f)
		}
	}
	return diff
}

// sameFrozen tells that test differs from live in no field that Stripe freezes.
func sameFrozen(test, live *catalog.Price) bool {
	for _, f := range differing(priceFields, test, live) {
		if f.frozen != nil && f.frozen(test, live) {
			return false
		}
	}
	return true
}

// ProductDrift names the fields in which two states of a product differ.
func ProductDrift(a, b *catalog.Product) []string { return names(differing(productFields, a, b)) }

// PriceDrift names the fields in which two states of a price differ.
func PriceDrift(a, b *catalog.Price) []string { return names(differing(priceFields, a, b)) }

func names[T any](fields []field[T]) []string {
	var s []string
	for _, f := range fields {
		s = append(s, f.name)
	}
	return s
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func decimal(d catalog.Decimal) any { return text(string(d)) }

func optional[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func list[T any](items []T, wire func(T) any) any {
	if len(items) == 0 {
		return nil
	}
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = wire(item)
	}
	return out
}

// object returns a wire object without its unset members, nil where none is set.
func object(members map[string]any) any {
	for k, v := range members {
		if v == nil {
			delete(members, k)
		}
	}
	if len(members) == 0 {
		return nil
	}
	return members
}

func featureWire(f catalog.Feature) any { return map[string]any{"name": f.Name} }

func dimensionsWire(d *catalog.PackageDimensions) any {
	if d == nil {
		return nil
	}
	return object(map[string]any{
		"height": decimal(d.Height), "length": decimal(d.Length),
		"weight": decimal(d.Weight), "width": decimal(d.Width),
	})
}

func metadataWire(metadata map[string]string) any {
	members := make(map[string]any, len(metadata))
	for k, v := range metadata {
		if k != catalog.StampKey {
			members[k] = v
		}
	}
	return object(members)
}

// tierWire: an absent end is "inf" in requests, null in answers. A tier needs an
// amount, and zero is one.
func tierWire(t catalog.Tier) any {
	upTo := any("inf")
	if t.UpTo != nil {
		upTo = *t.UpTo
	}
	return object(map[string]any{
		"flat_amount_decimal": decimal(t.FlatAmountDecimal),
		"unit_amount_decimal": decimal(t.UnitAmountDecimal),
		"up_to":               upTo,
	})
}

func transformWire(t *catalog.TransformQuantity) any {
	if t == nil {
		return nil
	}
	return map[string]any{"divide_by": t.DivideBy, "round": t.Round}
}

func recurringWire(r *catalog.Recurring) any {
	if r == nil {
		return nil
	}
	return object(map[string]any{
		"interval": text(r.Interval), "interval_count": r.IntervalCount,
		"usage_type": text(r.UsageType), "aggregate_usage": text(r.AggregateUsage),
		"trial_period_days": optional(r.TrialPeriodDays), "meter": text(r.Meter),
	})
}

// customWire: requests need enabled, which answers never show.
func customWire(c *catalog.CustomUnitAmount) any {
	if c == nil {
		return nil
	}
	return object(map[string]any{
		"enabled": true, "minimum": optional(c.Minimum),
		"maximum": optional(c.Maximum), "preset": optional(c.Preset),
	})
}

func currencyOptionsWire(options map[string]catalog.CurrencyOption) any {
	members := make(map[string]any, len(options))
	for currency, o := range options {
		members[currency] = object(map[string]any{
			"unit_amount_decimal": decimal(o.UnitAmountDecimal),
			"tiers":               list(o.Tiers, tierWire),
			"custom_unit_amount":  customWire(o.CustomUnitAmount),
			"tax_behavior":        text(o.TaxBehavior),
		})
	}
	return object(members)
}

// ProductHas tells that a product has these values, as a step's Want lists them.
func ProductHas(p *catalog.Product, want map[string]any) bool {
	return len(unequal(sortedKeys(want), want, valuesOf(productFields, p))) == 0
}

// PriceHas tells that a price has these values, as a step's Want lists them.
func PriceHas(p *catalog.Price, want map[string]any) bool {
	return len(unequal(sortedKeys(want), want, valuesOf(priceFields, p))) == 0
}
