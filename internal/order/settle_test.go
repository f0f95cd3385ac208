package order_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// held is an order of some bags whose money is held and not taken.
func (st *stack) held(t *testing.T, quantity int) (*order.Order, *ledger.Payment) {
	t.Helper()
	in := st.input(quantity)
	in.Capture = ledger.Manual
	o := st.order(t, in)
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	o = st.is(t, o, ledger.Authorized)
	return o, o.Payments[0]
}

func TestCapture(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o, p := st.held(t, 2)
	if o.Authorized != 3700 || p.CaptureBefore == nil {
		t.Errorf("held %d until %v", o.Authorized, p.CaptureBefore)
	}
	for _, wrong := range []order.Amount{{Amount: "37.01", Currency: "usd"}, {Amount: "1.00", Currency: "eur"}, {Amount: "1.234", Currency: "usd"}, {Amount: "0", Currency: "usd"}} {
		_, err := st.Orders.Capture(st.As, order.CaptureInput{OrderID: o.ID, Amount: &wrong, IdempotencyKey: st.key()})
		wantCode(t, err, fault.InvalidInput)
	}
	_, err := st.Orders.Capture(st.As, order.CaptureInput{OrderID: o.ID, Version: o.Version - 1, IdempotencyKey: st.key()})
	wantCode(t, err, fault.VersionConflict)
	in := order.CaptureInput{OrderID: o.ID, Amount: &order.Amount{Amount: "20.5", Currency: "USD"}, Version: o.Version, IdempotencyKey: st.key()}
	captured, err := st.Orders.Capture(st.As, in)
	must(t, err)
	if captured.Status != ledger.Paid || captured.Captured != 2050 || captured.Due != 2050 || captured.Total != 3700 || captured.Refunded != 0 {
		t.Errorf("captured as %+v", captured.Order)
	}
	again, err := st.Orders.Capture(st.As, in)
	must(t, err)
	if again.Version != captured.Version || len(st.posts(t, "/capture$")) != 1 {
		t.Error("the same key captured again")
	}
	_, err = st.Orders.Capture(st.As, order.CaptureInput{OrderID: o.ID, IdempotencyKey: st.key()})
	wantCode(t, err, fault.InvalidState)
	st.is(t, o, ledger.Paid)
}

func TestAHoldIsVoidedOrRunsOut(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o, _ := st.held(t, 1)
	cancelled, err := st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID, Reason: "sold out"})
	must(t, err)
	if cancelled.Status != ledger.Cancelled || cancelled.Authorized != 0 || *cancelled.CancelReason != "sold out" {
		t.Errorf("voided as %+v", cancelled.Order)
	}
	st.is(t, o, ledger.Cancelled)

	o, p := st.held(t, 1)
	st.Stripe.Sim.Advance(8 * 24 * time.Hour)
	st.ring(t, inbox.Intent, *p.IntentID)
	st.is(t, o, ledger.Expired)
}

func TestCancelEndsTheCheckoutFirst(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Hosted)
	cancelled, err := st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	must(t, err)
	if cancelled.Status != ledger.Cancelled || st.look(t, o).Payments[0].Status != ledger.PaymentExpired {
		t.Errorf("cancelled as %s with %+v", cancelled.Status, st.look(t, o).Payments[0])
	}
	if err := st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card); err == nil {
		t.Error("a cancelled order was paid")
	}
	_, err = st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()})
	wantCode(t, err, fault.InvalidState)
	if again, err := st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID}); err != nil || again.Version != cancelled.Version {
		t.Errorf("cancelled again: %v", err)
	}

	// A payment that came first wins.
	o = st.order(t, st.input(1))
	c = st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	_, err = st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	wantCode(t, err, fault.InvalidState)
	st.is(t, o, ledger.Paid)

	// What nobody began to pay needs nothing of Stripe.
	o = st.order(t, st.input(1))
	if now, err := st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID}); err != nil || now.Status != ledger.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
}

