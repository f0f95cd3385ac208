package stripesim

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
)

type price struct {
	ID            string `json:"id"`
	Object        string `json:"object"`
	Active        bool   `json:"active"`
	BillingScheme string `json:"billing_scheme"`
	Created       int64  `json:"created"`
	Currency      string `json:"currency"`
	// CurrencyOptions hold the other currencies only; the price's own is added
	// when they are expanded.
	CurrencyOptions   map[string]currencyOption `json:"currency_options,omitempty"`
	CustomUnitAmount  *customUnitAmount         `json:"custom_unit_amount"`
	Livemode          bool                      `json:"livemode"`
	LookupKey         *string                   `json:"lookup_key"`
	Metadata          map[string]string         `json:"metadata"`
	Nickname          *string                   `json:"nickname"`
	Product           ref                       `json:"product"`
	Recurring         *recurring                `json:"recurring"`
	TaxBehavior       string                    `json:"tax_behavior"`
	Tiers             []tier                    `json:"tiers,omitempty"`
	TiersMode         *string                   `json:"tiers_mode"`
	TransformQuantity *transformQuantity        `json:"transform_quantity"`
	Type              string                    `json:"type"`
	UnitAmount        *int64                    `json:"unit_amount"`
	UnitAmountDecimal *string                   `json:"unit_amount_decimal"`
}

type recurring struct {
	AggregateUsage *string `json:"aggregate_usage"`
	Interval       string  `json:"interval"`
	IntervalCount  int64   `json:"interval_count"`
	// Meter can only be seeded: the public document of this version knows none, so
	// no request takes it, and the answer leaves it out where there is none.
	Meter *string `json:"meter,omitempty"`
	// TrialPeriodDays is in Stripe's SDK document and in its answers, though
	// its public document of this version leaves it out.
	TrialPeriodDays *int64 `json:"trial_period_days"`
	UsageType       string `json:"usage_type"`
}

type tier struct {
	FlatAmount        *int64  `json:"flat_amount"`
	FlatAmountDecimal *string `json:"flat_amount_decimal"`
	UnitAmount        *int64  `json:"unit_amount"`
	UnitAmountDecimal *string `json:"unit_amount_decimal"`
	UpTo              *int64  `json:"up_to"`
}

type customUnitAmount struct {
	Maximum *int64 `json:"maximum"`
	Minimum *int64 `json:"minimum"`
	Preset  *int64 `json:"preset"`
}

type transformQuantity struct {
	DivideBy int64  `json:"divide_by"`
	Round    string `json:"round"`
}

type currencyOption struct {
	CustomUnitAmount  *customUnitAmount `json:"custom_unit_amount"`
	TaxBehavior       string            `json:"tax_behavior"`
	Tiers             []tier            `json:"tiers,omitempty"`
	UnitAmount        *int64            `json:"unit_amount"`
	UnitAmountDecimal *string           `json:"unit_amount_decimal"`
}

func priceRoutes() []*route {
	return []*route{
		{method: "GET", template: "/v1/prices", resource: "prices", answers: targetPriceList, run: listPrices, params: priceListParams()},
		{method: "POST", template: "/v1/prices", resource: "prices", answers: targetPrice, run: createPrice, params: priceCreateParams()},
		{method: "GET", template: "/v1/prices/{id}", resource: "prices", answers: targetPrice, run: getPrice},
		{method: "POST", template: "/v1/prices/{id}", resource: "prices", answers: targetPrice, run: updatePrice, params: priceUpdateParams()},
	}
}

// maxLookupKeys is how many a list may be filtered by.
const maxLookupKeys = 10

func priceListParams() params {
	return listParams(params{
		"active": boolean(), "created": createdParam(), "currency": name(0),
		"lookup_keys": array(name(200), maxLookupKeys), "product": name(5000),
		"recurring": object(params{"interval": intervalParam(), "usage_type": oneOf("licensed", "metered")}),
		"type":      oneOf("one_time", "recurring"),
	})
}

