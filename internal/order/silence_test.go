package order_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

// left is how an order is left, and how it is found after 90 days in which nobody cares.
type left struct {
	how    string
	leave  func(t *testing.T, st *stack) *order.Order
	status ledger.OrderStatus
	// attention is why people are asked to look then, "" for no reason.
	attention ledger.Attention
}

var leftovers = []left{
	{"not begun", func(t *testing.T, st *stack) *order.Order { t.Helper(); return st.order(t, st.input(1)) }, ledger.Expired, ""},
	{"open on Stripe's page", begun(ledger.Hosted), ledger.Expired, ""},
	{"open on the host's page", begun(ledger.Elements), ledger.Expired, ""},
	{"not sent", troubled("429:global-rate"), ledger.Expired, ""},
	{"nobody knows whether sent", troubled(stripesim.ResetBefore), ledger.Expired, ""},
	{"refused", troubled(stripesim.Refused), ledger.Expired, ""},
	{"can't be ended", unending, ledger.AwaitingPayment, ledger.Stuck},
	{"debited without end", debited, ledger.Processing, ledger.Stuck},
	{"debited without end, and cancelled", debitedAndCancelled, ledger.Cancelled, ledger.Stuck},
	{"debited too late", debitedTooLate, ledger.Cancelled, ""},
	{"held", func(t *testing.T, st *stack) *order.Order { t.Helper(); o, _ := st.held(t, 1); return o }, ledger.Expired, ""},
	{"paid", func(t *testing.T, st *stack) *order.Order { t.Helper(); return st.paid(t, 1) }, ledger.Paid, ledger.Stuck},
	{"refunded", givenBack, ledger.Cancelled, ""},
	{"fulfilled", func(t *testing.T, st *stack) *order.Order { t.Helper(); return st.fulfilled(t) }, ledger.Completed, ""},
	{"fulfilled, and a refund pends", refundPends, ledger.Fulfilled, ledger.Stuck},
	{"fulfilled, and a refund failed", refundFailed, ledger.Completed, ledger.RefundHasFailed},
	{"fulfilled, and nobody knows of a refund", refundUnheard, ledger.Completed, ""},
	{"fulfilled, and disputed", disputedAndLeft, ledger.Completed, ""},
	{"fulfilled, and the bank doesn't decide", disputedAndAnswered, ledger.Fulfilled, ledger.DisputeOpen},
}

func begun(flow ledger.Flow) func(t *testing.T, st *stack) *order.Order {
	return func(t *testing.T, st *stack) *order.Order {
		t.Helper()
		o := st.order(t, st.input(1))
		st.checkout(t, o, flow)
		return o
	}
}

// troubled is an order whose checkout something happens to on its way.
func troubled(kind string) func(t *testing.T, st *stack) *order.Order {
	return func(t *testing.T, st *stack) *order.Order {
		t.Helper()
		o := st.order(t, st.input(1))
		_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: kind, Match: stripesim.Match{Method: "POST", Path: "^/v1/payment_intents$"}})
		must(t, err)
		_, err = st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Elements, IdempotencyKey: st.key()})
		if err == nil {
			t.Errorf("%s: the checkout began", kind)
		}
		return o
	}
}

// unending is an order whose payment Stripe never lets be ended.
func unending(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Elements)
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: -1, Match: stripesim.Match{Path: *c.Payment.IntentID + "/cancel$"}})
	must(t, err)
	return o
}

func debited(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.SEPA))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	return st.is(t, o, ledger.Processing)
}

func debitedAndCancelled(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o := debited(t, st)
	_, err := st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	must(t, err)
	return o
}

func debitedTooLate(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o := debitedAndCancelled(t, st)
	must(t, st.Stripe.Sim.Settle(*o.Payments[0].SessionID, true))
	return o
}

func (st *stack) refund(t *testing.T, o *order.Order) {
	t.Helper()
	_, _, _ = st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()}) // its answer may be lost
}

func givenBack(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o := st.paid(t, 1)
	st.refund(t, o)
	return o
}

func (st *stack) fulfilled(t *testing.T) *order.Order {
	t.Helper()
	o := st.paid(t, 1)
	_, err := st.Orders.Fulfill(st.As, o.ID, 0)
	must(t, err)
	return o
}

// refundPends is one that Stripe says pends, however often it is asked.
func refundPends(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o := st.fulfilled(t)
	st.refund(t, o)
	refund := *st.look(t, o).Payments[0].Refunds[0].StripeRefundID
	st.Exec(t, `UPDATE refunds SET status = 'FAILED' WHERE stripe_refund_id = $1`, refund)
	st.Exec(t, `UPDATE refunds SET status = 'PENDING' WHERE stripe_refund_id = $1`, refund)
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Alter, Times: -1, IDs: []string{refund}, Set: map[string]json.RawMessage{"status": json.RawMessage(`"pending"`)},
		Match: stripesim.Match{Method: "GET", Path: "^/v1/refunds"},
	})
	must(t, err)
	st.ring(t, inbox.Refund, refund)
	return o
}

