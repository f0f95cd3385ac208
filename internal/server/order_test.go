package server_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	createOrder   = `mutation ($i: CreateOrderInput!) { createOrder(input: $i) { order { id number status total { amount currency } } userErrors { code field message } } }`
	startCheckout = `mutation ($i: StartCheckoutInput!) { startCheckout(input: $i) {
		order { status } payment { id status stripeSessionId stripePaymentIntentId } checkoutUrl clientSecret userErrors { code field } } }`
	captureOrder = `mutation ($i: CaptureOrderInput!) { captureOrder(input: $i) { order { status captured { amount } total { amount } } userErrors { code } } }`
	cancelOrder  = `mutation ($i: CancelOrderInput!) { cancelOrder(input: $i) { order { status cancelReason } userErrors { code } } }`
	fulfillOrder = `mutation ($i: FulfillOrderInput!) { fulfillOrder(input: $i) { order { status fulfilledAt } userErrors { code } } }`
	refundOrder  = `mutation ($i: RefundOrderInput!) { refundOrder(input: $i) { refund { id status amount { amount } source requestedBy } order { refunded { amount } } userErrors { code field } } }`
	wholeOrder   = `query ($id: ID!) { order(id: $id) {
		id number reference customer email status attention version metadata mode tenant { slug }
		lines { name priceId lookupKey quantity unitAmount { amount } amount { amount } }
		subtotal { amount } tax { amount } total { amount currency } authorized { amount } captured { amount } refunded { amount } disputed { amount }
		createdAt expiresAt paidAt fulfilledAt completedAt cancelReason
		payments { id status flow captureMethod amount { amount } captured { amount } fee { amount } method last4 declineCode message stripePaymentIntentId stripeSessionId createdAt }
		refunds { id paymentId status amount { amount } reason source stripeRefundId failureReason requestedBy createdAt }
		disputes { id payment { id } status amount { amount } reason evidenceDueBy submissions stripeDisputeId createdAt }
		events { sequence at status message actor order { id } }
		can { pay { ok why } capture { ok why } refund { ok why } cancel { ok why } fulfill { ok why } } } }`
)

// sells lets a tenant sell in both modes.
func (s *stack) sells(t testing.TB, tenantID string) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `INSERT INTO payments_modules (tenant_id, livemode, account_id, enabled, since, path_hash, origins)
		SELECT c.tenant_id, c.mode = 'LIVE', c.account_id, true, now(), sha256((c.tenant_id::text || c.mode)::bytea), '{https://shop.example}'
		FROM stripe_connections c WHERE c.tenant_id = $1`, tenantID)
	must(t, err)
}

// order creates one of a bag of coffee in test, with what more says of it.
func (s *stack) order(t testing.TB, token, tenantID string, more vars) string {
	t.Helper()
	input := vars{
		"tenantId": tenantID, "mode": "TEST", "customer": "cus-1", "idempotencyKey": "key " + t.Name(),
		"lines": []vars{{"lookupKey": "coffee_dockside_500", "quantity": 2}},
	}
	for name, value := range more {
		input[name] = value
	}
	made := s.ok(t, token, createOrder, vars{"i": input})
	return get(t, made, "createOrder", "order", "id").(string)
}

// ring does what Stripe's events about a session lead to.
func (s *stack) ring(t *testing.T, tenantID, sessionID string) {
	t.Helper()
	verdict, err := s.services.Orders.Refresh(t.Context(), inbox.Object{
		TenantID: tenantID, AccountID: s.account(t, tenantID), Mode: catalog.Test, Kind: inbox.Session, ID: sessionID,
	}, nil)
	must(t, err)
	if verdict != inbox.Applied {
		t.Errorf("the session is %s", verdict)
	}
}

func (s *stack) account(t *testing.T, tenantID string) (id string) {
	t.Helper()
	must(t, s.pool.QueryRow(t.Context(), `SELECT account_id FROM stripe_connections WHERE tenant_id = $1 AND mode = 'TEST'`, tenantID).Scan(&id))
	return id
}

