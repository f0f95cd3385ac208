package order_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// What is done with one order is done as fast beside a million others.
func TestNoOrderIsFoundByReadingAll(t *testing.T) {
	t.Parallel()
	st := &stack{Stack: domaintest.NewWithoutWalks(t)}
	st.enable(t, true)
	st.WalksNowhere(t, func() { st.live(t) })
}

// live takes orders through what can be done with one, asking the database nothing of the test's own.
func (st *stack) live(t *testing.T) {
	t.Helper()
	paid := st.order(t, st.input(2))
	c := st.checkout(t, paid, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	paid = st.look(t, paid)
	_, refund, err := st.Orders.Refund(st.As, order.RefundInput{
		OrderID: paid.ID, Amount: &order.Amount{Amount: "5.00", Currency: "usd"}, IdempotencyKey: st.key(),
	})
	must(t, err)
	st.ring(t, inbox.Refund, *refund.StripeRefundID)
	_, err = st.Orders.Fulfill(st.As, paid.ID, st.look(t, paid).Version)
	must(t, err)
	dispute, err := st.Stripe.Sim.Dispute(*paid.Payments[0].ChargeID, stripesim.Dispute{})
	must(t, err)
	st.ring(t, inbox.Dispute, dispute)
	st.check(t, paid)

	held := st.input(1)
	held.Capture = ledger.Manual
	o := st.order(t, held)
	c = st.checkout(t, o, ledger.Elements)
	must(t, st.Stripe.Sim.Pay(*c.Payment.IntentID, stripesim.Card))
	st.ring(t, inbox.Intent, *c.Payment.IntentID)
	_, err = st.Orders.Capture(st.As, order.CaptureInput{OrderID: o.ID, IdempotencyKey: st.key()})
	must(t, err)
	o = st.order(t, st.input(1))
	st.checkout(t, o, ledger.Hosted)
	_, err = st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	must(t, err)
	_, err = st.Orders.List(st.As, order.Filter{TenantID: st.Tenant.ID, Mode: catalog.Test, First: 20})
	must(t, err)
}
