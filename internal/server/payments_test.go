package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

const paymentFields = `{ mode enabled since webhookEndpointId origins problem oldestUnappliedSeconds deadEvents }`

// somethingPaid has somebody pay at Stripe, in test.
func (s *stack) somethingPaid(t *testing.T, accountID string) {
	t.Helper()
	for _, account := range s.sim.Sim.Accounts() {
		if account.ID != accountID {
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.sim.URL+"/v1/payment_intents", strings.NewReader(
			"amount=1000&currency=usd&payment_method=pm_card_visa&confirm=true&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never"))
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+account.TestKey)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		must(t, resp.Body.Close())
		if resp.StatusCode != http.StatusOK {
			t.Fatal(resp.StatusCode)
		}
	}
}

// From enabling to events that Stripe has sent, and back.
func TestPaymentsByGraphQL(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.services.Inbox.PublicURL = s.url
	tenantID, token, _ := s.newShop(t, "acme")
	viewer, err := s.services.Tenants.CreateToken(t.Context(), "acme", "viewer@example.com", tenant.RoleViewer)
	must(t, err)
	module := func(token string) any {
		t.Helper()
		return get(t, s.ok(t, token, `{ tenant(slug: "acme") { payments(mode: TEST) `+paymentFields+` } }`, nil), "tenant", "payments")
	}
	if off := module(viewer); get(t, off, "enabled") != false || get(t, off, "since") != nil || len(get(t, off, "origins").([]any)) != 0 {
		t.Errorf("before it is %v", off)
	}
	on := get(t, s.ok(t, token, `mutation ($t: ID!) { enablePayments(input: {tenantId: $t, mode: TEST, origins: ["https://shop.example"]}) { payments `+paymentFields+` userErrors { code message } } }`,
		vars{"t": tenantID}), "enablePayments", "payments")
	if get(t, on, "enabled") != true || get(t, on, "mode") != "TEST" || get(t, on, "origins").([]any)[0] != "https://shop.example" || get(t, on, "webhookEndpointId") == nil {
		t.Errorf("it is %v", on)
	}
	var account string
	must(t, s.pool.QueryRow(t.Context(), `SELECT account_id FROM payments_modules`).Scan(&account))
	s.somethingPaid(t, account)
	must(t, s.sim.Sim.Delivered(t.Context()))
	for _, a := range s.sim.Sim.Attempts() {
		if a.Status != http.StatusOK {
			t.Errorf("%s is answered with %d", a.Type, a.Status)
		}
	}
	domaintest.WorkStripe(t, s.services)
	list := `{ tenant(slug: "acme") { webhookEvents(mode: TEST, first: 100, status: [FOREIGN]) { nodes { id stripeEventId type status createdAt receivedAt appliedAt deliveries attempts source error }
		edges { cursor } pageInfo { hasNextPage } } } }`
	var events []any
	domaintest.Until(t, "all events are read", func() bool {
		events = get(t, s.ok(t, viewer, list, nil), "tenant", "webhookEvents", "nodes").([]any)
		return len(events) == len(s.sim.Sim.Attempts())
	})
	stripeID := get(t, events[0], "stripeEventId").(string)
	if len(events) < 2 || get(t, events[0], "source") != "WEBHOOK" || get(t, events[0], "attempts") != 1.0 || get(t, events[0], "appliedAt") == nil {
		t.Errorf("%d events, such as %v", len(events), events[0])
	}
	replay := s.ok(t, token, `mutation ($t: ID!, $e: [String!]) { replayWebhookEvents(input: {tenantId: $t, mode: TEST, stripeEventIds: $e}) { replayed userErrors { code } } }`, vars{"t": tenantID, "e": []string{stripeID}})
	if get(t, replay, "replayWebhookEvents", "replayed") != 1.0 {
		t.Errorf("%v", replay)
	}
	off := get(t, s.ok(t, token, `mutation ($t: ID!) { disablePayments(input: {tenantId: $t, mode: TEST, reason: "a leak"}) { payments `+paymentFields+` userErrors { code } } }`, vars{"t": tenantID}), "disablePayments", "payments")
	if get(t, off, "enabled") != false || get(t, off, "webhookEndpointId") == nil {
		t.Errorf("afterwards it is %v", off)
	}
	if found := regexp.MustCompile(`hooks/stripe/[\w-]{20,}`).FindString(s.logs.String()); found != "" || !strings.Contains(s.logs.String(), "/hooks/stripe/…") {
		t.Errorf("a log has an endpoint's path: %q", found)
	}
}

// What Stripe does to a delivery on its way changes nothing of what is stored.
func TestUnrulyDeliveries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		delivery stripesim.Delivery
		status   int
		stored   string
	}{
		"twice, and in any order":      {stripesim.Delivery{Duplicates: 100, Shuffle: true, Parallel: 8, Seed: 1}, 200, `status = 'RECEIVED' AND deliveries = 2`},
		"signed with two secrets":      {stripesim.Delivery{TwoSignatures: true}, 200, `status = 'RECEIVED'`},
		"with another one's secret":    {stripesim.Delivery{WrongSecret: true}, 400, ``},
		"by a clock that is behind":    {stripesim.Delivery{Skew: -400}, 400, ``},
		"by a clock that is ahead":     {stripesim.Delivery{Skew: 400}, 400, ``},
		"of another version of Stripe": {stripesim.Delivery{APIVersion: "2022-11-15"}, 200, `status = 'QUARANTINED'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.services.Inbox.PublicURL = s.url
			tenantID, token, _ := s.newShop(t, "acme")
			s.ok(t, token, `mutation ($t: ID!) { enablePayments(input: {tenantId: $t, mode: TEST}) { userErrors { code message } } }`, vars{"t": tenantID})
			var account string
			must(t, s.pool.QueryRow(t.Context(), `SELECT account_id FROM payments_modules`).Scan(&account))
			s.sim.Sim.SetDelivery(c.delivery)
			s.somethingPaid(t, account)
			must(t, s.sim.Sim.Delivered(t.Context()))
			for _, a := range s.sim.Sim.Attempts() {
				if a.Status != c.status {
					t.Errorf("attempt %d of %s is answered with %d", a.Number, a.Type, a.Status)
				}
			}
			var all, right int
			if c.stored == "" {
				c.stored = "false"
			}
			must(t, s.pool.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE `+c.stored+`) FROM stripe_events`).Scan(&all, &right))
			if all != right || (c.status == 200) != (all > 0) {
				t.Errorf("%d of %d events are as they should be", right, all)
			}
		})
	}
}
