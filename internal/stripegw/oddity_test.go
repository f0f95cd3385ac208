package stripegw_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
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
		{webhooks, `{"data":[{"id":"we_1","url":4711}],"has_more":false}`, "data.url: got number, want string"},
		{webhooks, `[]`, "got array, want struct"},
		{webhooks, `{}`, "not what was asked for"},
		{webhooks, `null`, "not what was asked for"},
		{webhooks, `{"data":[],"has_more":true}`, "not what was asked for"}, // more than it has
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
