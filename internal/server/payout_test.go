package server_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	payoutsQuery = `query ($slug: String!, $first: Int!, $after: String) { tenant(slug: $slug) { payouts(mode: TEST, first: $first, after: $after) {
		totalCount pageInfo { hasNextPage endCursor } nodes { id stripePayoutId status amount { amount currency } arrivalDate fees { amount } transactionCount
			lines { category count gross { amount } fee { amount } net { amount } } residual { amount } reconciledAt
			balanceTransactions(first: 1) { pageInfo { hasNextPage endCursor } nodes { id stripeId type category gross { amount } fee { amount } net { amount } availableOn order { id } } } } } } }`
	reconciliationQuery = `query ($slug: String!, $from: DateTime!, $to: DateTime!) { tenant(slug: $slug) {
		reconciliation(mode: TEST, from: $from, to: $to) { checkedAt mismatches currencies { currency charged { amount currency } captured { amount } refunded { amount }
			disputed { amount } fees { amount } net { amount } paidOut { amount } unmatched } }
		paymentFees(mode: TEST, from: $from, to: $to) { method currency count gross { amount } fee { amount } effectiveRate } } }`
	disputeQuery = `query ($id: ID!) { dispute(id: $id) { id order { id disputes { id } } payment { id } can { ok why } evidence submittedAt status amount { amount currency } reason
		evidenceDueBy submissions stripeDisputeId createdAt } }`
	disputesQuery  = `query ($slug: String!, $open: Boolean) { tenant(slug: $slug) { disputes(mode: TEST, open: $open) { totalCount nodes { id } } } }`
	submitEvidence = `mutation ($i: SubmitDisputeEvidenceInput!) { submitDisputeEvidence(input: $i) { dispute { id status submissions submittedAt evidence can { ok why } } userErrors { code field message } } }`
)

// moneyOf gives an order a dispute, and its tenant a payout.
func (s *stack) moneyOf(t testing.TB, tenantID, orderID string) (disputeID, payoutID string) {
	t.Helper()
	must(t, s.pool.QueryRow(t.Context(), `WITH o AS (SELECT * FROM orders WHERE id = $1),
		p AS (INSERT INTO payments (id, order_id, tenant_id, account_id, livemode, attempt, flow, status, amount, currency, capture_method, idempotency_key, input_digest, intent_id)
			SELECT gen_random_uuid(), id, tenant_id, account_id, livemode, 1, 'HOSTED', 'FAILED', total, currency, 'AUTOMATIC', 'disputed', '', 'pi_disputed' FROM o RETURNING *)
		INSERT INTO disputes (id, payment_id, order_id, tenant_id, account_id, livemode, status, amount, currency, reason, stripe_dispute_id, due_by)
		SELECT gen_random_uuid(), id, order_id, tenant_id, account_id, livemode, 'LOST', amount, currency, 'fraudulent', 'dp_lost', now() FROM p RETURNING id::text`, orderID).Scan(&disputeID))
	must(t, s.pool.QueryRow(t.Context(), `INSERT INTO payouts (id, tenant_id, account_id, livemode, stripe_payout_id, status, amount, currency, automatic, reconciliation_status, created_at, residual)
		VALUES (gen_random_uuid(), $1, 'acct_1', false, 'po_1', 'paid', 1, 'usd', true, 'completed', now(), 1) RETURNING id::text`, tenantID).Scan(&payoutID))
	return disputeID, payoutID
}

// viewer is the token of somebody who may look at acme.
func (s *stack) viewer(t *testing.T) string {
	t.Helper()
	token, err := s.services.Tenants.CreateToken(t.Context(), "acme", "vera@example.com", tenant.RoleViewer)
	must(t, err)
	return token
}

// getPath is get by names and places in lists, with points between them.
func getPath(t testing.TB, v any, path string) any {
	t.Helper()
	for key := range strings.SplitSeq(path, ".") {
		if list, is := v.([]any); is {
			at, err := strconv.Atoi(key)
			if err != nil || at >= len(list) {
				t.Fatalf("no %s of %s in %v", key, path, v)
			}
			v = list[at]
			continue
		}
		v = get(t, v, key)
	}
	return v
}

// paidInTest is an order that a customer paid with a method, and its charge.
func (s *stack) paidInTest(t *testing.T, token, tenantID, method string) (orderID, intentID string) {
	t.Helper()
	orderID = s.order(t, token, tenantID, nil)
	started := s.ok(t, token, startCheckout, vars{"i": vars{
		"orderId": orderID, "successUrl": "https://shop.example/thanks", "cancelUrl": "https://shop.example/cart", "idempotencyKey": "c",
	}})
	session := get(t, started, "startCheckout", "payment", "stripeSessionId").(string)
	must(t, s.sim.Sim.Pay(session, method))
	s.ring(t, tenantID, session)
	must(t, s.pool.QueryRow(t.Context(), `SELECT intent_id FROM payments WHERE order_id = $1`, orderID).Scan(&intentID))
	return orderID, intentID
}