func TestLateMoneyIsToldAndRefunded(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.SEPA))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	st.is(t, o, ledger.Processing)
	now, err := st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	must(t, err)
	if now.Status != ledger.Cancelled {
		t.Fatalf("cancelled as %s", now.Status)
	}
	must(t, st.Stripe.Sim.Settle(*st.look(t, o).Payments[0].IntentID, true))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	late := st.is(t, o, ledger.Cancelled)
	if !slices.Contains(late.Attention, ledger.LatePayment) || late.Captured != 1850 || !strings.Contains(strings.Join(st.told(t, o), " "), "too late") {
		t.Errorf("late money: %+v, %v", late.Order, st.told(t, o))
	}
	// Nobody presses the button for three days: then Golive refunds it, once.
	st.later(t, "71 hours")
	st.check(t, o)
	if _, refunds := st.made(t); refunds != 0 {
		t.Errorf("%d refunds that nobody asked for", refunds)
	}
	st.later(t, "2 hours")
	st.check(t, o)
	st.check(t, o)
	now = st.is(t, o, ledger.Cancelled)
	if _, refunds := st.made(t); refunds != 1 || len(now.Attention) != 0 {
		t.Errorf("%d refunds, and still %v", refunds, now.Attention)
	}
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 2) // 37.00
	in := order.RefundInput{OrderID: o.ID, Amount: &order.Amount{Amount: "10", Currency: "usd"}, Reason: "requested_by_customer", IdempotencyKey: st.key()}
	_, r, err := st.Orders.Refund(st.As, in)
	must(t, err)
	if r.Status != ledger.RefundSucceeded || r.Amount != 1000 || r.StripeRefundID == nil || r.Source != ledger.SourceOurs {
		t.Errorf("refunded as %+v", r)
	}
	_, again, err := st.Orders.Refund(st.As, in)
	must(t, err)
	if again.ID != r.ID || len(st.posts(t, "^/v1/refunds$")) != 1 {
		t.Error("the same key refunded again")
	}
	in.Amount = &order.Amount{Amount: "11", Currency: "usd"}
	_, _, err = st.Orders.Refund(st.As, in)
	wantCode(t, err, fault.IdempotencyKeyReused)
	_, _, err = st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, Amount: &order.Amount{Amount: "27.01", Currency: "usd"}, IdempotencyKey: st.key()})
	wantCode(t, err, fault.InvalidInput)
	_, _, err = st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, Reason: "whim", IdempotencyKey: st.key()})
	wantCode(t, err, fault.InvalidInput, "input", "reason")
	// One that somebody makes in Stripe's Dashboard is taken in as what it is.
	id, err := st.Stripe.Sim.Refund(*o.Payments[0].IntentID, 700)
	must(t, err)
	st.ring(t, inbox.Refund, id)
	now := st.is(t, o, ledger.Paid)
	theirs := slices.IndexFunc(now.Payments[0].Refunds, func(r *ledger.Refund) bool { return r.Source == ledger.SourceDashboard })
	if now.Refunded != 1700 || len(now.Payments[0].Refunds) != 2 || theirs < 0 || now.Payments[0].Refunds[theirs].Amount != 700 {
		t.Errorf("refunded %d by %+v", now.Refunded, now.Payments[0].Refunds)
	}
	_, err = st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	wantCode(t, err, fault.InvalidState)
	_, rest, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()})
	must(t, err)
	if rest.Amount != 2000 {
		t.Errorf("the rest is %d", rest.Amount)
	}
	_, _, err = st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()})
	wantCode(t, err, fault.InvalidState)
	st.is(t, o, ledger.Paid)
	_, err = st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	must(t, err)
	st.is(t, o, ledger.Cancelled)
}

func TestARefundMayBePendingAndFail(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	refunded := func(method string, first ledger.RefundStatus) (*order.Order, string) {
		o := st.order(t, st.input(1))
		c := st.checkout(t, o, ledger.Hosted)
		must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, method))
		st.ring(t, inbox.Session, *c.Payment.SessionID)
		_, r, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()})
		must(t, err)
		if r.Status != first {
			t.Errorf("%s: first %s", method, r.Status)
		}
		return o, *r.StripeRefundID
	}
	pending, pendingRefund := refunded("pm_card_pendingRefund", ledger.RefundPending)
	failing, failingRefund := refunded("pm_card_refundFail", ledger.RefundSucceeded)
	if now := st.is(t, pending, ledger.Paid); now.Refunded != 0 || now.Payments[0].Refundable() != 0 {
		t.Errorf("pending: %+v", now.Order)
	}
	st.Stripe.Sim.Advance(time.Hour)
	st.ring(t, inbox.Refund, pendingRefund)
	st.ring(t, inbox.Refund, failingRefund)
	if now := st.is(t, pending, ledger.Paid); now.Refunded != 1850 || len(now.Attention) != 0 {
		t.Errorf("succeeded at last: %+v", now.Order)
	}
	now := st.is(t, failing, ledger.Paid)
	if now.Refunded != 0 || now.Payments[0].Refundable() != 1850 || !slices.Contains(now.Attention, ledger.RefundHasFailed) {
		t.Errorf("failed later: %+v", now.Order)
	}
}

func TestDisputesAreTakenIn(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	id, err := st.Stripe.Sim.Dispute(*o.Payments[0].ChargeID, stripesim.Dispute{Reason: "product_not_received"})
	must(t, err)
	st.ring(t, inbox.Dispute, id)
	now := st.is(t, o, ledger.Paid)
	d := now.Payments[0].Disputes[0]
	if d.Status != ledger.NeedsResponse || d.DueBy == nil || d.Reason != "product_not_received" || now.Disputed != 1850 || !slices.Contains(now.Attention, ledger.DisputeOpen) {
		t.Errorf("disputed: %+v, %+v", now.Order, d)
	}
	must(t, st.Stripe.Sim.Decide(id, "won"))
	st.ring(t, inbox.Dispute, id)
	if now = st.is(t, o, ledger.Paid); now.Disputed != 0 || len(now.Attention) != 0 {
		t.Errorf("won: %+v", now.Order)
	}
}

func TestOnlyPaidOrdersAreFulfilled(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	_, err := st.Orders.Fulfill(st.As, o.ID, 0)
	wantCode(t, err, fault.InvalidState)
	o = st.paid(t, 1)
	_, err = st.Orders.Fulfill(st.As, o.ID, o.Version+1)
	wantCode(t, err, fault.VersionConflict)
	done, err := st.Orders.Fulfill(st.As, o.ID, o.Version)
	must(t, err)
	if done.Status != ledger.Fulfilled || done.FulfilledAt == nil {
		t.Errorf("fulfilled as %+v", done)
	}
	if again, err := st.Orders.Fulfill(st.As, o.ID, 0); err != nil || again.Version != done.Version {
		t.Errorf("fulfilled again: %v", err)
	}
}
