package stripesim_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

func TestListsArePagedNewestFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 12 {
		b.product(fmt.Sprintf("p%02d", i))
	}
	list := func(query string) reply { return b.ok("GET", "/v1/products?"+query, "") }
	list("").wants(t, "object", "list", "url", "/v1/products", "has_more", "true", "data.0.id", "p11", "data.9.id", "p02", "data.10.id", "<none>")
	list("limit=12").wants(t, "has_more", "false", "data.11.id", "p00")
	list("limit=2&starting_after=p02").wants(t, "has_more", "false", "data.0.id", "p01", "data.1.id", "p00")
	list("limit=1&starting_after=p02").wants(t, "has_more", "true", "data.0.id", "p01")
	list("starting_after=p00").wants(t, "has_more", "false", "data", "[]")
	if a := list("limit=2&ending_before=p08"); a.ids() != "p10 p09" || a.get("has_more") != "true" {
		t.Errorf("before p08: %s, more %s", a.ids(), a.get("has_more"))
	}
	if a := list("limit=3&ending_before=p08"); a.ids() != "p11 p10 p09" || a.get("has_more") != "false" {
		t.Errorf("before p08: %s, more %s", a.ids(), a.get("has_more"))
	}
	if a := list("ids[]=p03&ids[]=p07&ids[]=none"); a.ids() != "p07 p03" {
		t.Errorf("by ids: %s", a.ids())
	}
}

func TestListParametersAreChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("p")
	for _, c := range []struct{ path, code, param, message string }{
		{"products?limit=0", "parameter_invalid_integer", "limit", "greater than or equal to 1"},
		{"products?limit=101", "parameter_invalid_integer", "limit", "less than or equal to 100 (it currently is '101')"},
		{"products?starting_after=none", "resource_missing", "starting_after", "No such product: 'none'"},
		{"products?ending_before=p&starting_after=p", "parameters_exclusive", "starting_after", "only specify one"},
		{"products?name=x", "parameter_unknown", "name", "unknown parameter"},
		{"products?created[before]=1", "parameter_unknown", "created[before]", "unknown parameter"},
		{"products?created=now", "parameter_invalid_integer", "created", "Invalid integer"},
		{"prices?product=none", "resource_missing", "product", "No such product: 'none'"},
		{"prices?starting_after=price_none", "resource_missing", "starting_after", "No such price: 'price_none'"},
		{
			"prices?" + "lookup_keys[]=a&lookup_keys[]=b&lookup_keys[]=c&lookup_keys[]=d&lookup_keys[]=e&lookup_keys[]=f&lookup_keys[]=g&lookup_keys[]=h&lookup_keys[]=i&lookup_keys[]=j&lookup_keys[]=k",
			"", "lookup_keys", "maximum 10",
		},
	} {
		b.refused(400, "GET", "/v1/"+c.path, "", "code", c.code, "param", c.param, "message", c.message)
	}
	b.must("GET", "/v1/prices?product=p", "", b.live()).isRefusal(t, 400, "message", "a similar object exists in test mode")
}