func refundFailed(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o, refund := st.refundedAndFailed(t)
	st.ring(t, inbox.Refund, refund)
	_, err := st.Orders.Fulfill(st.As, o.ID, 0)
	must(t, err)
	return o
}

func refundUnheard(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o := st.fulfilled(t)
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.ResetAfter, Match: stripesim.Match{Method: "POST", Path: "^/v1/refunds$"}})
	must(t, err)
	st.refund(t, o)
	return o
}

func disputedAndLeft(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o := st.fulfilled(t)
	id, err := st.Stripe.Sim.Dispute(*o.Payments[0].ChargeID, stripesim.Dispute{})
	must(t, err)
	st.ring(t, inbox.Dispute, id)
	return o
}

func disputedAndAnswered(t *testing.T, st *stack) *order.Order {
	t.Helper()
	o := disputedAndLeft(t, st)
	_, err := st.disputes().SubmitEvidence(st.As, answers(st.look(t, o).Payments[0].Disputes[0], "They got it.", true))
	must(t, err)
	return o
}

// pass lets time pass, here and at Stripe, and looks at what is due as workers do.
func (st *stack) pass(t *testing.T, by time.Duration) {
	t.Helper()
	st.Stripe.Sim.Advance(by)
	st.Advance(t, by)
	due, err := postgres.All(t.Context(), st.Pool, pgx.RowToStructByPos[order.CheckArgs], `SELECT id::text, tenant_id::text FROM orders WHERE next_check_at <= golive_now()`)
	must(t, err)
	n, err := st.Orders.Sweep(t.Context())
	if err != nil || n != len(due) {
		t.Fatalf("%d of %d are looked at: %v", n, len(due), err)
	}
	for _, args := range due {
		_ = st.Orders.Check(t.Context(), args) // what can't be done is tried again
	}
}

// silent are orders that nobody looks at again although something may become of them.
func (st *stack) silent(t *testing.T) []string {
	t.Helper()
	all, err := postgres.All(t.Context(), st.Pool, pgx.RowTo[string], `SELECT number || ' ' || status FROM orders o WHERE coalesce(next_check_at > golive_now() + interval '31 days', true)
		AND (status NOT IN ('COMPLETED', 'EXPIRED', 'CANCELLED') OR EXISTS (SELECT FROM payments p WHERE p.order_id = o.id AND p.status IN ('SENT', 'UNKNOWN', 'OPEN', 'PROCESSING', 'AUTHORIZED'))
			OR EXISTS (SELECT FROM refunds r WHERE r.order_id = o.id AND r.status IN ('SENT', 'UNKNOWN', 'PENDING', 'REQUIRES_ACTION')))`)
	must(t, err)
	return all
}

// However an order is left, somebody looks at it again, and in 90 days it has ended or people are
// asked to look: none is silent.
func TestNoOrderIsSilentForNinetyDays(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	seen := map[string]bool{}
	note := func() {
		all, err := postgres.All(t.Context(), st.Pool, pgx.RowTo[string], `SELECT 'order ' || status FROM orders UNION SELECT 'payment ' || status FROM payments UNION SELECT 'refund ' || status FROM refunds`)
		must(t, err)
		for _, s := range all {
			seen[s] = true
		}
		if silent := st.silent(t); len(silent) > 0 {
			t.Errorf("nobody looks again at %v", silent)
		}
	}
	orders := make([]*order.Order, len(leftovers))
	for i, l := range leftovers {
		orders[i] = l.leave(t, st)
		note()
	}
	pauses := []time.Duration{2 * time.Minute, 8 * time.Minute, time.Hour, 23 * time.Hour}
	for range 20 {
		pauses = append(pauses, 24*time.Hour)
	}
	for _, pause := range append(pauses, 10*24*time.Hour, 10*24*time.Hour, 24*time.Hour, 23*24*time.Hour, 23*24*time.Hour, 24*time.Hour, 24*time.Hour) {
		st.pass(t, pause)
		note()
	}
	for i, l := range leftovers {
		now := st.look(t, orders[i])
		if now.Status != l.status || l.attention == "" && len(now.Attention) > 0 || l.attention != "" && !slices.Contains(now.Attention, l.attention) {
			t.Errorf("%s: it is %s with %v, want %s with %s; told %q", l.how, now.Status, now.Attention, l.status, l.attention, st.told(t, now))
		}
	}
	st.wasSeen(t, seen)
	st.sound(t)
}

// wasSeen holds what the orders went through to all that there is.
func (*stack) wasSeen(t *testing.T, seen map[string]bool) {
	t.Helper()
	for _, s := range ledger.OrderStatuses {
		if !seen[fmt.Sprint("order ", s)] {
			t.Errorf("no order was left %s", s)
		}
	}
	for _, s := range ledger.PaymentStatuses {
		if s != ledger.PaymentNew && !seen[fmt.Sprint("payment ", s)] { // none is ever committed
			t.Errorf("no payment was left %s", s)
		}
	}
	for _, s := range []ledger.RefundStatus{ledger.RefundUnknown, ledger.RefundPending, ledger.RefundSucceeded, ledger.RefundFailed} {
		if !seen[fmt.Sprint("refund ", s)] {
			t.Errorf("no refund was left %s", s)
		}
	}
}