// A shop's server creates an order and starts its checkout, the customer pays, and people
// see, fulfil and refund it.
func TestAnOrderThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, _ := s.newShop(t, "acme")
	s.sells(t, tenantID)
	made := s.ok(t, admin, tokenMutation, vars{"i": vars{"tenantId": tenantID, "role": "DEPLOYER", "service": true, "name": "shop", "scope": "ORDERS"}})
	shop := get(t, made, "createToken", "secret").(string)
	id := s.order(t, shop, tenantID, vars{"email": "jane@example.com", "reference": "A-1", "metadata": vars{"cart": "17"}})
	if again := s.order(t, shop, tenantID, vars{"email": "jane@example.com", "reference": "A-1", "metadata": vars{"cart": "17"}}); again != id {
		t.Error("the same key made another order")
	}
	input := vars{"orderId": id, "successUrl": "https://shop.example/thanks?s={CHECKOUT_SESSION_ID}", "cancelUrl": "https://shop.example/cart", "idempotencyKey": "c"}
	started := s.ok(t, shop, startCheckout, vars{"i": input})
	if url := get(t, started, "startCheckout", "checkoutUrl").(string); !strings.HasPrefix(url, s.sim.URL) {
		t.Errorf("the checkout is at %s", url)
	}
	session := get(t, started, "startCheckout", "payment", "stripeSessionId").(string)

	socket := s.open(t, shop)
	socket.subscribe(t, "1", `subscription { orderChanged(orderId: "`+id+`", after: 2) { sequence status message order { status } } }`, nil)
	must(t, s.sim.Sim.Pay(session, stripesim.Card))
	s.ring(t, tenantID, session)
	if told := string(socket.next(t).Payload); !strings.Contains(told, `"sequence":3,"status":"PAID"`) {
		t.Errorf("told %s", told)
	}
	got := s.ok(t, shop, wholeOrder, vars{"id": id})
	for path, want := range map[string]any{
		"status": "PAID", "number": "000001", "reference": "A-1", "email": "jane@example.com", "customer": "cus-1", "mode": "TEST",
		"total.amount": "37.00", "captured.amount": "37.00", "refunded.amount": "0.00", "tenant.slug": "acme", "metadata.cart": "17",
		"can.fulfill.ok": true, "can.refund.ok": false, "can.pay.ok": false,
	} {
		if is := get(t, got, append([]string{"order"}, strings.Split(path, ".")...)...); is != want {
			t.Errorf("%s is %v, want %v", path, is, want)
		}
	}
	if a := s.post(t, shop, refundOrder, vars{"i": vars{"orderId": id, "idempotencyKey": "r"}}); a.problem(t, "refundOrder") != "FORBIDDEN" && a.code() != "FORBIDDEN" {
		t.Errorf("a shop's token refunded: %+v", a)
	}
	done := s.ok(t, shop, fulfillOrder, vars{"i": vars{"orderId": id}})
	if get(t, done, "fulfillOrder", "order", "status") != "FULFILLED" {
		t.Error(done)
	}
	back := s.ok(t, admin, refundOrder, vars{"i": vars{"orderId": id, "amount": vars{"amount": "7.00", "currency": "usd"}, "idempotencyKey": "r"}})
	if get(t, back, "refundOrder", "refund", "status") != "SUCCEEDED" || get(t, back, "refundOrder", "order", "refunded", "amount") != "7.00" {
		t.Error(back)
	}
	list := s.ok(t, shop, `{ tenant(slug: "acme") { orders(mode: TEST, search: "A-", status: [FULFILLED]) { nodes { id refunds { status } events(first: 2) { sequence } } pageInfo { hasNextPage } } } }`, nil)
	if nodes := get(t, list, "tenant", "orders", "nodes").([]any); len(nodes) != 1 {
		t.Errorf("listed %v", nodes)
	}
	if nodes := get(t, s.ok(t, shop, `{ tenant(slug: "acme") { orders(mode: LIVE) { nodes { id } } } }`, nil), "tenant", "orders", "nodes").([]any); len(nodes) != 0 {
		t.Errorf("live lists %v", nodes)
	}
	if strings.Contains(s.logs.String(), "jane@example.com") {
		t.Error("the log names the customer")
	}
}

func TestAnOrderIsCapturedAndCancelledThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, _ := s.newShop(t, "acme")
	s.sells(t, tenantID)
	id := s.order(t, admin, tenantID, vars{"captureMethod": "MANUAL"})
	started := s.ok(t, admin, startCheckout, vars{"i": vars{"orderId": id, "flow": "ELEMENTS", "idempotencyKey": "c"}})
	if get(t, started, "startCheckout", "clientSecret") == nil || get(t, started, "startCheckout", "checkoutUrl") != nil {
		t.Error("elements need a client secret and no page")
	}
	intent := get(t, started, "startCheckout", "payment", "stripePaymentIntentId").(string)
	must(t, s.sim.Sim.Pay(intent, stripesim.Card))
	must(t, s.services.Orders.Check(t.Context(), domaintest.CheckOf(id, tenantID)))
	captured := s.ok(t, admin, captureOrder, vars{"i": vars{"orderId": id, "amount": vars{"amount": "12.5", "currency": "usd"}, "idempotencyKey": "k"}})
	if get(t, captured, "captureOrder", "order", "status") != "PAID" || get(t, captured, "captureOrder", "order", "captured", "amount") != "12.50" {
		t.Error(captured)
	}
	if a := s.post(t, admin, cancelOrder, vars{"i": vars{"orderId": id}}); a.problem(t, "cancelOrder") != "INVALID_STATE" {
		t.Errorf("a paid order was cancelled: %+v", a)
	}
	other := s.order(t, admin, tenantID, vars{"idempotencyKey": "other"})
	gone := s.ok(t, admin, cancelOrder, vars{"i": vars{"orderId": other, "reason": "sold out", "version": 1}})
	if get(t, gone, "cancelOrder", "order", "status") != "CANCELLED" || get(t, gone, "cancelOrder", "order", "cancelReason") != "sold out" {
		t.Error(gone)
	}
	_, tokens := s.newTenant(t, "others")
	if a := s.post(t, tokens[tenant.RoleAdmin], wholeOrder, vars{"id": id}); a.code() != "NOT_FOUND" {
		t.Errorf("a stranger sees %+v", a)
	}
}

// Whoever watches a tenant's orders sees each that changes, and after a pause what changed
// meanwhile.
func TestWatchingATenantsOrders(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, _ := s.newShop(t, "acme")
	s.sells(t, tenantID)
	socket := s.open(t, admin)
	const watch = `subscription ($since: DateTime) { ordersChanged(tenantId: "TENANT", mode: TEST, since: $since) { id status } }`
	query := strings.Replace(watch, "TENANT", tenantID, 1)
	first := s.order(t, admin, tenantID, vars{"idempotencyKey": "1"})
	socket.subscribe(t, "1", query, vars{"since": "2020-01-01T00:00:00Z"})
	if told := string(socket.next(t).Payload); !strings.Contains(told, first) || !strings.Contains(told, "CREATED") {
		t.Errorf("told %s, want %s", told, first)
	}
	s.ok(t, admin, cancelOrder, vars{"i": vars{"orderId": first}})
	if told := string(socket.next(t).Payload); !strings.Contains(told, first) || !strings.Contains(told, "CANCELLED") {
		t.Errorf("told %s, want %s", told, first)
	}
	second := s.order(t, admin, tenantID, vars{"idempotencyKey": "2"})
	if told := string(socket.next(t).Payload); !strings.Contains(told, second) {
		t.Errorf("told %s, want %s", told, second)
	}
}

