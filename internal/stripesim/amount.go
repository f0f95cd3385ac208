package stripesim

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Texts about amounts. Those of missing and surplus amounts follow Stripe's
// recorded answers, the others are unverified.
const (
	textAmountRequired = "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set."
	textNegative       = "Invalid non-negative integer"
	textTierAmount     = "An entry in the `tiers` array is missing an amount."
	textTierLast       = "The last entry in the `tiers` array must have `up_to` set to `inf`."
	textTierOrder      = "The `up_to` values in the `tiers` array must be increasing, and only the last may be `inf`."
	textTooFewTiers    = "At least one tier is required."
	textCustomDisabled = "`custom_unit_amount[enabled]` must be true."
	textCustomRange    = "The `minimum` of `custom_unit_amount` must not exceed its `preset`, nor the `preset` its `maximum`."
	textCurrency       = "Invalid currency: %s. Stripe currently supports these currencies: %s"
)

// amount is Stripe's pair of a whole number of cents and the exact decimal.
type amount struct {
	whole   *int64
	decimal *string
}

// readAmount reads name or name_decimal, at most one of which may be given.
// The decimal keeps the digits it was sent with; without a fraction it is a
// whole amount as well, with one the whole amount is null.
func (in input) readAmount(prefix, name string) (amount, *apiError) {
	whole, decimal := join(prefix, name), join(prefix, name+"_decimal")
	switch {
	case in.has(name) && in.has(name+"_decimal"):
		return amount{}, exclusiveParams(whole, decimal)
	case in.has(name):
		i := in.integer(name)
		if *i < 0 {
			return amount{}, invalid("parameter_invalid_integer", whole, textNegative)
		}
		s := strconv.FormatInt(*i, 10)
		return amount{i, &s}, nil
	case in.has(name + "_decimal"):
		s := in.text(name + "_decimal")
		if strings.HasPrefix(s, "-") {
			return amount{}, invalid("parameter_invalid_integer", decimal, textNegative)
		}
		return amount{wholeOf(s), &s}, nil
	default:
		return amount{}, nil
	}
}

func wholeOf(decimal string) *int64 {
	r, ok := new(big.Rat).SetString(decimal)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return nil
	}
	i := r.Num().Int64()
	return &i
}

func tierParams() param {
	return array(object(params{
		"flat_amount": integer(), "flat_amount_decimal": decimal(), "unit_amount": integer(), "unit_amount_decimal": decimal(),
		"up_to": param{kind: kindUpTo, required: true},
	}), 0)
}

// readTiers reads ascending tiers of which only the last is open. Zero is an
// amount; none at all is not.
func (in input) readTiers(prefix string) ([]tier, *apiError) {
	path := join(prefix, "tiers")
	var tiers []tier
	for i, each := range in.list("tiers") {
		t, err := each.readTier(join(path, strconv.Itoa(i)))
		if err != nil {
			return nil, err
		}
		if i > 0 && (tiers[i-1].UpTo == nil || t.UpTo != nil && *t.UpTo <= *tiers[i-1].UpTo) {
			return nil, invalid("", path, textTierOrder)
		}
		tiers = append(tiers, t)
	}
	switch {
	case len(tiers) == 0:
		return nil, invalid("", path, textTooFewTiers)
	case tiers[len(tiers)-1].UpTo != nil:
		return nil, invalid("", path, textTierLast)
	}
	return tiers, nil
}

func (in input) readTier(path string) (tier, *apiError) {
	flat, err := in.readAmount(path, "flat_amount")
	if err != nil {
		return tier{}, err
	}
	unit, err := in.readAmount(path, "unit_amount")
	if err != nil {
		return tier{}, err
	}
	if flat.decimal == nil && unit.decimal == nil {
		return tier{}, invalid("", path, textTierAmount)
	}
	t := tier{FlatAmount: flat.whole, FlatAmountDecimal: flat.decimal, UnitAmount: unit.whole, UnitAmountDecimal: unit.decimal}
	if in.text("up_to") != "inf" {
		t.UpTo = in.integer("up_to")
	}
	return t, nil
}

func customAmountParam() param {
	return object(params{"enabled": boolean().must(), "maximum": integer(), "minimum": integer(), "preset": integer()})
}

func (in input) readCustomAmount(prefix string) (*customUnitAmount, *apiError) {
	path := join(prefix, "custom_unit_amount")
	custom := in.object("custom_unit_amount")
	if !custom.flag("enabled") {
		return nil, invalid("", join(path, "enabled"), textCustomDisabled)
	}
	c := &customUnitAmount{Maximum: custom.integer("maximum"), Minimum: custom.integer("minimum"), Preset: custom.integer("preset")}
	if exceeds(c.Minimum, c.Preset) || exceeds(c.Preset, c.Maximum) || exceeds(c.Minimum, c.Maximum) {
		return nil, invalid("", path, textCustomRange)
	}
	return c, nil
}

func exceeds(a, b *int64) bool { return a != nil && b != nil && *a > *b }

// readCurrency accepts any case and answers the lower one, as Stripe does.
func readCurrency(param, value string) (string, *apiError) {
	currency := strings.ToLower(value)
	if !slices.Contains(currencies, currency) {
		return "", invalid("", param, textCurrency, currency, strings.Join(currencies, ", "))
	}
	return currency, nil
}

// currencies that Stripe can charge in.
var currencies = strings.Fields(`usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd
bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl
hrk htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop
mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd
shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw`)