func TestPricesAreListedActiveOnlyUnlessAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	b.product("other")
	once := b.price("plan", "")
	archived := b.price("plan", "active=false&lookup_key=old")
	monthly := b.price("plan", "recurring[interval]=month&recurring[usage_type]=metered&lookup_key=m")
	euro := b.ok("POST", "/v1/prices", "product=other&currency=eur&unit_amount=5&lookup_key=e").get("id")
	for query, want := range map[string]string{
		"":                          euro + " " + monthly + " " + once,
		"active=true":               euro + " " + monthly + " " + once,
		"active=false":              archived,
		"product=plan":              monthly + " " + once,
		"product=plan&active=false": archived,
		"product=other&starting_after=" + monthly: "",
		"product=plan&starting_after=" + euro:     monthly + " " + once,
		"currency=eur":                            euro,
		"type=recurring":                          monthly,
		"type=one_time&product=plan":              once,
		"recurring[usage_type]=metered":           monthly,
		"recurring[interval]=year":                "",
		"lookup_keys[]=old":                       "",
		"lookup_keys[]=e&lookup_keys[]=m":         euro + " " + monthly,
		"lookup_keys[]=e&product=plan":            "",
	} {
		if got := b.ok("GET", "/v1/prices?"+query, "").ids(); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestListsByTimeOfCreation(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	s := simtest.StartWith(t, stripesim.Config{Now: func() time.Time { return now }})
	b := bench{s, t}
	b.product("a")
	s.Sim.Advance(time.Hour)
	b.product("b")
	s.Sim.Advance(time.Hour)
	b.product("c")
	for query, want := range map[string]string{
		"created=1700003600":                              "b",
		"created[gt]=1700003600":                          "c",
		"created[gte]=1700003600":                         "c b",
		"created[lt]=1700003600":                          "a",
		"created[gte]=1700000000&created[lte]=1700003600": "b a",
	} {
		if got := b.ok("GET", "/v1/products?"+query, "").ids(); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	b.ok("POST", "/v1/products/a", "name=New").wants(t, "created", "1700000000", "updated", "1700007200")
	b.ok("POST", "/v1/products/b", "name=Plan").wants(t, "updated", "1700003600") // nothing changed
}

func TestExpand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ok("POST", "/v1/products", "id=plan&name=Plan&tax_code=txcd_10000000")
	id := b.ok("POST", "/v1/prices", "product=plan&currency=usd&"+tiers).get("id")
	b.ok("POST", "/v1/products/plan", "default_price="+id)

	a := b.ok("GET", "/v1/prices/"+id, "")
	if a.has("tiers") || a.has("currency_options") {
		t.Errorf("expandable properties are there unasked: %s", a.text)
	}
	b.ok("GET", "/v1/prices/"+id+"?expand[]=tiers&expand[]=currency_options&expand[]=product.default_price.tiers", "").wants(t,
		"tiers.0.up_to", "5", "currency_options.usd.tiers", "<nil>", "product.id", "plan", "product.default_price.tiers.0.up_to", "5")
	b.ok("GET", "/v1/prices?expand[]=data.currency_options.usd.tiers&expand[]=data.product", "").wants(t,
		"data.0.currency_options.usd.tiers.0.up_to", "5", "data.0.tiers", "<nil>", "data.0.product.name", "Plan")
	b.ok("GET", "/v1/products?expand[]=data.default_price&expand[]=data.tax_code", "").wants(t,
		"data.0.default_price.id", id, "data.0.tax_code.id", "txcd_10000000")
	b.ok("POST", "/v1/prices/"+id, "nickname=N&expand[0]=product").wants(t, "product.name", "Plan")

	for path, message := range map[string]string{
		"prices?expand[]=tiers":                                            "This property cannot be expanded (tiers). You may want to try expanding 'data.tiers' instead.",
		"prices?expand[]=data.bogus":                                       "This property cannot be expanded (data.bogus).",
		"prices/" + id + "?expand[]=recurring":                             "This property cannot be expanded (recurring).",
		"prices/" + id + "?expand[]=currency":                              "cannot be expanded",
		"products/plan?expand[]=images":                                    "cannot be expanded",
		"balance?expand[]=available":                                       "cannot be expanded",
		"prices?expand[]=data.product.default_price.product.default_price": "more than 4 levels",
	} {
		b.refused(400, "GET", "/v1/"+path, "", "param", "expand", "message", message)
	}
}

// TestStripeGoReadsAllPrices pages through a large catalogue with the
// SDK that Golive uses, a hundred at a time.
func TestStripeGoReadsAllPrices(t *testing.T) {
	t.Parallel()
	s := simtest.Start(t)
	const products, each = 1000, 3
	seedMany(t, s, products, each)
	sdk := stripeGo(s, s.Account.TestKey)
	seen := map[string]bool{}
	params := &stripe.PriceListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(100)}}
	params.AddExpand("data.tiers")
	params.AddExpand("data.currency_options")
	prices := sdk.Prices.List(params)
	for prices.Next() {
		seen[prices.Price().ID] = true
	}
	if err := prices.Err(); err != nil {
		t.Fatal(err)
	}
	if len(seen) != products*each {
		t.Errorf("read %d different prices, want %d", len(seen), products*each)
	}
}

func stripeGo(s *simtest.Server, key string) *client.API {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(s.URL), MaxNetworkRetries: stripe.Int64(0), LeveledLogger: &stripe.LeveledLogger{},
	})
	return client.New(key, &stripe.Backends{API: backend})
}

func seedMany(t testing.TB, s *simtest.Server, products, each int) {
	t.Helper()
	var rawProducts, rawPrices []json.RawMessage
	for i := range products {
		rawProducts = append(rawProducts, fmt.Appendf(nil, `{"id":"prod_%d","name":"Plan %d"}`, i, i))
		for j := range each {
			rawPrices = append(rawPrices, fmt.Appendf(nil,
				`{"id":"price_%d_%d","product":"prod_%d","currency":"usd","unit_amount":%d,"recurring":{"interval":"month"}}`, i, j, i, 100+j))
		}
	}
	if err := s.Sim.Seed(s.Account.ID, stripesim.Test, rawProducts, rawPrices); err != nil {
		t.Fatal(err)
	}
}
