package stripegw_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
)

// What follows no orderly Stripe does, or none does on demand.

func TestPriceArchivedBetweenTheListsCountsOnce(t *testing.T) {
	t.Parallel()
	a := answering(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"data":[{"id":"price_1","lookup_key":"pro","active":%s}]}`, r.URL.Query().Get("active"))
	})
	prices, err := a.PricesByLookupKeys(t.Context(), []string{"pro", "pro"})
	if err != nil || len(prices) != 1 {
		t.Errorf("%d prices, error %v", len(prices), err)
	}
}

func TestTiersThatNeverComeAreAskedForOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	a := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		io.WriteString(w, `{"id":"price_1","billing_scheme":"tiered","currency":"usd","currency_options":{"usd":{},"eur":{}}}`)
	})
	if p, err := a.Price(t.Context(), "price_1"); err != nil || p.ID != "price_1" || calls.Load() != 2 {
		t.Errorf("price %v, error %v, %d calls", p, err, calls.Load())
	}
}

func TestDeletedProductIsMissing(t *testing.T) {
	t.Parallel()
	a := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"id":"prod_1","object":"product","deleted":true}`)
	})
	if p, err := a.Product(t.Context(), "prod_1"); p != nil || err != nil {
		t.Errorf("product %v, error %v", p, err)
	}
}

// Whoever has to find out why reads stopped needs to know where Stripe's answer was
// not as expected; what it held there may be anybody's.
func TestAnAnswerOfAnotherShapeIsToldByItsField(t *testing.T) {
	t.Parallel()
	webhooks := func(a *stripegw.Account) error { _, err := a.WebhookEndpoints(t.Context()); return err }
	price := func(a *stripegw.Account) error { _, err := a.Price(t.Context(), "price_1"); return err }
	send := func(a *stripegw.Account) error { _, err := a.Send(t.Context(), write); return err }
	for _, c := range []struct {
		ask        func(*stripegw.Account) error
		body, want string
	}{
		{webhooks, `{"data":[{"id":"we_1","url":4711}],"has_more":false}`, `webhook endpoint "we_1" as Stripe returned it: url: got number, want string`},
		{webhooks, `[]`, "got array, want struct"},
		{webhooks, `{}`, "not the object requested"},
		{webhooks, `null`, "not the object requested"},
		{webhooks, `{"data":[],"has_more":true}`, "not the object requested"}, // more than it has
		{price, `{"id":"price_1","unit_amount_decimal":"private 4711"}`, "unit_amount_decimal: got no plain decimal, want string"},
		{price, `{"id":"price_1","currency_options":{"private":{"tax_behavior":{"a":"4711"}}}}`, "tax_behavior: got object, want string"},
		{send, `{"id":4711}`, "id: got number, want string"},
	} {
		t.Run(c.body, func(t *testing.T) {
			t.Parallel()
			err := c.ask(answering(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, c.body) }))
			wantKind(t, err, catalog.KindUnavailable)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "private") || strings.Contains(err.Error(), "4711") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// A list is read on from the last object of the page before, which somebody may
// have deleted since. That is no product without prices.
func TestAListWhoseCursorDisappearsIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ gone, lists int32 }{"once": {1, 4}, "always": {1000, 8}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var gone, lists atomic.Int32
			a := answering(t, func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				switch {
				case r.URL.Path != "/v1/prices":
					io.WriteString(w, `{"id":"prod_x","name":"x"}`)
				case q.Get("active") != "true":
					io.WriteString(w, `{"data":[],"has_more":false}`)
				case lists.Add(1) > 0 && q.Get("starting_after") == "":
					io.WriteString(w, `{"data":[{"id":"price_1","product":"prod_x","active":true}],"has_more":true}`)
				case gone.Add(1) <= c.gone:
					w.WriteHeader(http.StatusBadRequest)
					io.WriteString(w, `{"error":{"type":"invalid_request_error","code":"resource_missing","param":"starting_after","message":"No such price: 'price_1'"}}`)
				default:
					io.WriteString(w, `{"data":[{"id":"price_2","product":"prod_x","active":true}],"has_more":false}`)
				}
			})
			snapshot, err := a.Snapshot(t.Context(), "prod_x", nil)
			if c.gone == 1 && (err != nil || len(snapshot.Prices) != 2) {
				t.Errorf("%+v, %v", snapshot, err)
			}
			if c.gone > 1 {
				wantKind(t, err, catalog.KindConflict)
			}
			if lists.Load() != c.lists {
				t.Errorf("%d calls", lists.Load())
			}
		})
	}
}

