package stripesim

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

type coupon struct {
	ID               string                  `json:"id"`
	Object           string                  `json:"object"`
	AmountOff        *int64                  `json:"amount_off"`
	AppliesTo        *appliesTo              `json:"applies_to,omitempty"`
	Created          int64                   `json:"created"`
	Currency         *string                 `json:"currency"`
	CurrencyOptions  map[string]couponOption `json:"currency_options,omitempty"`
	Duration         string                  `json:"duration"`
	DurationInMonths *int64                  `json:"duration_in_months"`
	Livemode         bool                    `json:"livemode"`
	MaxRedemptions   *int64                  `json:"max_redemptions"`
	Metadata         map[string]string       `json:"metadata"`
	Name             *string                 `json:"name"`
	PercentOff       *json.Number            `json:"percent_off"`
	RedeemBy         *int64                  `json:"redeem_by"`
	TimesRedeemed    int64                   `json:"times_redeemed"`
	Valid            bool                    `json:"valid"`
}

type appliesTo struct {
	Products []string `json:"products"`
}

type couponOption struct {
	AmountOff int64 `json:"amount_off"`
}

// Texts about coupons, unverified but for the duplicate.
const (
	textCouponExists   = "Coupon already exists."
	textCouponWorth    = "You must pass exactly one of `percent_off` and `amount_off`."
	textCouponPercent  = "Percent off must be greater than 0 and at most 100."
	textCouponMonths   = "You must pass `duration_in_months` exactly when `duration` is `repeating`."
	textCouponRedeemBy = "The `redeem_by` must be in the future."
)

func couponRoutes() []*route {
	options := dict(object(params{"amount_off": integer().must()}))
	return []*route{
		{method: "GET", template: "/v1/coupons", resource: "coupons", answers: targetCouponList, run: listCoupons, params: listParams(params{"created": createdParam()})},
		{method: "POST", template: "/v1/coupons", resource: "coupons", answers: targetCoupon, run: createCoupon, params: params{
			"amount_off": integer(), "applies_to": object(params{"products": array(name(5000), 0)}), "currency": name(0),
			"currency_options": options, "duration": oneOf("forever", "once", "repeating"), "duration_in_months": integer(),
			"id": name(5000), "max_redemptions": integer(), "metadata": metadataParam(), "name": text(40),
			"percent_off": number(), "redeem_by": integer(),
		}},
		{method: "GET", template: "/v1/coupons/{id}", resource: "coupons", answers: targetCoupon, run: getCoupon},
		{
			method: "POST", template: "/v1/coupons/{id}", resource: "coupons", answers: targetCoupon, run: updateCoupon,
			params: params{"currency_options": options, "metadata": metadataParam(), "name": text(40)},
		},
		{method: "DELETE", template: "/v1/coupons/{id}", resource: "coupons", run: deleteCoupon},
	}
}

func (o *op) renderCoupon(c *coupon, x expansion) any {
	v := *c
	v.Valid = (c.RedeemBy == nil || *c.RedeemBy > o.created()) && (c.MaxRedemptions == nil || c.TimesRedeemed < *c.MaxRedemptions)
	if !x.has("applies_to") {
		v.AppliesTo = nil
	}
	if !x.has("currency_options") {
		v.CurrencyOptions = nil
	} else if c.AmountOff != nil {
		v.CurrencyOptions = maps.Clone(c.CurrencyOptions)
		v.CurrencyOptions[*c.Currency] = couponOption{*c.AmountOff}
	}
	return v
}

func (o *op) findCoupon() (*coupon, *apiError) {
	c, ok := o.coupons.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounCoupon, o.pathID, "coupon")
	}
	return c, nil
}

func getCoupon(o *op) (any, *apiError) {
	c, err := o.findCoupon()
	if err != nil {
		return nil, err
	}
	return o.renderCoupon(c, o.expand), nil
}

func listCoupons(o *op) (any, *apiError) {
	created := o.in.created()
	return listOf(o, o.coupons, o.coupons.all, nounCoupon,
		func(c *coupon) bool { return created(c.Created) }, o.renderCoupon)
}

