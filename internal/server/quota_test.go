package server_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
)

// Whoever has spent a quota hears when there is some of it again, by GraphQL, by REST, and
// in the header that proxies and libraries know.
func TestWhoSpentAQuotaIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	_, err := s.pool.Exec(t.Context(), `UPDATE quotas SET full_at = clock_timestamp() + interval '90 s' WHERE name = 'stripe-caller'`)
	must(t, err)
	retryAfter := func(header http.Header, told any) {
		t.Helper()
		in, err := strconv.Atoi(header.Get("Retry-After"))
		if err != nil || in < 25 || in > 31 || told != float64(in) {
			t.Errorf("Retry-After %q, retryAfter %v", header.Get("Retry-After"), told)
		}
	}

	a := s.post(t, token, `query ($p: ID!) { planGoLive(productId: $p) { hash } }`, vars{"p": products[0]})
	if a.Status != http.StatusTooManyRequests || a.code() != "RATE_LIMITED" {
		t.Fatalf("%d %+v", a.Status, a.Errors)
	}
	retryAfter(a.Header, a.Errors[0].Extensions["retryAfter"])

	body, err := json.Marshal(vars{"action": "validate", "productId": products[0]})
	must(t, err)
	status, header, text := s.send(t, http.MethodPost, "/api/v1/products/deploy", token, body, nil)
	var answer map[string]any
	must(t, json.Unmarshal(text, &answer))
	if status != http.StatusTooManyRequests || get(t, answer, "error", "code") != "RATE_LIMITED" {
		t.Fatalf("%d %s", status, text)
	}
	retryAfter(header, get(t, answer, "error", "retryAfter"))

	if a := s.post(t, token, `{ viewer { email } }`, nil); len(a.Errors) > 0 {
		t.Errorf("what asks Stripe for nothing: %+v", a.Errors)
	}
}
