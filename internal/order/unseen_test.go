package order_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// What a capture has changed is read soon, though whoever captured could not read it.
func TestACaptureThatNobodyReadIsReadSoon(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o, _ := st.held(t, 1)
	id, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: -1, Match: stripesim.Match{Method: "GET", Mode: stripesim.Test}})
	must(t, err)
	if _, err := st.Orders.Capture(st.As, order.CaptureInput{OrderID: o.ID, IdempotencyKey: st.key()}); err == nil {
		t.Error("captured without a read")
	}
	st.Stripe.Sim.RemoveFault(id)
	if due := st.is(t, o, ledger.Authorized).NextCheckAt.Sub(st.Clock(t)); due > 10*time.Second {
		t.Errorf("read only after %v", due)
	}
	st.check(t, o)
	paid := st.is(t, o, ledger.Paid)
	if due := paid.NextCheckAt; due != nil && due.Sub(st.Clock(t)) < time.Minute {
		t.Errorf("read, and read again at %v", due)
	}
}

// Whoever finds out what nobody heard may die of it, too: somebody else is at it soon.
func TestAnotherFindsOutWhatAFinderDiedOver(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	st.fail(t, stripesim.ResetAfter, "^/v1/refunds$", 1)
	if _, _, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()}); err == nil {
		t.Error("the answer was lost, and the refund is known")
	}
	for _, want := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute, time.Minute} {
		must(t, sweepOnce(st, o)) // and its job is lost
		if due := st.look(t, o).NextCheckAt.Sub(st.Clock(t)); due > want || due < want-5*time.Second {
			t.Errorf("looked at again after %v, want %v", due, want)
		}
	}
}

// A refund of the Dashboard's that failed before anybody looked leaves no trace at its charge.
func TestARefundThatFailedUnseenIsLearnedOf(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	id, err := st.Stripe.Sim.Refund(*o.Payments[0].ChargeID, 500)
	must(t, err)
	must(t, st.Stripe.Sim.Settle(id, false))
	st.ring(t, inbox.Refund, id)
	if all := st.is(t, o, ledger.Paid).Payments[0].Refunds; len(all) != 1 || all[0].Status != ledger.RefundFailed {
		t.Errorf("Golive knows of %+v", all)
	}
}