func createCoupon(o *op) (any, *apiError) {
	c, err := o.newCoupon()
	if err != nil {
		return nil, err
	}
	if _, taken := o.coupons.get(c.ID); taken {
		err := refused("", textCouponExists)
		err.code = "resource_already_exists"
		return nil, err
	}
	o.coupons.add(c.ID, c.Created, c)
	o.emit("coupon.created", o.renderCoupon(c, nil), nil)
	return o.renderCoupon(c, o.expand), nil
}

func (o *op) newCoupon() (c *coupon, err *apiError) {
	in := o.in
	c = &coupon{
		ID: in.textOr("id", newID("", 8)), Object: "coupon", AmountOff: in.integer("amount_off"), Created: o.created(),
		Duration: in.textOr("duration", "once"), DurationInMonths: in.integer("duration_in_months"), Livemode: o.mode == Live,
		MaxRedemptions: in.integer("max_redemptions"), RedeemBy: in.integer("redeem_by"), CurrencyOptions: map[string]couponOption{},
	}
	if c.Metadata, err = in.mergeMetadata(nil); err != nil {
		return nil, err
	}
	in.setText("name", &c.Name)
	if err := c.setWorth(in); err != nil {
		return nil, err
	}
	switch {
	case (c.Duration == "repeating") != (c.DurationInMonths != nil):
		return nil, invalid("", "duration_in_months", textCouponMonths)
	case c.RedeemBy != nil && *c.RedeemBy <= o.created():
		return nil, invalid("", "redeem_by", textCouponRedeemBy)
	}
	if in.has("applies_to") {
		return c, o.restrictCoupon(c)
	}
	return c, nil
}

func (c *coupon) setWorth(in input) (err *apiError) {
	if in.has("percent_off") == in.has("amount_off") {
		return invalid("", "percent_off", textCouponWorth)
	}
	if in.has("percent_off") {
		percent := in.number("percent_off")
		c.PercentOff = &percent
		if f, _ := strconv.ParseFloat(in.text("percent_off"), 64); f <= 0 || f > 100 {
			return invalid("", "percent_off", textCouponPercent)
		}
		return nil
	}
	if *c.AmountOff <= 0 {
		return invalid("parameter_invalid_integer", "amount_off", "Invalid positive integer")
	}
	if !in.has("currency") {
		return missingParam("currency")
	}
	currency, err := readCurrency("currency", in.text("currency"))
	c.Currency = &currency
	if err != nil {
		return err
	}
	return c.mergeOptions(in)
}

func (c *coupon) mergeOptions(in input) *apiError {
	merged := maps.Clone(c.CurrencyOptions)
	given := in.object("currency_options")
	for _, name := range given.names() {
		currency, err := readCurrency(join("currency_options", name), strings.ToLower(name))
		if err != nil {
			return err
		}
		merged[currency] = couponOption{*given.object(name).integer("amount_off")}
	}
	c.CurrencyOptions = merged
	return nil
}

// restrictCoupon limits the coupon to products that exist.
func (o *op) restrictCoupon(c *coupon) *apiError {
	c.AppliesTo = &appliesTo{Products: o.in.object("applies_to").texts("products")}
	for i, id := range slices.All(c.AppliesTo.Products) {
		if _, ok := o.products.get(id); !ok {
			return o.missing(http.StatusBadRequest, nounProduct, id, join("applies_to[products]", strconv.Itoa(i)))
		}
	}
	return nil
}

func updateCoupon(o *op) (any, *apiError) {
	old, err := o.findCoupon()
	if err != nil {
		return nil, err
	}
	c := *old
	if c.Metadata, err = o.in.mergeMetadata(c.Metadata); err != nil {
		return nil, err
	}
	o.in.setText("name", &c.Name)
	if err := c.mergeOptions(o.in); err != nil {
		return nil, err
	}
	if changes(old, &c) != nil {
		o.coupons.replace(c.ID, &c)
		o.emit("coupon.updated", o.renderCoupon(&c, nil), changes(o.renderCoupon(old, nil), o.renderCoupon(&c, nil)))
	}
	return o.renderCoupon(&c, o.expand), nil
}

func deleteCoupon(o *op) (any, *apiError) {
	c, err := o.findCoupon()
	if err != nil {
		return nil, err
	}
	o.coupons.remove(c.ID)
	o.emit("coupon.deleted", o.renderCoupon(c, nil), nil)
	return deleted{ID: c.ID, Object: "coupon", Deleted: true}, nil
}
