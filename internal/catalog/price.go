package catalog

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// Price is what Golive copies of Stripe's price. Stripe lets nobody choose a
// price's id, nor change most of its fields once it exists. An empty string is
// null.
type Price struct {
	ID            string `json:"id"`
	Product       string `json:"product"`
	Active        bool   `json:"active"`
	Currency      string `json:"currency"`
	BillingScheme string `json:"billing_scheme"`
	// UnitAmountDecimal is in the currency's smallest unit; Stripe's unit_amount
	// says the same with fewer digits and is not kept beside it.
	UnitAmountDecimal Decimal            `json:"unit_amount_decimal"`
	Tiers             []Tier             `json:"tiers,omitempty"`
	TiersMode         string             `json:"tiers_mode"`
	TransformQuantity *TransformQuantity `json:"transform_quantity"`
	Recurring         *Recurring         `json:"recurring"`
	CustomUnitAmount  *CustomUnitAmount  `json:"custom_unit_amount"`
	// CurrencyOptions leaves out the price's own currency, which Stripe repeats.
	CurrencyOptions map[string]CurrencyOption `json:"currency_options,omitempty"`
	Nickname        string                    `json:"nickname"`
	LookupKey       string                    `json:"lookup_key"`
	TaxBehavior     string                    `json:"tax_behavior"`
	Metadata        map[string]string         `json:"metadata"`
	// Unknown is what Unknown found in Stripe's answer, nil in one that was stored.
	Unknown []string `json:"-"`
	// Unreadable is why Stripe's answer cannot be read, "" where it can. All but the
	// id, product and lookup key is empty then.
	Unreadable string `json:"-"`
}

// Tier is one step of a tiered price. A zero amount is an amount; an empty one
// is absent.
type Tier struct {
	FlatAmountDecimal Decimal `json:"flat_amount_decimal"`
	UnitAmountDecimal Decimal `json:"unit_amount_decimal"`
	// UpTo is the last quantity of the tier, nil for no end.
	UpTo *int64 `json:"up_to"`
}

// TransformQuantity divides the quantity before the price is applied.
type TransformQuantity struct {
	DivideBy int64  `json:"divide_by"`
	Round    string `json:"round"`
}

// Recurring makes a price a subscription's.
type Recurring struct {
	Interval        string `json:"interval"`
	IntervalCount   int64  `json:"interval_count"`
	UsageType       string `json:"usage_type"`
	AggregateUsage  string `json:"aggregate_usage"`
	TrialPeriodDays *int64 `json:"trial_period_days"`
	// Meter is the id of the billing meter that counts the use, an object of one
	// mode. It is left out where there is none, so that what was stored and hashed
	// before it was known stays the same.
	Meter string `json:"meter,omitempty"`
}

// Meter returns the id of the billing meter that counts the use, or "".
func (p *Price) Meter() string {
	if p.Recurring == nil {
		return ""
	}
	return p.Recurring.Meter
}

// CustomUnitAmount lets the customer choose, within bounds.
type CustomUnitAmount struct {
	Minimum *int64 `json:"minimum"`
	Maximum *int64 `json:"maximum"`
	Preset  *int64 `json:"preset"`
}

// CurrencyOption is a price's amount in another currency.
type CurrencyOption struct {
	UnitAmountDecimal Decimal           `json:"unit_amount_decimal"`
	Tiers             []Tier            `json:"tiers,omitempty"`
	CustomUnitAmount  *CustomUnitAmount `json:"custom_unit_amount"`
	TaxBehavior       string            `json:"tax_behavior"`
}

// UnmarshalJSON decodes Stripe's price object.
func (p *Price) UnmarshalJSON(b []byte) error {
	type plain Price
	whole := struct {
		*plain
		UnitAmount Decimal `json:"unit_amount"`
	}{plain: (*plain)(p)}
	if err := json.Unmarshal(b, &whole); err != nil {
		return fmt.Errorf("decode price: %w", err)
	}
	p.UnitAmountDecimal = cmp.Or(p.UnitAmountDecimal, whole.UnitAmount)
	delete(p.CurrencyOptions, p.Currency)
	if len(p.CurrencyOptions) == 0 {
		p.CurrencyOptions = nil
	}
	return nil
}

// UnmarshalJSON decodes a tier of Stripe's. Its contract makes both the integer
// and the decimal of an amount optional: an amount that only the integer tells
// would else read as none.
func (t *Tier) UnmarshalJSON(b []byte) error {
	type plain Tier
	whole := struct {
		*plain
		FlatAmount Decimal `json:"flat_amount"`
		UnitAmount Decimal `json:"unit_amount"`
	}{plain: (*plain)(t)}
	if err := json.Unmarshal(b, &whole); err != nil {
		return fmt.Errorf("decode tier: %w", err)
	}
	t.FlatAmountDecimal = cmp.Or(t.FlatAmountDecimal, whole.FlatAmount)
	t.UnitAmountDecimal = cmp.Or(t.UnitAmountDecimal, whole.UnitAmount)
	return nil
}

// UnmarshalJSON decodes a currency option of Stripe's.
func (o *CurrencyOption) UnmarshalJSON(b []byte) error {
	type plain CurrencyOption
	whole := struct {
		*plain
		UnitAmount Decimal `json:"unit_amount"`
	}{plain: (*plain)(o)}
	if err := json.Unmarshal(b, &whole); err != nil {
		return fmt.Errorf("decode currency option: %w", err)
	}
	o.UnitAmountDecimal = cmp.Or(o.UnitAmountDecimal, whole.UnitAmount)
	return nil
}
