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

func TestAnswersThatAreNotWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for name, nonsense := range map[string]string{
		"empty object":     `{}`,
		"array":            `[]`,
		"null":             `null`,
		"more than it has": `{"data":[],"has_more":true}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := answering(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, nonsense) })
			_, err := a.WebhookEndpoints(t.Context())
			wantKind(t, err, catalog.KindUnavailable)
		})
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
	one, err := a.Snapshot(t.Context(), "prod_1")
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
