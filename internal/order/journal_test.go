package order_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// fail lets the next calls to a path fail in a way.
func (st *stack) fail(t *testing.T, kind, path string, times int) {
	t.Helper()
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: kind, Times: times, Match: stripesim.Match{Method: "POST", Path: path, Mode: stripesim.Test}})
	must(t, err)
}

// made is how many sessions and refunds there are at Stripe.
func (st *stack) made(t *testing.T) (sessions, refunds int) {
	t.Helper()
	count := func(path string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, st.Stripe.URL+path+"?limit=100", nil)
		must(t, err)
		req.SetBasicAuth(st.Stripe.Account.TestKey, "")
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		defer res.Body.Close()
		var list struct{ Data []json.RawMessage }
		must(t, json.NewDecoder(res.Body).Decode(&list))
		return len(list.Data)
	}
	return count("/v1/checkout/sessions"), count("/v1/refunds")
}

// Whatever happens to the call that makes a checkout, there is one at most, and by the
// same key its maker learns which.
func TestACheckoutWhoseOutcomeNobodyHeard(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{stripesim.ResetBefore, stripesim.ResetAfter, stripesim.Error500, stripesim.Stored500, stripesim.After500, stripesim.Error503, stripesim.Truncated, "429:global-rate"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			o := st.order(t, st.input(1))
			st.fail(t, kind, "^/v1/checkout/sessions$", 1)
			in := order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()}
			c, err := st.Orders.StartCheckout(st.As, in)
			switch kind {
			case stripesim.After500: // looked up by its stamp at once
				must(t, err)
			case stripesim.Stored500, stripesim.Error500: // nothing was made, which the look-up proves
				wantCode(t, err, fault.InvalidState)
				in.IdempotencyKey = st.key()
				c, err = st.Orders.StartCheckout(st.As, in)
				must(t, err)
			default:
				wantCode(t, err, fault.StripeUnavailable)
				_, err = st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Elements, IdempotencyKey: st.key()})
				wantCode(t, err, fault.InvalidState)
				c, err = st.Orders.StartCheckout(st.As, in)
				must(t, err)
			}
			if sessions, _ := st.made(t); sessions != 1 || c.URL == nil {
				t.Errorf("%d sessions, and %+v", sessions, c)
			}
			must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
			st.ring(t, inbox.Session, *c.Payment.SessionID)
			st.is(t, o, ledger.Paid)
		})
	}
}

// A process that dies after the call leaves a row by which another one finds out.
func TestAWorkerFindsOutWhatNobodyHeard(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	st.fail(t, stripesim.ResetAfter, "^/v1/refunds$", 1)
	_, _, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()})
	wantCode(t, err, fault.StripeUnavailable)
	now := st.is(t, o, ledger.Paid)
	if r := now.Payments[0].Refunds[0]; r.Status != ledger.RefundUnknown || now.Payments[0].Refundable() != 0 {
		t.Errorf("nobody heard, and the refund is %+v", r)
	}
	if due := now.NextCheckAt; due == nil || time.Until(*due) > 15*time.Second {
		t.Errorf("looked into only at %v", due)
	}
	st.later(t, "15 seconds")
	st.WorkStripe(t)
	st.Until(t, "the refund", `SELECT EXISTS (SELECT FROM refunds WHERE order_id = $1 AND status = 'SUCCEEDED')`, o.ID)
	if _, refunds := st.made(t); refunds != 1 {
		t.Errorf("%d refunds", refunds)
	}
	st.is(t, o, ledger.Paid)
}

// Stripe forgets a key after a day: then it is looked up, and never sent again.
func TestOldCallsAreLookedUp(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{stripesim.ResetBefore, stripesim.ResetAfter} {
		st := newStack(t)
		o := st.paid(t, 1)
		st.fail(t, kind, "^/v1/refunds$", 1)
		_, _, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()})
		wantCode(t, err, fault.StripeUnavailable)
		st.Exec(t, `UPDATE stripe_calls SET begun_at = begun_at - interval '23 hours 1 minute'`)
		sent := len(st.posts(t, "^/v1/refunds$"))
		st.check(t, o)
		if now := len(st.posts(t, "^/v1/refunds$")); now != sent {
			t.Errorf("%s: sent %d times more", kind, now-sent)
		}
		want := map[string]ledger.RefundStatus{stripesim.ResetBefore: ledger.RefundFailed, stripesim.ResetAfter: ledger.RefundSucceeded}[kind]
		if r := st.is(t, o, ledger.Paid).Payments[0].Refunds[0]; r.Status != want {
			t.Errorf("%s: the refund is %s, want %s", kind, r.Status, want)
		}
	}
}