// renderPrice leaves out what Stripe leaves out unless it is expanded.
func (st *store) renderPrice(p *price, x expansion) any {
	v := *p
	if !x.has("tiers") {
		v.Tiers = nil
	}
	v.CurrencyOptions = nil
	if x.has("currency_options") {
		v.CurrencyOptions = p.allCurrencies(x["currency_options"])
	}
	if x.has("product") {
		if of, ok := st.products.get(v.Product.id); ok {
			v.Product.object = st.renderProduct(of, x["product"])
		}
	}
	return v
}

// allCurrencies are the options with the price's own currency among them.
func (p *price) allCurrencies(x expansion) map[string]currencyOption {
	all := map[string]currencyOption{p.Currency: {
		CustomUnitAmount: p.CustomUnitAmount, TaxBehavior: p.TaxBehavior, Tiers: p.Tiers,
		UnitAmount: p.UnitAmount, UnitAmountDecimal: p.UnitAmountDecimal,
	}}
	for currency, option := range p.CurrencyOptions {
		all[currency] = option
	}
	for currency, option := range all {
		if !x[currency].has("tiers") {
			option.Tiers = nil
			all[currency] = option
		}
	}
	return all
}

func (o *op) findPrice() (*price, *apiError) {
	p, ok := o.prices.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounPrice, o.pathID, "price")
	}
	return p, nil
}

func getPrice(o *op) (any, *apiError) {
	p, err := o.findPrice()
	if err != nil {
		return nil, err
	}
	return o.renderPrice(p, o.expand), o.checkCurrencies(p, o.expand, "")
}

// checkCurrencies refuses, if the call is to be strict, a currency that p lacks.
func (o *op) checkCurrencies(p *price, x expansion, prefix string) *apiError {
	if !o.fault.is(StrictExpand) {
		return nil
	}
	has := p.allCurrencies(nil)
	for _, currency := range slices.Sorted(maps.Keys(x["currency_options"])) {
		if _, ok := has[currency]; !ok {
			return cannotExpand(prefix+"currency_options."+currency+".tiers", targetPrice)
		}
	}
	return nil
}

// listPrices answers active prices only, unless active says otherwise.
func listPrices(o *op) (any, *apiError) {
	source, err := o.priceSource()
	if err != nil {
		return nil, err
	}
	active := !o.in.has("active") || o.in.flag("active")
	created := o.in.created()
	var lacks *apiError
	page, err := listOf(o, o.prices, source, nounPrice, func(p *price) bool {
		return p.Active == active && created(p.Created) && o.in.matchesPrice(p)
	}, func(p *price, x expansion) any {
		lacks = cmp.Or(lacks, o.checkCurrencies(p, x, "data."))
		return o.renderPrice(p, x)
	})
	return page, cmp.Or(err, lacks)
}

// priceSource narrows by index what would be a scan of the whole catalogue.
func (o *op) priceSource() (ordered[price], *apiError) {
	if o.in.has("product") {
		id := o.in.text("product")
		if _, ok := o.products.get(id); !ok {
			return nil, o.missing(http.StatusBadRequest, nounProduct, id, "product")
		}
		if of := o.byProduct[id]; of != nil {
			return *of, nil
		}
		return nil, nil
	}
	if !o.in.has("lookup_keys") {
		return o.prices.all, nil
	}
	var ids []string
	for _, key := range o.in.texts("lookup_keys") {
		ids = append(ids, o.byLookupKey[key])
	}
	return o.prices.subset(ids), nil
}

func (in input) matchesPrice(p *price) bool {
	cycle := in.object("recurring")
	return in.filter("currency", func(v string) bool { return p.Currency == v }) &&
		in.filter("type", func(v string) bool { return p.Type == v }) &&
		(!in.has("lookup_keys") || p.LookupKey != nil && slices.Contains(in.texts("lookup_keys"), *p.LookupKey)) &&
		cycle.filter("interval", func(v string) bool { return p.Recurring != nil && p.Recurring.Interval == v }) &&
		cycle.filter("usage_type", func(v string) bool { return p.Recurring != nil && p.Recurring.UsageType == v })
}
