package order_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// played is an order with whom it is played what can happen to one.
type played struct {
	*hooked
	order *order.Order
	// paying is the session or intent that its customer pays.
	paying                  string
	refund, dispute, payout string
	events                  []sent
}

// act is something that happens at Stripe; Golive hears of it by events alone.
type act func(t *testing.T, p *played)

// scenario is one of those that Stripe documents.
type scenario struct {
	name    string
	capture ledger.CaptureMethod
	flow    ledger.Flow
	acts    []act
	// tells is how the types begin of events that tell of the end, "" for all: of a refund that failed
	// no charge tells.
	tells string
}

var scenarios = []scenario{
	{"paid out, and back", ledger.Automatic, ledger.Elements, []act{paid("pm_card_bypassPending"), paidOut, payoutEnds(true), payoutEnds(false)}, "payout."},
	{"success", ledger.Automatic, ledger.Hosted, []act{paid(stripesim.Card)}, ""},
	{"declined, then paid", ledger.Automatic, ledger.Hosted, []act{paid("pm_card_visa_chargeDeclined"), paid(stripesim.Card)}, ""},
	{"3-D Secure", ledger.Automatic, ledger.Hosted, []act{paid("pm_card_authenticationRequired"), authenticated(true)}, ""},
	{"3-D Secure fails", ledger.Automatic, ledger.Elements, []act{paid("pm_card_authenticationRequired"), authenticated(false)}, ""},
	{"delayed, succeeds", ledger.Automatic, ledger.Hosted, []act{paid(stripesim.SEPA), settled(true)}, ""},
	{"delayed, fails", ledger.Automatic, ledger.Hosted, []act{paid(stripesim.SEPA), settled(false)}, ""},
	{"expires", ledger.Automatic, ledger.Hosted, []act{paid("pm_card_visa_chargeDeclinedInsufficientFunds"), expired}, ""},
	{"cancelled", ledger.Automatic, ledger.Elements, []act{paid("pm_card_visa_chargeDeclined"), posted("cancel", "")}, ""},
	{"captured", ledger.Manual, ledger.Elements, []act{paid(stripesim.Card), posted("capture", "")}, ""},
	{"hold runs out", ledger.Manual, ledger.Elements, []act{paid(stripesim.Card), expired}, ""},
	{"captured in part", ledger.Manual, ledger.Hosted, []act{paid(stripesim.Card), posted("capture", "amount_to_capture=1000")}, ""},
	{"refunded twice", ledger.Automatic, ledger.Elements, []act{paid(stripesim.Card), refunded(500), refunded(0)}, ""},
	{"refund pends and fails", ledger.Automatic, ledger.Elements, []act{paid("pm_card_pendingRefund"), refunded(700), refundEnds(false)}, "charge.refund."},
	{"refund succeeds and fails", ledger.Automatic, ledger.Hosted, []act{paid("pm_card_refundFail"), refunded(0), refundEnds(false)}, "charge.refund."},
	{"dispute, won", ledger.Automatic, ledger.Elements, []act{paid(stripesim.Card), disputed(stripesim.Dispute{}), decided("won")}, ""},
	{"dispute, lost", ledger.Automatic, ledger.Hosted, []act{paid(stripesim.Card), disputed(stripesim.Dispute{Amount: 900}), decided("lost")}, ""},
	{"inquiry, escalates", ledger.Automatic, ledger.Elements, []act{paid(stripesim.Card), disputed(stripesim.Dispute{Inquiry: true}), decided("escalated"), decided("lost")}, ""},
	{"someone else's", "", "", []act{foreign, refunded(400), disputed(stripesim.Dispute{})}, ""},
}

func paid(method string) act {
	return func(t *testing.T, p *played) { t.Helper(); must(t, p.Stripe.Sim.Pay(p.paying, method)) }
}

func authenticated(succeed bool) act {
	return func(t *testing.T, p *played) { t.Helper(); must(t, p.Stripe.Sim.Authenticate(p.paying, succeed)) }
}

func settled(succeed bool) act {
	return func(t *testing.T, p *played) { t.Helper(); must(t, p.Stripe.Sim.Settle(p.paying, succeed)) }
}

func expired(t *testing.T, p *played) { t.Helper(); must(t, p.Stripe.Sim.Expire(p.paying)) }

// posted is what someone else with the key has Stripe do with the intent.
func posted(verb, form string) act {
	return func(t *testing.T, p *played) {
		t.Helper()
		p.stripe(t, http.MethodPost, "/v1/payment_intents/"+p.intent(t)+"/"+verb, form)
	}
}

func (p *played) intent(t *testing.T) string {
	t.Helper()
	if p.order == nil || p.paying[:3] == "pi_" {
		return p.paying
	}
	var session struct {
		Intent string `json:"payment_intent"`
	}
	must(t, json.Unmarshal(p.stripe(t, http.MethodGet, "/v1/checkout/sessions/"+p.paying, ""), &session))
	return session.Intent
}