// The whole way: payments are enabled, the customer pays on Stripe's page, Stripe sends its
// events, a worker reads what they are about, and the order is paid; nobody asked for it.
func TestStripesEventsPayAnOrder(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, _ := s.newShop(t, "acme")
	s.services.Inbox.PublicURL, s.services.Orders.PublicURL = s.url, s.url
	domaintest.WorkStripe(t, s.services)
	enabled := s.ok(t, admin, `mutation ($i: EnablePaymentsInput!) { enablePayments(input: $i) { payments { enabled } userErrors { code message } } }`,
		vars{"i": vars{"tenantId": tenantID, "mode": "TEST"}})
	if get(t, enabled, "enablePayments", "payments", "enabled") != true {
		t.Fatal(enabled)
	}
	id := s.order(t, admin, tenantID, nil)
	started := s.ok(t, admin, startCheckout, vars{"i": vars{"orderId": id, "idempotencyKey": "c"}})
	socket := s.open(t, admin)
	socket.subscribe(t, "1", `subscription { orderChanged(orderId: "`+id+`", after: 2) { sequence status } }`, nil)
	must(t, s.sim.Sim.Pay(get(t, started, "startCheckout", "payment", "stripeSessionId").(string), stripesim.Card))
	if told := string(socket.next(t).Payload); !strings.Contains(told, `"sequence":3,"status":"PAID"`) {
		t.Errorf("told %s", told)
	}
}

// Each checkout rings for its session, its intent and its charge, which is booked a moment
// later: Stripe is asked twice at most about all that.
func TestACheckoutTakesFewReads(t *testing.T) {
	t.Parallel()
	const checkouts = 20
	s := start(t)
	tenantID, admin, _ := s.newShop(t, "acme")
	s.services.Inbox.PublicURL, s.services.Orders.PublicURL = s.url, s.url
	s.ok(t, admin, `mutation ($i: EnablePaymentsInput!) { enablePayments(input: $i) { payments { enabled } } }`, vars{"i": vars{"tenantId": tenantID, "mode": "TEST"}})
	sessions := make([]string, checkouts)
	for i := range sessions {
		id := s.order(t, admin, tenantID, vars{"idempotencyKey": strconv.Itoa(i)})
		started := s.ok(t, admin, startCheckout, vars{"i": vars{"orderId": id, "idempotencyKey": "c"}})
		sessions[i] = get(t, started, "startCheckout", "payment", "stripeSessionId").(string)
	}
	before := s.reads(t)
	domaintest.WorkStripe(t, s.services)
	for _, session := range sessions {
		must(t, s.sim.Sim.Pay(session, stripesim.Card))
	}
	must(t, s.sim.Sim.Delivered(t.Context()))
	domaintest.Until(t, "all events are applied", func() (all bool) {
		must(t, s.pool.QueryRow(t.Context(), `SELECT count(*) >= 4 * $1 AND bool_and(status = 'APPLIED') FROM stripe_events`, checkouts).Scan(&all))
		return all
	})
	var paid int
	must(t, s.pool.QueryRow(t.Context(), `SELECT count(*) FROM orders o JOIN payments p ON p.order_id = o.id WHERE o.status = 'PAID' AND p.fee > 0`).Scan(&paid))
	if n := s.reads(t) - before; paid != checkouts || n > 2*checkouts {
		t.Errorf("%d of %d orders are paid and booked, after %d reads", paid, checkouts, n)
	}
}

// reads are how often Stripe was asked about payments.
func (s *stack) reads(t *testing.T) int {
	t.Helper()
	asked, err := s.sim.Sim.Requests(stripesim.RequestFilter{Method: "GET", Path: "^/v1/(checkout/sessions|payment_intents|charges|refunds|disputes|balance_transactions)"})
	must(t, err)
	return len(asked)
}

// A page of orders asks for the events of all of them at once.
func TestAPageOfOrdersTakesFewQuestions(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, _ := s.newShop(t, "acme")
	s.sells(t, tenantID)
	for i := range 12 {
		s.order(t, admin, tenantID, vars{"idempotencyKey": strconv.Itoa(i)})
	}
	cost := func(n int) int64 {
		before := s.queries.n.Load()
		s.ok(t, admin, `query ($n: Int!) { tenant(slug: "acme") { orders(mode: TEST, first: $n) { nodes { id events { sequence message } } } } }`, vars{"n": n})
		return s.queries.n.Load() - before
	}
	cost(1) // connections and statements are prepared
	few := cost(1)
	eventually(t, fmt.Sprintf("a page of twelve takes few more questions than the %d of one order", few), func() bool {
		return cost(12) <= few+3
	})
}
