package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"
)

// TestJudgesAsStripeMockDoes puts requests to stripe-mock's own server, whole
// document and all, and to the contract: they must agree on every one.
func TestJudgesAsStripeMockDoes(t *testing.T) {
	t.Parallel()
	mock := stub(t)
	official, err := load(document)
	if err != nil {
		t.Fatal(err)
	}
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		method, path, query, body, contentType string
		accepted                               bool
	}{
		{"GET", "/v1/products", "", "", "", true},
		{"GET", "/v1/products", "limit=5&expand[]=data.default_price&created[gt]=5&ids[]=a", "", "", true},
		{"GET", "/v1/products", "limit=five", "", "", false},
		{"GET", "/v1/products", "colour=red", "", "", false},
		{"GET", "/v1/products/p", "", "", "", true},
		{"DELETE", "/v1/products/p", "", "", "", true},
		{"POST", "/v1/products", "", "name=x&features[0][name]=y&metadata[a]=b", form, true},
		{"POST", "/v1/products", "", "name=x", form + "; charset=utf-8", true},
		{"POST", "/v1/products", "", "name=x", "application/json", false},
		{"POST", "/v1/products", "", "", form, false},
		{"POST", "/v1/products", "", "name=x&type=good", form, false},
		{"POST", "/v1/products", "", "name=x&images=", form, false},
		{"POST", "/v1/products/p", "", "images=&metadata=&description=", form, true},
		{"POST", "/v1/products/p", "", "id=q", form, false},
		{"POST", "/v1/prices", "", "currency=usd&product=p&unit_amount=5&recurring[interval]=month&recurring[trial_period_days]=5", form, true},
		{"POST", "/v1/prices", "", "currency=usd&product=p&billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=inf&tiers[0][unit_amount_decimal]=0.1", form, true},
		{"POST", "/v1/prices", "", "product=p&unit_amount=5", form, false},
		{"POST", "/v1/prices", "", "currency=usd&unit_amount=1.5", form, false},
		{"POST", "/v1/prices", "", "currency=usd&tax_behavior=maybe", form, false},
		{"POST", "/v1/prices/p", "", "active=false&currency_options=", form, true},
		{"POST", "/v1/prices/p", "", "unit_amount=5", form, false},
		{"DELETE", "/v1/prices/p", "", "", "", false},
		{"POST", "/v1/coupons", "", "percent_off=33.3333&applies_to[products][0]=p", form, true},
		{"POST", "/v1/coupons", "", "percent_off=half", form, false},
		{"POST", "/v1/webhook_endpoints", "", "url=https://a.example&enabled_events[]=*&api_version=2023-10-16", form, true},
		{"POST", "/v1/webhook_endpoints", "", "url=https://a.example&enabled_events[]=sun.rises", form, false},
		{"GET", "/v1/account", "", "", "", true},
		{"GET", "/v1/balance", "", "", "", true},
		{"GET", "/v1/events", "type=product.created&delivery_success=true", "", "", true},
		{"POST", "/v1/payment_intents", "", "amount=100&currency=usd&metadata[a]=b&payment_method_types[]=card", form, true},
		{"POST", "/v1/payment_intents", "", "currency=usd", form, false},
		{"POST", "/v1/payment_intents", "", "amount=1.5&currency=usd", form, false},
		{"POST", "/v1/payment_intents/pi_1/capture", "", "amount_to_capture=5&final_capture=true", form, true},
		{"POST", "/v1/payment_intents/pi_1/capture", "", "amount=5", form, false},
		{"POST", "/v1/checkout/sessions", "", "mode=payment&success_url=https://a.example&line_items[0][price]=p&line_items[0][quantity]=2", form, true},
		{"POST", "/v1/checkout/sessions", "", "mode=gift", form, false},
		{"POST", "/v1/checkout/sessions/cs_1/expire", "", "", form, true},
		{"GET", "/v1/checkout/sessions/cs_1/line_items", "limit=5", "", "", true},
		{"POST", "/v1/refunds", "", "payment_intent=pi_1&amount=5&reason=duplicate", form, true},
		{"POST", "/v1/refunds", "", "payment_intent=pi_1&reason=whim", form, false},
		{"GET", "/v1/refunds", "payment_intent=pi_1", "", "", true},
		{"POST", "/v1/disputes/dp_1", "", "evidence[uncategorized_text]=x&submit=false", form, true},
		{"GET", "/v1/balance_transactions", "payout=po_1&type=charge", "", "", true},
		{"GET", "/v1/balance_transactions", "payouts=po_1", "", "", false},
		{"GET", "/v1/payouts", "status=paid", "", "", true},
		{"GET", "/v1/nothing", "", "", "", false},
	} {
		x := exchange{Method: c.method, Path: c.path, Query: c.query, Body: []byte(c.body), ContentType: c.contentType}
		theirs := mock(x)
		ours := official.checkRequest(x)
		if (theirs/100 == 2) != c.accepted || (ours == nil) != c.accepted {
			t.Errorf("%s %s?%s %s: stripe-mock says %d, we say %v, want accepted %v", c.method, c.path, c.query, c.body, theirs, ours, c.accepted)
		}
	}
}

func stub(t *testing.T) func(exchange) int {
	t.Helper()
	fixtures, err := server.LoadFixtures(embedded.OpenAPIFixtures, "")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		t.Fatal(err)
	}
	mock, err := server.NewStubServer(fixtures, whole, true, false)
	if err != nil {
		t.Fatal(err)
	}
	return func(x exchange) int {
		r := httptest.NewRequest(x.Method, x.Path+"?"+x.Query, io.NopCloser(bytes.NewReader(x.Body)))
		r.Header = http.Header{"Authorization": {"Bearer sk_test_x"}, "Stripe-Version": {"2023-10-16"}}
		if x.ContentType != "" {
			r.Header.Set("Content-Type", x.ContentType)
		}
		w := httptest.NewRecorder()
		mock.HandleRequest(w, r)
		if strings.Contains(w.Body.String(), "internal error") {
			t.Errorf("stripe-mock failed on %+v", x)
		}
		return w.Code
	}
}