func refunded(amount int64) act {
	return func(t *testing.T, p *played) {
		t.Helper()
		var err error
		p.refund, err = p.Stripe.Sim.Refund(p.paying, amount)
		must(t, err)
	}
}

func refundEnds(succeed bool) act {
	return func(t *testing.T, p *played) { t.Helper(); must(t, p.Stripe.Sim.Settle(p.refund, succeed)) }
}

func disputed(d stripesim.Dispute) act {
	return func(t *testing.T, p *played) {
		t.Helper()
		var err error
		p.dispute, err = p.Stripe.Sim.Dispute(p.paying, d)
		must(t, err)
	}
}

func decided(outcome string) act {
	return func(t *testing.T, p *played) { t.Helper(); must(t, p.Stripe.Sim.Decide(p.dispute, outcome)) }
}

func paidOut(t *testing.T, p *played) {
	t.Helper()
	_, err := p.Stripe.Sim.Adjust(p.Stripe.Account.ID, stripesim.Test, "usd", 100_000, "adjustment") // whatever was given back before
	must(t, err)
	ids, err := p.Stripe.Sim.Payout(p.Stripe.Account.ID, stripesim.Test)
	must(t, err)
	p.payout = ids[0]
}

func payoutEnds(succeed bool) act {
	return func(t *testing.T, p *played) { t.Helper(); must(t, p.Stripe.Sim.Settle(p.payout, succeed)) }
}

// foreign is a payment of the account that isn't Golive's.
func foreign(t *testing.T, p *played) {
	t.Helper()
	var intent struct{ ID string }
	must(t, json.Unmarshal(p.stripe(t, http.MethodPost, "/v1/payment_intents",
		"amount=1000&currency=usd&payment_method=pm_card_visa&confirm=true&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never"), &intent))
	p.paying = intent.ID
}

// begin makes what a scenario is played with.
func (st *hooked) begin(t *testing.T, s scenario) *played {
	t.Helper()
	p := &played{hooked: st}
	if s.flow == "" {
		return p
	}
	in := st.input(1)
	in.Capture = s.capture
	p.order = st.order(t, in)
	c := st.checkout(t, p.order, s.flow)
	p.paying = or(c.Payment.SessionID, c.Payment.IntentID)
	return p
}

func or(a, b *string) string {
	if a != nil {
		return *a
	}
	return *b
}

// facts are all that is true of an order in the end, however Golive learned of it.
func (p *played) facts(t *testing.T) (facts string) {
	t.Helper()
	id := ""
	if p.order != nil {
		id = p.order.ID
	}
	must(t, p.Pool.QueryRow(t.Context(), `SELECT jsonb_build_object(
		'order', (SELECT jsonb_build_object('status', status, 'due', due, 'authorized', authorized, 'captured', captured, 'refunded', refunded, 'disputed', disputed,
			'attention', attention, 'paid', paid_at IS NOT NULL, 'ending', ending, 'looked at again', next_check_at IS NOT NULL) FROM orders WHERE id::text = $1),
		'told last', (SELECT status FROM order_events WHERE order_id::text = $1 ORDER BY sequence DESC LIMIT 1),
		'payments', (SELECT jsonb_agg(jsonb_build_object('status', status, 'amount', amount, 'authorized', authorized, 'captured', captured, 'reserved', refund_reserved,
			'fee', fee, 'method', method, 'failure', failure_code, 'decline', decline_code, 'mismatch', mismatch) ORDER BY attempt) FROM payments WHERE order_id::text = $1),
		'refunds', (SELECT jsonb_agg(jsonb_build_object('status', status, 'amount', amount, 'source', source, 'failure', failure_reason) ORDER BY amount) FROM refunds WHERE order_id::text = $1),
		'disputes', (SELECT jsonb_agg(jsonb_build_object('status', status, 'amount', amount, 'reason', reason)) FROM disputes WHERE order_id::text = $1),
		'payout', (SELECT jsonb_build_object('status', status, 'residual', residual, 'explained', reconciled_at IS NOT NULL)
			FROM payouts WHERE stripe_payout_id = $2),
		'effects', (SELECT jsonb_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM order_effects WHERE order_id::text = $1
			AND kind IN ('PAID', 'EXPIRED', 'CANCELLED') GROUP BY kind) AS e))::text`, id, p.payout).Scan(&facts))
	return facts
}

// became is what became of events, in the order in which they were made; ” is one that never came.
func (p *played) became(t *testing.T) []string {
	t.Helper()
	all := make([]string, len(p.events))
	for i, e := range p.events {
		must(t, p.Pool.QueryRow(t.Context(), `SELECT coalesce((SELECT status FROM stripe_events WHERE event_id = $1), '')`, e.ID).Scan(&all[i]))
	}
	return all
}
