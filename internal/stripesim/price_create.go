package stripesim

import "net/http"

// Texts about creating prices; the first four are recorded, the others unverified.
const (
	textProductXorData  = "You must specify either `product` or `product_data` when creating a price."
	textTieredOneTime   = "Prices with `type=one_time` are not supported with tiered billing."
	textLookupKeyTaken  = "A price (`%s`) already uses that lookup key."
	textOwnCurrency     = "You are specifying an update to a currency option that matches the top-level currency of this price. Please use the top-level parameters instead."
	textTieredAmount    = "You cannot set `%s` when `billing_scheme` is `tiered`."
	textTiersPerUnit    = "You can only set `%s` when `billing_scheme` is `tiered`."
	textCustomRecurring = "`custom_unit_amount` is not supported for prices with `type=recurring`."
	textTransformTiers  = "`transform_quantity` cannot be combined with `tiers`."
	textIntervalCount   = "`interval_count` must be at least 1 and span at most three years."
	textAggregate       = "You can only set `recurring[aggregate_usage]` when `recurring[usage_type]` is `metered`."
	textTrial           = "`recurring[trial_period_days]` must be between 0 and 730."
	textDivideBy        = "`transform_quantity[divide_by]` must be at least 2."
)

// longestCycle is three years in each interval's own unit.
var longestCycle = map[string]int64{"day": 1095, "week": 156, "month": 36, "year": 3}

const maxTrialDays = 730

func intervalParam() param    { return oneOf("day", "month", "week", "year") }
func taxBehaviorParam() param { return oneOf("exclusive", "inclusive", "unspecified") }

func priceCreateParams() params {
	return params{
		"active": boolean(), "billing_scheme": oneOf("per_unit", "tiered"), "currency": name(0).must(),
		"currency_options": currencyOptionsParam(), "custom_unit_amount": customAmountParam(),
		"lookup_key": text(200), "metadata": metadataParam(), "nickname": text(5000), "product": name(5000),
		"product_data": object(params{
			"active": boolean(), "id": name(5000), "metadata": metadataParam(), "name": name(5000).must(),
			"statement_descriptor": text(22), "tax_code": text(0), "unit_label": text(12),
		}),
		"recurring": object(params{
			"aggregate_usage": oneOf("last_during_period", "last_ever", "max", "sum"), "interval": intervalParam().must(),
			"interval_count": integer(), "trial_period_days": integer(), "usage_type": oneOf("licensed", "metered"),
		}),
		"tax_behavior": taxBehaviorParam(), "tiers": tierParams(), "tiers_mode": oneOf("graduated", "volume"),
		"transfer_lookup_key": boolean(),
		"transform_quantity":  object(params{"divide_by": integer().must(), "round": oneOf("down", "up").must()}),
		"unit_amount":         integer(), "unit_amount_decimal": decimal(),
	}
}

func createPrice(o *op) (any, *apiError) {
	if o.in.has("product") == o.in.has("product_data") {
		return nil, invalid("", "product", textProductXorData)
	}
	p, err := o.newPrice(o.in)
	if err != nil {
		return nil, err
	}
	newOwner, err := o.ownerOf(p)
	if err != nil {
		return nil, err
	}
	loser, err := o.claimLookupKey(p)
	if err != nil {
		return nil, err
	}
	if newOwner != nil {
		o.storeProduct(newOwner)
	}
	o.takeLookupKey(loser)
	o.addPrice(p)
	o.emit("price.created", o.renderPrice(p, nil), nil)
	return o.renderPrice(p, o.expand), nil
}

// ownerOf sets the price's product, and returns it if it is yet to be stored.
func (o *op) ownerOf(p *price) (*product, *apiError) {
	if id := o.in.text("product"); id != "" {
		if _, ok := o.products.get(id); !ok {
			return nil, o.missing(http.StatusBadRequest, nounProduct, id, "product")
		}
		p.Product = ref{id: id}
		return nil, nil
	}
	owner, err := o.newProduct(o.in.object("product_data"))
	if err != nil {
		return nil, err
	}
	p.Product = ref{id: owner.ID}
	return owner, nil
}

// newPrice makes a price without product, lookup key conflicts or storing.
func (o *op) newPrice(in input) (p *price, err *apiError) {
	p = &price{
		ID: newID("price_1", 23), Object: "price", Active: true, BillingScheme: in.textOr("billing_scheme", "per_unit"),
		Created: o.created(), Livemode: o.mode == Live, TaxBehavior: in.textOr("tax_behavior", "unspecified"), Type: "one_time",
	}
	if p.Currency, err = readCurrency("currency", in.text("currency")); err != nil {
		return nil, err
	}
	if p.Metadata, err = in.mergeMetadata(nil); err != nil {
		return nil, err
	}
	in.setBool("active", &p.Active)
	in.setText("nickname", &p.Nickname)
	in.setText("lookup_key", &p.LookupKey)
	if p.Recurring, err = in.readRecurring(); err != nil {
		return nil, err
	}
	if p.Recurring != nil {
		p.Type = "recurring"
	}
	if err = p.setAmounts(in); err != nil {
		return nil, err
	}
	p.CurrencyOptions, err = in.mergeCurrencyOptions(p)
	return p, err
}