func TestAHundredCheckoutsAtOnceGiveOne(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			_, err := st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: fmt.Sprint("k", i)})
			if code := fault.CodeOf(err); code != "" && code != fault.InvalidState {
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
	if sessions, _ := st.made(t); sessions != 1 {
		t.Errorf("%d sessions", sessions)
	}
	if n := st.one(t, `SELECT count(*) FROM payments`); n != 1 {
		t.Errorf("%d payments", n)
	}
	st.is(t, o, ledger.AwaitingPayment)
}

func TestAHundredRefundsAtOnceNeverExceedWhatWasPaid(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1) // 18.50
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			_, _, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, Amount: &order.Amount{Amount: "1", Currency: "usd"}, IdempotencyKey: fmt.Sprint("k", i)})
			if code := fault.CodeOf(err); code != "" && code != fault.InvalidInput && code != fault.InvalidState {
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
	now := st.is(t, o, ledger.Paid)
	if _, refunds := st.made(t); refunds != 18 || now.Refunded != 1800 {
		t.Errorf("%d refunds of %d in all", refunds, now.Refunded)
	}
}

// A cancel, a checkout and a payment at once: one wins, and Stripe and Golive agree.
func TestCancelAndPaymentAtOnce(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for range 10 {
		o := st.order(t, st.input(1))
		c := st.checkout(t, o, ledger.Hosted)
		var paid, cancelled error
		var both sync.WaitGroup
		both.Go(func() { paid = st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card) })
		both.Go(func() { _, cancelled = st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID}) })
		both.Wait()
		st.ring(t, inbox.Session, *c.Payment.SessionID)
		want := ledger.Cancelled
		if paid == nil {
			want = ledger.Paid
		}
		st.is(t, o, want)
		if (paid == nil) == (cancelled == nil) {
			t.Errorf("paid: %v; cancelled: %v", paid, cancelled)
		}
	}
}

// A read that began before a newer one was applied changes nothing.
func TestAnOlderReadNeverOverwrites(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	id, err := st.Stripe.Sim.Dispute(*o.Payments[0].ChargeID, stripesim.Dispute{})
	must(t, err)
	st.ring(t, inbox.Dispute, id)
	// The first read sees the dispute open, and is held on its way back.
	wait, release := st.HoldCall(t, stripesim.Fault{At: stripesim.AtAfter, Match: stripesim.Match{Method: "GET", Path: "^/v1/disputes$", Mode: stripesim.Test}})
	var first sync.WaitGroup
	first.Go(func() { st.ring(t, inbox.Dispute, id) })
	wait()
	must(t, st.Stripe.Sim.Decide(id, "won"))
	st.ring(t, inbox.Dispute, id)
	release()
	first.Wait()
	if d := st.is(t, o, ledger.Paid).Payments[0].Disputes[0]; d.Status != ledger.DisputeWon {
		t.Errorf("the dispute is %s again", d.Status)
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	unpaid, begun, paid := st.order(t, st.input(1)), st.order(t, st.input(1)), st.paid(t, 1)
	refunded, fulfilled := st.paid(t, 1), st.paid(t, 1)
	c := st.checkout(t, begun, ledger.Elements)
	_, _, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: refunded.ID, IdempotencyKey: st.key()})
	must(t, err)
	_, err = st.Orders.Fulfill(st.As, fulfilled.ID, 0)
	must(t, err)
	all := []*order.Order{unpaid, begun, paid, refunded, fulfilled}
	checkAll := func() {
		for _, o := range all {
			st.check(t, o)
		}
	}
	st.later(t, "6 days 23 hours")
	checkAll()
	for _, o := range all {
		if now := st.look(t, o); now.NextCheckAt == nil || len(now.Attention) > 0 || now.Status == ledger.Expired {
			t.Errorf("a day before: %s, %v, looked at %v", now.Status, now.Attention, now.NextCheckAt)
		}
	}
	st.later(t, "2 hours")
	checkAll()
	st.is(t, unpaid, ledger.Expired)
	st.is(t, begun, ledger.Expired)
	if err := st.Stripe.Sim.Pay(*c.Payment.IntentID, stripesim.Card); err == nil {
		t.Error("an expired order was paid")
	}
	st.later(t, "8 days")
	checkAll()
	if now := st.is(t, paid, ledger.Paid); !slices.Contains(now.Attention, ledger.Stuck) {
		t.Errorf("unfulfilled for 15 days: %v", now.Attention)
	}
	st.is(t, refunded, ledger.Cancelled)
	st.later(t, "16 days")
	checkAll()
	st.is(t, fulfilled, ledger.Completed)
	for _, o := range all {
		now := st.look(t, o)
		if over := now.Status != ledger.Paid; over != (now.NextCheckAt == nil) {
			t.Errorf("%s is looked at again %v", now.Status, now.NextCheckAt)
		}
	}
}

