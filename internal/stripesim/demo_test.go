package stripesim_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

// TestDemoUsesEveryPriceShape walks the demo's prices and looks for each shape.
func TestDemoUsesEveryPriceShape(t *testing.T) {
	t.Parallel()
	missing := map[string]func(price) bool{
		"one-time":            func(p price) bool { return p.Recurring == nil },
		"daily":               func(p price) bool { return p.every("day") },
		"weekly":              func(p price) bool { return p.every("week") },
		"monthly":             func(p price) bool { return p.every("month") },
		"yearly":              func(p price) bool { return p.every("year") },
		"every few intervals": func(p price) bool { return p.Recurring != nil && p.Recurring.IntervalCount > 1 },
		"trial":               func(p price) bool { return p.Recurring != nil && p.Recurring.TrialPeriodDays > 0 },
		"metered, sum":        func(p price) bool { return p.metered("sum") },
		"metered, max":        func(p price) bool { return p.metered("max") },
		"metered, last ever":  func(p price) bool { return p.metered("last_ever") },
		"metered, last":       func(p price) bool { return p.metered("last_during_period") },
		"free":                func(p price) bool { return p.UnitAmount != nil && *p.UnitAmount == 0 },
		"12 decimals":         func(p price) bool { return len(p.UnitAmountDecimal) == len("0.")+12 },
		"graduated":           func(p price) bool { return p.TiersMode == "graduated" },
		"volume":              func(p price) bool { return p.TiersMode == "volume" },
		"free tier": func(p price) bool {
			return p.tier(func(t tier) bool { return t.UnitAmount != nil && *t.UnitAmount == 0 })
		},
		"flat tier": func(p price) bool {
			return p.tier(func(t tier) bool { return t.FlatAmount != nil && *t.FlatAmount > 0 })
		},
		"decimal tier": func(p price) bool {
			return p.tier(func(t tier) bool { return strings.Contains(t.UnitAmountDecimal, ".") })
		},
		"open amount":           func(p price) bool { return p.CustomUnitAmount != nil },
		"packages, up":          func(p price) bool { return p.TransformQuantity != nil && p.TransformQuantity.Round == "up" },
		"packages, down":        func(p price) bool { return p.TransformQuantity != nil && p.TransformQuantity.Round == "down" },
		"zero-decimal currency": func(p price) bool { return p.Currency == "jpy" },
		"currencies":            func(p price) bool { return len(p.CurrencyOptions) > 1 },
		"tiers in a currency":   func(p price) bool { return p.option(func(o price) bool { return len(o.Tiers) > 0 }) },
		"open in a currency":    func(p price) bool { return p.option(func(o price) bool { return o.CustomUnitAmount != nil }) },
		"tax inclusive":         func(p price) bool { return p.TaxBehavior == "inclusive" },
		"tax exclusive":         func(p price) bool { return p.TaxBehavior == "exclusive" },
		"tax unspecified":       func(p price) bool { return p.TaxBehavior == "" },
		"lookup key":            func(p price) bool { return p.LookupKey != "" },
		"no lookup key":         func(p price) bool { return p.LookupKey == "" },
		"archived":              func(p price) bool { return p.Active != nil && !*p.Active },
	}
	demo := stripesim.DemoCatalogue()
	for _, raw := range demo.Prices {
		p := read[price](t, raw)
		for name, has := range missing {
			if has(p) {
				delete(missing, name)
			}
		}
	}
	for name := range missing {
		t.Errorf("no price of the demo is %s", name)
	}
	if len(demo.Products) < 12 {
		t.Errorf("%d products, want 12", len(demo.Products))
	}
}

func read[T any](t *testing.T, raw json.RawMessage) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

type price struct {
	Active           *bool
	Currency         string
	CurrencyOptions  map[string]price `json:"currency_options"`
	CustomUnitAmount object           `json:"custom_unit_amount"`
	LookupKey        string           `json:"lookup_key"`
	Recurring        *struct {
		Interval        string
		IntervalCount   int    `json:"interval_count"`
		UsageType       string `json:"usage_type"`
		AggregateUsage  string `json:"aggregate_usage"`
		TrialPeriodDays int    `json:"trial_period_days"`
	}
	TaxBehavior       string `json:"tax_behavior"`
	Tiers             []tier
	TiersMode         string                  `json:"tiers_mode"`
	TransformQuantity *struct{ Round string } `json:"transform_quantity"`
	UnitAmount        *int                    `json:"unit_amount"`
	UnitAmountDecimal string                  `json:"unit_amount_decimal"`
}