func (in input) readRecurring() (*recurring, *apiError) {
	if !in.has("recurring") {
		return nil, nil
	}
	cycle := in.object("recurring")
	r := &recurring{Interval: cycle.text("interval"), IntervalCount: 1, UsageType: cycle.textOr("usage_type", "licensed")}
	if count := cycle.integer("interval_count"); count != nil {
		r.IntervalCount = *count
	}
	r.TrialPeriodDays = cycle.integer("trial_period_days")
	if r.UsageType == "metered" {
		aggregate := cycle.textOr("aggregate_usage", "sum")
		r.AggregateUsage = &aggregate
	}
	switch {
	case r.IntervalCount < 1 || r.IntervalCount > longestCycle[r.Interval]:
		return nil, invalid("", "recurring[interval_count]", textIntervalCount)
	case r.UsageType == "licensed" && cycle.has("aggregate_usage"):
		return nil, invalid("", "recurring[aggregate_usage]", textAggregate)
	case r.TrialPeriodDays != nil && (*r.TrialPeriodDays < 0 || *r.TrialPeriodDays > maxTrialDays):
		return nil, invalid("parameter_invalid_integer", "recurring[trial_period_days]", textTrial)
	}
	return r, nil
}

func (p *price) setAmounts(in input) *apiError {
	if p.BillingScheme == "tiered" {
		return p.setTiers(in)
	}
	for _, param := range []string{"tiers", "tiers_mode"} {
		if in.has(param) {
			return invalid("", param, textTiersPerUnit, param)
		}
	}
	if err := p.setUnitAmount(in); err != nil {
		return err
	}
	if in.has("transform_quantity") {
		by := in.object("transform_quantity")
		p.TransformQuantity = &transformQuantity{DivideBy: *by.integer("divide_by"), Round: by.text("round")}
		if p.TransformQuantity.DivideBy < 2 {
			return invalid("", "transform_quantity[divide_by]", textDivideBy)
		}
	}
	return nil
}

func (p *price) setUnitAmount(in input) (err *apiError) {
	if in.has("custom_unit_amount") {
		for _, other := range []string{"unit_amount", "unit_amount_decimal"} {
			if in.has(other) {
				return exclusiveParams("custom_unit_amount", other)
			}
		}
		if p.Recurring != nil {
			return invalid("", "custom_unit_amount", textCustomRecurring)
		}
		p.CustomUnitAmount, err = in.readCustomAmount("")
		return err
	}
	unit, err := in.readAmount("", "unit_amount")
	if err == nil && unit.decimal == nil {
		err = invalid("parameter_missing", "unit_amount", textAmountRequired)
	}
	p.UnitAmount, p.UnitAmountDecimal = unit.whole, unit.decimal
	return err
}

func (p *price) setTiers(in input) (err *apiError) {
	for _, param := range []string{"unit_amount", "unit_amount_decimal", "custom_unit_amount"} {
		if in.has(param) {
			return invalid("", param, textTieredAmount, param)
		}
	}
	switch {
	case p.Recurring == nil:
		return invalid("", "interval", textTieredOneTime)
	case in.has("transform_quantity"):
		return invalid("", "transform_quantity", textTransformTiers)
	case !in.has("tiers"):
		return missingParam("tiers")
	case !in.has("tiers_mode"):
		return missingParam("tiers_mode")
	}
	mode := in.text("tiers_mode")
	p.TiersMode = &mode
	p.Tiers, err = in.readTiers("")
	return err
}

// claimLookupKey makes sure that the price may have its lookup key. Every
// holder counts, inactive ones too; a transfer takes it from the holder, which
// is returned.
func (o *op) claimLookupKey(p *price) (loser *price, err *apiError) {
	if p.LookupKey == nil {
		return nil, nil
	}
	holder, taken := o.byLookupKey[*p.LookupKey]
	if !taken || holder == p.ID {
		return nil, nil
	}
	if !o.in.flag("transfer_lookup_key") {
		return nil, refused("lookup_key", textLookupKeyTaken, holder)
	}
	loser, _ = o.prices.get(holder)
	return loser, nil
}

// takeLookupKey clears the key of the one that lost it; it stays active.
func (o *op) takeLookupKey(loser *price) {
	if loser == nil {
		return
	}
	p := *loser
	p.LookupKey = nil
	o.replacePrice(&p)
	o.emit("price.updated", o.renderPrice(&p, nil), changes(o.renderPrice(loser, nil), o.renderPrice(&p, nil)))
}