// ringFor does what an event about an object in test leads to.
func (s *stack) ringFor(t *testing.T, tenantID string, kind inbox.Kind, id string) {
	t.Helper()
	verdict, err := s.services.Inbox.Refresh(t.Context(), inbox.Object{TenantID: tenantID, AccountID: s.account(t, tenantID), Mode: catalog.Test, Kind: kind, ID: id}, nil)
	must(t, err)
	if verdict != inbox.Applied {
		t.Errorf("%s %s is %s", kind, id, verdict)
	}
}

// People see what was paid out, of what, and whether it adds up.
func TestPayoutsThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, _ := s.newShop(t, "acme")
	s.sells(t, tenantID)
	orderID, _ := s.paidInTest(t, admin, tenantID, "pm_card_bypassPending")
	account := s.account(t, tenantID)
	_, err := s.sim.Sim.Adjust(account, stripesim.Test, "usd", -25, "stripe_fee")
	must(t, err)
	ids, err := s.sim.Sim.Payout(account, stripesim.Test)
	must(t, err)
	must(t, s.sim.Sim.Settle(ids[0], true))
	s.ringFor(t, tenantID, inbox.Payout, ids[0])
	_, err = s.services.Payouts.Enroll(t.Context())
	must(t, err)
	must(t, s.services.Payouts.Look(t.Context(), payout.LookArgs{TenantID: tenantID, AccountID: account}))

	viewer := s.viewer(t)
	page := get(t, s.ok(t, viewer, payoutsQuery, vars{"slug": "acme", "first": 1}), "tenant", "payouts")
	node := getPath(t, page, "nodes.0")
	for path, want := range map[string]any{
		"stripePayoutId": ids[0], "status": "paid", "amount.amount": "35.38", "amount.currency": "usd", "fees.amount": "1.37", "transactionCount": 2.0,
		"residual.amount": "0.00", "lines.0.category": "charge", "lines.0.gross.amount": "37.00", "lines.0.fee.amount": "1.37", "lines.0.net.amount": "35.63",
		"lines.1.category": "stripe_fee", "lines.1.net.amount": "-0.25", "balanceTransactions.pageInfo.hasNextPage": true,
	} {
		if got := getPath(t, node, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if get(t, page, "totalCount") != 1.0 || get(t, page, "pageInfo", "hasNextPage") != false || get(t, node, "reconciledAt") == nil || get(t, node, "arrivalDate") == nil {
		t.Errorf("page %v", page)
	}
	one := s.ok(t, viewer, `query ($id: ID!) { payout(id: $id) { stripePayoutId balanceTransactions { nodes { category order { id } } } } }`, vars{"id": get(t, node, "id")})
	whose := map[any]any{}
	for _, x := range get(t, one, "payout", "balanceTransactions", "nodes").([]any) {
		whose[get(t, x, "category")] = get(t, x, "order")
	}
	if len(whose) != 2 || whose["stripe_fee"] != nil || get(t, whose["charge"], "id") != orderID {
		t.Errorf("its transactions are of %v", whose)
	}
	now := time.Now().UTC()
	found := get(t, s.ok(t, viewer, reconciliationQuery, vars{
		"slug": "acme", "from": now.Add(-time.Hour).Format(time.RFC3339), "to": now.Add(time.Hour).Format(time.RFC3339),
	}), "tenant")
	for path, want := range map[string]any{
		"reconciliation.currencies.0.currency": "usd", "reconciliation.currencies.0.charged.0.amount": "37.00", "reconciliation.currencies.0.captured.amount": "37.00",
		"reconciliation.currencies.0.fees.amount": "1.37", "reconciliation.currencies.0.net.amount": "35.38", "reconciliation.currencies.0.paidOut.amount": "35.38",
		"reconciliation.currencies.0.refunded.amount": "0.00", "reconciliation.currencies.0.disputed.amount": "0.00", "reconciliation.currencies.0.unmatched": 0.0,
		"paymentFees.0.method": "card", "paymentFees.0.count": 1.0, "paymentFees.0.fee.amount": "1.37", "paymentFees.0.effectiveRate": 137.0 / 3700,
	} {
		if got := getPath(t, found, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if len(get(t, found, "reconciliation", "mismatches").([]any)) != 0 || get(t, found, "reconciliation", "checkedAt") == nil {
		t.Errorf("found %v", found)
	}
	for what, a := range map[string]answer{
		"first":  s.post(t, viewer, payoutsQuery, vars{"slug": "acme", "first": 101}),
		"cursor": s.post(t, viewer, payoutsQuery, vars{"slug": "acme", "first": 1, "after": "x"}),
		"span":   s.post(t, viewer, reconciliationQuery, vars{"slug": "acme", "from": now.Format(time.RFC3339), "to": now.Format(time.RFC3339)}),
	} {
		if a.code() != "INVALID_INPUT" {
			t.Errorf("%s: %+v", what, a)
		}
	}
}

// An admin completes the draft of an answer and submits it, once.
func TestADisputeThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, _ := s.newShop(t, "acme")
	s.sells(t, tenantID)
	orderID, intent := s.paidInTest(t, admin, tenantID, stripesim.Card)
	stripeID, err := s.sim.Sim.Dispute(intent, stripesim.Dispute{Reason: "product_not_received"})
	must(t, err)
	s.ringFor(t, tenantID, inbox.Dispute, stripeID)
	open := s.ok(t, admin, disputesQuery, vars{"slug": "acme", "open": true})
	if get(t, open, "tenant", "disputes", "totalCount") != 1.0 {
		t.Fatal(open)
	}
	id := getPath(t, open, "tenant.disputes.nodes.0.id")
	d := get(t, s.ok(t, admin, disputeQuery, vars{"id": id}), "dispute")
	for path, want := range map[string]any{
		"stripeDisputeId": stripeID, "order.id": orderID, "order.disputes.0.id": id, "status": "NEEDS_RESPONSE", "amount.amount": "37.00", "reason": "product_not_received",
		"submissions": 0.0, "submittedAt": nil, "can.ok": true, "can.why": nil,
	} {
		if got := getPath(t, d, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if !strings.HasPrefix(get(t, d, "evidence", "uncategorized_text").(string), "Order 000001 over 37.00 USD") || get(t, d, "evidenceDueBy") == nil {
		t.Errorf("it is %v", d)
	}
	viewer := s.viewer(t)
	if may := get(t, s.ok(t, viewer, disputeQuery, vars{"id": id}), "dispute", "can"); get(t, may, "ok") != false || get(t, may, "why") == nil {
		t.Errorf("a viewer may %v", may)
	}
	input := vars{"disputeId": id, "evidence": vars{"uncategorized_text": "They signed for it."}, "submissions": 0, "idempotencyKey": "e"}
	if a := s.post(t, viewer, submitEvidence, vars{"i": input}); a.code() != "FORBIDDEN" {
		t.Errorf("a viewer got %+v", a)
	}
	drafted := get(t, s.ok(t, admin, submitEvidence, vars{"i": input}), "submitDisputeEvidence")
	if get(t, drafted, "dispute", "submissions") != 0.0 || get(t, drafted, "dispute", "evidence", "uncategorized_text") != "They signed for it." {
		t.Errorf("drafted %v", drafted)
	}
	for code, evidence := range map[string]any{"INVALID_INPUT": "a text", "INVALID_INPUT ": vars{"receipt": 7}, "INVALID_INPUT  ": vars{"story": "x"}} {
		if a := s.post(t, admin, submitEvidence, vars{"i": vars{"disputeId": id, "evidence": evidence, "submissions": 0}}); a.problem(t, "submitDisputeEvidence") != strings.TrimSpace(code) {
			t.Errorf("%v: %+v", evidence, a)
		}
	}
	input["submit"], input["idempotencyKey"] = true, "s"
	for range 2 {
		submitted := get(t, s.ok(t, admin, submitEvidence, vars{"i": input}), "submitDisputeEvidence")
		if getPath(t, submitted, "dispute.status") != "UNDER_REVIEW" || getPath(t, submitted, "dispute.submissions") != 1.0 || getPath(t, submitted, "dispute.can.ok") != false {
			t.Errorf("submitted %v", submitted)
		}
	}
	input["idempotencyKey"] = "t"
	if a := s.post(t, admin, submitEvidence, vars{"i": input}); a.problem(t, "submitDisputeEvidence") != "VERSION_CONFLICT" {
		t.Errorf("a second one: %+v", a)
	}
	_, tokens := s.newTenant(t, "others")
	if a := s.post(t, tokens[tenant.RoleAdmin], disputeQuery, vars{"id": id}); a.code() != "NOT_FOUND" {
		t.Errorf("a stranger sees %+v", a)
	}
}