type tier struct {
	FlatAmount        *int   `json:"flat_amount"`
	UnitAmount        *int   `json:"unit_amount"`
	UnitAmountDecimal string `json:"unit_amount_decimal"`
}

func (p price) every(interval string) bool {
	return p.Recurring != nil && p.Recurring.Interval == interval
}

func (p price) metered(aggregate string) bool {
	return p.Recurring != nil && p.Recurring.UsageType == "metered" && p.Recurring.AggregateUsage == aggregate
}

func (p price) tier(has func(tier) bool) bool {
	for _, t := range p.Tiers {
		if has(t) {
			return true
		}
	}
	return false
}

func (p price) option(has func(price) bool) bool {
	for _, o := range p.CurrencyOptions {
		if has(o) {
			return true
		}
	}
	return false
}

// TestDemoCouldBeMadeAtStripe creates every object of the demo by the API, in
// live, and gets what test holds: so nothing in it is impossible.
func TestDemoCouldBeMadeAtStripe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account, err := b.Sim.AddDemo()
	if err != nil {
		t.Fatal(err)
	}
	b.Account = account
	demo, err := b.Sim.Dump(account.ID, stripesim.Test)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range demo.Products {
		p := read[object](t, raw)
		delete(p, "default_price") // its prices come later
		b.recreate("/v1/products", p, "updated")
	}
	for _, raw := range demo.Prices {
		p := read[object](t, raw)
		delete(p["currency_options"].(object), p["currency"].(string))
		if p["custom_unit_amount"] != nil {
			p["custom_unit_amount"].(object)["enabled"] = true
		}
		for _, option := range p["currency_options"].(object) {
			if open, ok := option.(object)["custom_unit_amount"].(object); ok {
				open["enabled"] = true
			}
		}
		b.recreate("/v1/prices", p, "id", "type")
	}
	b.ok("GET", "/v1/webhook_endpoints", "", b.live()).wants(t, "data.0.status", "enabled")
	again, err := b.Sim.AddDemo()
	if err != nil || again != account {
		t.Errorf("the second time the demo is %+v, %v", again, err)
	}
	b.ok("GET", "/v1/products/prod_PinePro", "", b.live()) // what went live stays
}

// recreate posts what the object holds and compares what comes back.
func (b bench) recreate(path string, want object, derived ...string) {
	b.t.Helper()
	for _, name := range append(derived, "object", "created", "livemode") {
		delete(want, name)
	}
	form := url.Values{}
	fill(form, "", want)
	a := b.ok("POST", path, form.Encode(), b.live())
	for name, value := range want {
		if name != "tiers" && name != "currency_options" && name != "custom_unit_amount" && fmt.Sprint(a.body[name]) != fmt.Sprint(value) {
			b.t.Errorf("%s is %v, want %v", name, a.body[name], value)
		}
	}
}

// fill encodes an object as Stripe's form: nulls are left out, amounts go as
// decimals only, an open tier is inf.
func fill(form url.Values, prefix string, value any) {
	switch v := value.(type) {
	case object:
		for name, child := range v {
			below := name
			if prefix != "" {
				below = prefix + "[" + name + "]"
			}
			switch {
			case name == "up_to" && child == nil:
				form.Set(below, "inf")
			case v[name+"_decimal"] == nil:
				fill(form, below, child)
			}
		}
	case []any:
		for i, child := range v {
			fill(form, prefix+"["+strconv.Itoa(i)+"]", child)
		}
	case float64:
		form.Set(prefix, strconv.FormatFloat(v, 'f', -1, 64))
	case nil:
	default:
		form.Set(prefix, fmt.Sprint(v))
	}
}

// TestDemoThatWasCutOffIsCompleted: the state file may have been written
// between the account and its objects.
func TestDemoThatWasCutOffIsCompleted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account, err := b.Sim.AddDemo()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Sim.Load(account.ID, stripesim.Test, stripesim.State{}); err != nil {
		t.Fatal(err)
	}
	if again, err := b.Sim.AddDemo(); err != nil || again != account {
		t.Errorf("demo is %+v, %v", again, err)
	}
	b.Account = account
	b.ok("GET", "/v1/products/prod_PinePro", "")
}
