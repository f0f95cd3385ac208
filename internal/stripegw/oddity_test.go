package stripegw_test

import (
	"fmt"
	"io"
	"net/http"
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