// The janitor finds what no event told.
func TestLostEventsAreMadeUpFor(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.later(t, "2 minutes")
	st.WorkStripe(t)
	st.Until(t, "the payment", `SELECT status = 'PAID' FROM orders WHERE id = $1`, o.ID)
}

// Looks get rarer while nothing changes, and never end while money may come.
func TestLooksGetRarer(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	st.checkout(t, o, ledger.Hosted)
	var pauses []string
	for range 6 {
		now := st.look(t, o)
		pauses = append(pauses, now.NextCheckAt.Sub(st.Clock(t)).Round(time.Minute).String())
		must(t, sweepOnce(st, o))
		st.check(t, o)
	}
	if got := fmt.Sprint(pauses); got != "[2m0s 10m0s 1h0m0s 6h0m0s 24h0m0s 24h0m0s]" {
		t.Errorf("looked at after %s", got)
	}
}

// sweepOnce counts a look, as the sweep does for orders that are due.
func sweepOnce(st *stack, o *order.Order) error {
	_, err := st.Pool.Exec(context.Background(), `UPDATE orders SET next_check_at = golive_now() WHERE id = $1`, o.ID)
	if err != nil {
		return err
	}
	_, err = st.Orders.Sweep(context.Background())
	return err
}

// The triggers and the tables agree on every pair of statuses.
func TestTriggersAgreeWithTheTables(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	agree(t, st, "orders_transition", ledger.Orders, ledger.OrderStatuses)
	agree(t, st, "payments_transition", ledger.Payments, ledger.PaymentStatuses)
	agree(t, st, "refunds_transition", ledger.Refunds, ledger.RefundStatuses)
}

func agree[S ~string](t *testing.T, st *stack, trigger string, m ledger.Machine[S], all []S) {
	t.Helper()
	for _, from := range all {
		for _, to := range all {
			in := st.one(t, `SELECT count(*) FROM pg_proc WHERE proname = $1 AND prosrc LIKE '%(''' || $2 || ''', ''' || $3 || ''')%'`, trigger, string(from), string(to)) > 0
			if in != m.Allows(from, to) {
				t.Errorf("%s to %s: %s says %v, the table %v", from, to, trigger, in, m.Allows(from, to))
			}
		}
	}
}

// What must not be, the database refuses, whoever writes it.
func TestTheDatabaseRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	open := st.order(t, st.input(1))
	st.checkout(t, open, ledger.Hosted)
	for name, sql := range map[string]string{
		"a status that can't follow":   `UPDATE orders SET status = 'CREATED' WHERE id = '` + o.ID + `'`,
		"paid without money":           `UPDATE orders SET status = 'PAID' WHERE id = '` + open.ID + `'`,
		"a total that is no sum":       `UPDATE orders SET total = total + 1 WHERE id = '` + o.ID + `'`,
		"more due than the total":      `UPDATE orders SET due = total + 1 WHERE id = '` + o.ID + `'`,
		"a second open payment":        `INSERT INTO payments (id, order_id, tenant_id, account_id, livemode, attempt, flow, status, amount, currency, capture_method, idempotency_key, input_digest) SELECT gen_random_uuid(), order_id, tenant_id, account_id, livemode, 2, flow, 'SENT', amount, currency, capture_method, 'x', '' FROM payments WHERE order_id = '` + open.ID + `'`,
		"a payment that comes back":    `UPDATE payments SET status = 'OPEN' WHERE order_id = '` + o.ID + `'`,
		"a history that is changed":    `UPDATE order_events SET message = 'nothing' WHERE order_id = '` + o.ID + `'`,
		"a history with a gap":         `INSERT INTO order_events (order_id, sequence, tenant_id, account_id, livemode, status, message, actor) SELECT order_id, 99, tenant_id, account_id, livemode, status, '', '' FROM order_events WHERE order_id = '` + o.ID + `' LIMIT 1`,
		"a refund of nothing":          `INSERT INTO refunds (id, payment_id, order_id, tenant_id, account_id, livemode, status, amount, currency, source) SELECT gen_random_uuid(), id, order_id, tenant_id, account_id, livemode, 'SENT', 0, currency, 'OURS' FROM payments`,
		"a key that is used for two":   `INSERT INTO stripe_calls (id, order_id, payment_id, tenant_id, account_id, livemode, step, key, path, body, seal_version) SELECT gen_random_uuid(), order_id, payment_id, tenant_id, account_id, livemode, step, key, path, body, seal_version FROM stripe_calls LIMIT 1`,
		"a number that is taken twice": `UPDATE orders SET number = 1`,
	} {
		if _, err := st.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	st.sound(t)
}
