package order_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

func TestAnOrderIsPaidOnStripesPage(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(3))
	if o.Status != ledger.Created || o.Total != 5550 || o.Currency != "usd" || o.Number() != "000001" || o.EventCount != 1 {
		t.Errorf("created as %+v", o)
	}
	c := st.checkout(t, o, ledger.Hosted)
	if c.URL == nil || c.ClientSecret != nil || c.Payment.Status != ledger.PaymentOpen || c.Order.Status != ledger.AwaitingPayment {
		t.Fatalf("checkout %+v of %+v", c, c.Payment)
	}
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	paid := st.is(t, o, ledger.Paid)
	p := paid.Payments[0]
	if paid.Captured != 5550 || paid.PaidAt == nil || p.Status != ledger.PaymentCaptured || *p.Method != "card" || *p.Last4 != "4242" || p.IntentID == nil || p.ChargeID == nil {
		t.Errorf("paid %+v by %+v", paid.Order, p)
	}
	version := paid.Version
	for _, kind := range []struct {
		of inbox.Kind
		id string
	}{{inbox.Session, *p.SessionID}, {inbox.Intent, *p.IntentID}, {inbox.Charge, *p.ChargeID}} {
		st.ring(t, kind.of, kind.id)
	}
	if now := st.is(t, o, ledger.Paid); now.Version != version {
		t.Errorf("events that tell nothing new made version %d of %d: %v", now.Version, version, st.told(t, o))
	}
	if told := strings.Join(st.told(t, o), " "); told != "The order over 55.50 USD was created. Waiting for the payment of 55.50 USD. 55.50 USD was paid." {
		t.Errorf("told %q", told)
	}
}

func TestAnOrderIsPaidByElements(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	in := order.CheckoutInput{OrderID: o.ID, Flow: ledger.Elements, IdempotencyKey: st.key()}
	c, err := st.Orders.StartCheckout(st.As, in)
	must(t, err)
	again, err := st.Orders.StartCheckout(st.As, in)
	must(t, err)
	if c.ClientSecret == nil || again.ClientSecret == nil || *c.ClientSecret != *again.ClientSecret || again.Payment.ID != c.Payment.ID {
		t.Fatalf("first %+v, then %+v", c, again)
	}
	if n := len(st.posts(t, "^/v1/payment_intents$")); n != 1 {
		t.Errorf("%d intents were asked for", n)
	}
	var held bool
	must(t, st.Pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM payments p WHERE to_jsonb(p)::text LIKE '%\_secret\_%')
		OR EXISTS (SELECT FROM stripe_calls c WHERE to_jsonb(c)::text LIKE '%\_secret\_%')`).Scan(&held))
	if held {
		t.Error("a client secret is stored")
	}
	must(t, st.Stripe.Sim.Pay(*c.Payment.IntentID, stripesim.Card))
	st.ring(t, inbox.Intent, *c.Payment.IntentID)
	st.is(t, o, ledger.Paid)
}

func TestADeclineLeavesTheCheckoutOpen(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Hosted)
	_ = st.Stripe.Sim.Pay(*c.Payment.SessionID, "pm_card_visa_chargeDeclinedInsufficientFunds")
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	p := st.is(t, o, ledger.AwaitingPayment).Payments[0]
	if p.Status != ledger.PaymentOpen || p.DeclineCode == nil || *p.DeclineCode != "insufficient_funds" {
		t.Errorf("declined: %+v", p)
	}
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	if p := st.is(t, o, ledger.Paid).Payments[0]; p.DeclineCode != nil {
		t.Errorf("paid, and still declined: %+v", p)
	}
}

func TestADelayedPayment(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.SEPA))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	st.is(t, o, ledger.Processing)
	_, err := st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()})
	wantCode(t, err, "INVALID_STATE")
	_, err = st.Orders.Fulfill(st.As, o.ID, 0)
	wantCode(t, err, "INVALID_STATE")

	must(t, st.Stripe.Sim.Settle(*st.look(t, o).Payments[0].IntentID, false))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	st.is(t, o, ledger.AwaitingPayment)
	// Its page is gone: another checkout takes its place.
	next := st.checkout(t, o, ledger.Hosted)
	if next.Payment.ID == c.Payment.ID || next.URL == nil {
		t.Fatalf("the next checkout is %+v", next.Payment)
	}
	must(t, st.Stripe.Sim.Pay(*next.Payment.SessionID, stripesim.SEPA))
	st.ring(t, inbox.Session, *next.Payment.SessionID)
	must(t, st.Stripe.Sim.Settle(*st.look(t, o).Payments[1].IntentID, true))
	st.ring(t, inbox.Session, *next.Payment.SessionID)
	st.is(t, o, ledger.Paid)
}

func TestForeignAndEarlyObjects(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	if v := st.verdict(t, inbox.Intent, "pi_none"); v != inbox.Foreign {
		t.Errorf("what is not there is %s", v)
	}
	if v := st.verdict(t, inbox.Payout, "po_1"); v != inbox.Ignored {
		t.Errorf("a payout is %s", v)
	}
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Elements)
	// As if the answer that told the id had been lost: the stamp says whose it is.
	st.Exec(t, `UPDATE payments SET intent_id = NULL`)
	must(t, st.Stripe.Sim.Pay(*c.Payment.IntentID, stripesim.Card))
	st.ring(t, inbox.Intent, *c.Payment.IntentID)
	st.is(t, o, ledger.Paid)
	// As if the row had not been committed yet.
	st.Exec(t, `UPDATE payments SET intent_id = NULL`)
	st.Exec(t, `ALTER TABLE payments DISABLE ROW LEVEL SECURITY`)
	st.Exec(t, `UPDATE payments SET account_id = 'acct_elsewhere'`)
	if v := st.verdict(t, inbox.Intent, *c.Payment.IntentID); v != inbox.Waiting {
		t.Errorf("what is stamped and has no row is %s", v)
	}
}
