package order_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// refundedAndFailed is an order with a refund that someone made at Stripe, and that failed before
// Golive heard of it: the charge says nothing of it any more.
func (st *stack) refundedAndFailed(t *testing.T) (o *order.Order, refund string) {
	t.Helper()
	o = st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, "pm_card_refundFail"))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	refund, err := st.Stripe.Sim.Refund(*c.Payment.SessionID, 0)
	must(t, err)
	must(t, st.Stripe.Sim.Settle(refund, false))
	return st.look(t, o), refund
}

func (st *stack) hasFailedRefund(t *testing.T, o *order.Order) {
	t.Helper()
	now := st.is(t, o, ledger.Paid)
	if all := now.Payments[0].Refunds; len(all) != 1 || all[0].Status != ledger.RefundFailed || !slices.Contains(now.Attention, ledger.RefundHasFailed) {
		t.Errorf("its refunds are %+v, and people are told %v", all, now.Attention)
	}
}

func TestARefundThatFailedUnseenIsTold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o, refund := st.refundedAndFailed(t)
	st.ring(t, inbox.Refund, refund)
	st.hasFailedRefund(t, o)
}

// A read that a charge rang for, and that overtakes the one that the refund rang for, has the refund.
func TestAReadThatOvertakesKnowsOfRefunds(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o, refund := st.refundedAndFailed(t)
	wait, release := st.HoldCall(t, stripesim.Fault{At: stripesim.AtAfter, Match: stripesim.Match{Method: "GET", Path: "^/v1/checkout/sessions/", Mode: stripesim.Test}})
	var first sync.WaitGroup
	first.Go(func() { st.ring(t, inbox.Refund, refund) })
	wait()
	st.ring(t, inbox.Charge, *o.Payments[0].ChargeID)
	release()
	first.Wait()
	st.hasFailedRefund(t, o)
}
