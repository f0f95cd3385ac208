package stripesim

import (
	"maps"
)

// textArchiveDefault is recorded.
const textArchiveDefault = "This price cannot be archived because it is the default price of its product."

// Texts about updating prices, unverified.
const (
	textTaxLocked      = "The `tax_behavior` of a price cannot be changed once it is `exclusive` or `inclusive`."
	textOptionAmount   = "A currency option needs exactly one of `unit_amount`, `unit_amount_decimal`, `custom_unit_amount` or `tiers`."
	textOptionMismatch = "A currency option must use the same billing scheme as the price."
)

func currencyOptionsParam() param {
	return dict(object(params{
		"custom_unit_amount": customAmountParam(), "tax_behavior": taxBehaviorParam(), "tiers": tierParams(),
		"unit_amount": integer(), "unit_amount_decimal": decimal(),
	}))
}

// priceUpdateParams leave out all that Stripe never changes: amounts, currency,
// product, recurring. Sending one of those is an unknown parameter.
func priceUpdateParams() params {
	return params{
		"active": boolean(), "currency_options": currencyOptionsParam().orEmpty(), "lookup_key": text(200),
		"metadata": metadataParam(), "nickname": text(5000), "tax_behavior": taxBehaviorParam(), "transfer_lookup_key": boolean(),
	}
}

func updatePrice(o *op) (any, *apiError) {
	old, err := o.findPrice()
	if err != nil {
		return nil, err
	}
	p := *old
	if err := o.applyPrice(&p); err != nil {
		return nil, err
	}
	loser, err := o.claimLookupKey(&p)
	if err != nil {
		return nil, err
	}
	if changed := changes(old, &p); changed != nil {
		o.takeLookupKey(loser)
		o.replacePrice(&p)
		o.emit("price.updated", o.renderPrice(&p, nil), changes(o.renderPrice(old, nil), o.renderPrice(&p, nil)))
	}
	return o.renderPrice(&p, o.expand), nil
}

func (o *op) applyPrice(p *price) (err *apiError) {
	if p.Metadata, err = o.in.mergeMetadata(p.Metadata); err != nil {
		return err
	}
	o.in.setBool("active", &p.Active)
	o.in.setText("nickname", &p.Nickname)
	o.in.setText("lookup_key", &p.LookupKey)
	if p.TaxBehavior, err = o.in.changeTaxBehavior(p.TaxBehavior, "tax_behavior"); err != nil {
		return err
	}
	if p.CurrencyOptions, err = o.in.mergeCurrencyOptions(p); err != nil {
		return err
	}
	if of, ok := o.products.get(p.Product.id); ok && !p.Active && of.DefaultPrice.id == p.ID {
		return refused("active", textArchiveDefault)
	}
	return nil
}

// changeTaxBehavior moves from unspecified only; saying it again is fine.
func (in input) changeTaxBehavior(old, param string) (string, *apiError) {
	wanted := in.textOr("tax_behavior", old)
	if wanted != old && old != "unspecified" {
		return "", refused(param, textTaxLocked)
	}
	return wanted, nil
}

// mergeCurrencyOptions returns the price's options with the request's merged in
// by currency; an empty currency_options clears all.
func (in input) mergeCurrencyOptions(p *price) (map[string]currencyOption, *apiError) {
	if !in.has("currency_options") {
		return p.CurrencyOptions, nil
	}
	merged := maps.Clone(p.CurrencyOptions)
	if merged == nil || in.cleared("currency_options") {
		merged = map[string]currencyOption{}
	}
	given := in.object("currency_options")
	for _, name := range given.names() {
		path := join("currency_options", name)
		currency, err := readCurrency(path, name)
		if err != nil {
			return nil, err
		}
		if currency == p.Currency {
			return nil, invalid("", path, textOwnCurrency)
		}
		option, exists := merged[currency]
		if !exists {
			option.TaxBehavior = "unspecified"
		}
		if err := option.apply(p, given.object(name), path, exists); err != nil {
			return nil, err
		}
		merged[currency] = option
	}
	return merged, nil
}

// apply merges one currency's parameters. Its amount is replaced as a whole; an
// option that exists may leave it as it is.
func (option *currencyOption) apply(p *price, in input, path string, exists bool) (err *apiError) {
	if option.TaxBehavior, err = in.changeTaxBehavior(option.TaxBehavior, join(path, "tax_behavior")); err != nil {
		return err
	}
	amounts := 0
	for _, param := range []string{"unit_amount", "unit_amount_decimal", "custom_unit_amount", "tiers"} {
		if in.has(param) {
			amounts++
		}
	}
	switch {
	case amounts == 0 && exists:
		return nil
	case amounts != 1:
		return invalid("", path, textOptionAmount)
	case in.has("tiers") != (p.BillingScheme == "tiered"), in.has("custom_unit_amount") != (p.CustomUnitAmount != nil):
		return invalid("", path, textOptionMismatch)
	}
	return option.setAmount(in, path)
}

func (option *currencyOption) setAmount(in input, path string) (err *apiError) {
	switch {
	case in.has("tiers"):
		option.Tiers, err = in.readTiers(path)
	case in.has("custom_unit_amount"):
		option.CustomUnitAmount, err = in.readCustomAmount(path)
	default:
		var unit amount
		unit, err = in.readAmount(path, "unit_amount")
		option.UnitAmount, option.UnitAmountDecimal = unit.whole, unit.decimal
	}
	return err
}