func TestAProductDeletedWhileAllAreListed(t *testing.T) {
	t.Parallel()
	s := start(t)
	var products []string
	for i := range 150 {
		products = append(products, fmt.Sprintf(`{"id":"prod_%03d","name":"P","created":%d}`, i, 1_700_000_000+i))
	}
	s.seed(t, stripesim.Test, products, nil)
	hold := set(t, s, stripesim.Fault{Kind: stripesim.Hold, At: stripesim.AtArrival, Match: stripesim.Match{Method: "GET", Path: "^/v1/products$", Nth: 2}})
	var all []catalog.Snapshot
	ended := make(chan error, 1)
	go func() {
		var err error
		all, err = s.test.Catalogue(t.Context(), nil)
		ended <- err
	}()
	if _, err := s.Sim.Held(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.URL+"/v1/products/prod_050", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(s.Account.TestKey, "")
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	res.Body.Close()
	s.Sim.Release("", false)
	if err := <-ended; err != nil || len(all) != 149 {
		t.Errorf("%d products, %v", len(all), err)
	}
}

// Stripe may refuse to expand a currency's tiers in a list where one of the prices
// lacks that currency.
func TestTiersThatAListRefusesAreReadOneByOne(t *testing.T) {
	t.Parallel()
	s := start(t)
	var prices []string
	for i := range 120 {
		price := fmt.Sprintf(`"id":"price_%03d","product":"prod_1","currency":"usd","created":%d`, i, 1_700_000_000-i)
		switch i {
		case 5, 110: // one on each page
			prices = append(prices, `{`+price+`,"billing_scheme":"tiered","tiers_mode":"volume","recurring":{"interval":"month"},
				"tiers":[{"unit_amount":1,"unit_amount_decimal":"1","up_to":null}],
				"currency_options":{"eur":{"tax_behavior":"unspecified","tiers":[{"unit_amount":7,"unit_amount_decimal":"7","up_to":null}]}}}`)
		default:
			prices = append(prices, `{`+price+`,"unit_amount":1}`)
		}
	}
	s.seed(t, stripesim.Test, []string{`{"id":"prod_1","name":"One"}`}, prices)
	set(t, s, stripesim.Fault{Kind: stripesim.StrictExpand, Times: -1})
	snapshot, err := s.test.Snapshot(t.Context(), "prod_1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Prices) != 120 {
		t.Errorf("%d prices", len(snapshot.Prices))
	}
	for _, id := range []string{"price_005", "price_110"} {
		p := snapshot.Price(id)
		wantSame(t, "tiers", p.Tiers, []catalog.Tier{{UnitAmountDecimal: "1"}})
		wantSame(t, "tiers in euro", p.CurrencyOptions["eur"].Tiers, []catalog.Tier{{UnitAmountDecimal: "7"}})
	}
	// The product, the inactive ones, two pages; the refused one, and what it was
	// refused of, each price in one call.
	if calls := s.calls(t); len(calls) != 1+1+2+2+2 {
		t.Errorf("%d calls", len(calls))
	}
}

func TestNoKeysNoCalls(t *testing.T) {
	t.Parallel()
	a := answering(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("call of %s", r.URL) })
	if prices, err := a.PricesByLookupKeys(t.Context(), nil); len(prices) != 0 || err != nil {
		t.Errorf("prices %v, error %v", prices, err)
	}
	if snapshots, err := a.Catalogue(t.Context(), []string{}); len(snapshots) != 0 || err != nil {
		t.Errorf("snapshots %v, error %v", snapshots, err)
	}
}

// What a later Stripe tells is named wherever a product or a price is read, and a
// stored object says nothing of it.
func TestFieldsThatNobodyKnowsAreNamed(t *testing.T) {
	t.Parallel()
	a := answering(t, func(w http.ResponseWriter, r *http.Request) {
		product := `{"id":"prod_1","object":"product","type":"service","name":"Pro","features":[{"name":"a","icon":"star"}]}`
		price := `{"id":"price_1","object":"price","product":"prod_1","active":true,"recurring":{"meter":"mtr_1","anchor":"first"},"surcharge":null}`
		switch r.URL.Path {
		case "/v1/products":
			fmt.Fprintf(w, `{"data":[%s]}`, product)
		case "/v1/products/prod_1":
			io.WriteString(w, product)
		case "/v1/prices":
			fmt.Fprintf(w, `{"data":[%s]}`, price)
		default:
			io.WriteString(w, price)
		}
	})
	one, err := a.Snapshot(t.Context(), "prod_1", nil)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := a.Catalogue(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := a.Price(t.Context(), "price_1")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []catalog.Snapshot{*one, listed[0], {Product: one.Product, Prices: []catalog.Price{*alone}}} {
		if !slices.Equal(s.Product.Unknown, []string{"features.icon"}) || !slices.Equal(s.Prices[0].Unknown, []string{"recurring.anchor"}) {
			t.Errorf("unknown of the product %q, of the price %q", s.Product.Unknown, s.Prices[0].Unknown)
		}
		if b, err := json.Marshal(s); err != nil || strings.Contains(string(b), "anchor") || strings.Contains(string(b), "icon") {
			t.Errorf("stored as %s, error %v", b, err)
		}
	}
}
