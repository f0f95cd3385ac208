package order_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

// revoke takes the tenant's test key away, or gives it back.
func (st *stack) revoke(t *testing.T, revoked bool) {
	t.Helper()
	must(t, st.Stripe.Sim.SetKey(st.Stripe.Account.ID, stripesim.KeyConfig{Key: st.Stripe.Account.TestKey, Mode: stripesim.Test, Revoked: revoked}))
}

// A key that is refused on a second try says nothing of what the first one did.
func TestARefusedKeyTellsNothingOfTheTryBefore(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	st.fail(t, stripesim.ResetAfter, "^/v1/refunds$", 1)
	in := order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()}
	_, _, err := st.Orders.Refund(st.As, in)
	wantCode(t, err, fault.StripeUnavailable)
	st.revoke(t, true)
	if _, _, err = st.Orders.Refund(st.As, in); err == nil {
		t.Error("refunded by a key that was revoked")
	}
	if p := st.is(t, o, ledger.Paid).Payments[0]; p.Refunds[0].Status != ledger.RefundUnknown || p.Refundable() != 0 {
		t.Errorf("%d can be refunded again beside %+v", p.Refundable(), p.Refunds[0])
	}
	st.revoke(t, false)
	_, r, err := st.Orders.Refund(st.As, in)
	must(t, err)
	if _, refunds := st.made(t); refunds != 1 || r.Status != ledger.RefundSucceeded {
		t.Errorf("%d refunds, and %+v", refunds, r)
	}
	// Refused at the first try, it is certain that nothing was done.
	second := st.paid(t, 1)
	st.revoke(t, true)
	again := order.RefundInput{OrderID: second.ID, IdempotencyKey: st.key()}
	_, _, _ = st.Orders.Refund(st.As, again)
	if p := st.look(t, second).Payments[0]; p.Refunds[0].Status != ledger.RefundFailed || p.Refundable() != 1850 {
		t.Errorf("refused, and %+v", p.Refunds[0])
	}
	st.revoke(t, false)
	_, _, err = st.Orders.Refund(st.As, again) // the same key tells the same
	wantCode(t, err, fault.InvalidState)
}

// Whoever repeats a cancellation that Stripe didn't answer says what they saw before it.
func TestACancellationIsRepeatedAsItWasAsked(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	st.checkout(t, o, ledger.Hosted)
	in := order.CancelInput{OrderID: o.ID, Version: st.look(t, o).Version}
	st.fail(t, stripesim.ResetAfter, "/expire$", 1)
	_, err := st.Orders.Cancel(st.As, in)
	wantCode(t, err, fault.StripeUnavailable)
	if now, err := st.Orders.Cancel(st.As, in); err != nil || now.Status != ledger.Cancelled {
		t.Errorf("asked again: %v", err)
	}
}

// What was looked for and not found may be there all the same: Stripe's word counts.
func TestWhatWasTakenForFailedIsThereAfterAll(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	st.fail(t, stripesim.ResetAfter, "^/v1/refunds$", 1)
	_, _, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()})
	wantCode(t, err, fault.StripeUnavailable)
	st.Exec(t, `UPDATE refunds SET status = 'FAILED', failure_reason = 'nothing came of it'`)
	st.Exec(t, `UPDATE stripe_calls SET state = 'REFUSED', ended_at = now() WHERE step = 'refund'`)
	st.ring(t, inbox.Intent, *o.Payments[0].IntentID)
	now := st.is(t, o, ledger.Paid)
	if r := now.Payments[0].Refunds[0]; r.Status != ledger.RefundSucceeded || r.FailureReason != nil || now.Refunded != 1850 || now.Payments[0].Refundable() != 0 {
		t.Errorf("refunded %d by %+v", now.Refunded, r)
	}

	o = st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Elements)
	st.Exec(t, `ALTER TABLE payments DISABLE TRIGGER payments_transition`)
	st.Exec(t, `UPDATE payments SET status = 'FAILED', intent_id = NULL WHERE order_id = $1`, o.ID)
	st.Exec(t, `ALTER TABLE payments ENABLE TRIGGER payments_transition`)
	must(t, st.Stripe.Sim.Pay(*c.Payment.IntentID, stripesim.Card))
	st.ring(t, inbox.Intent, *c.Payment.IntentID)
	st.is(t, o, ledger.Paid)
}

// A call is sent again for most of a day, and what it makes is looked for in all of it.
func TestWhatWasMadeLateIsFound(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	st.fail(t, stripesim.ResetBefore, "^/v1/checkout/sessions$", 1)
	in := order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()}
	_, err := st.Orders.StartCheckout(st.As, in)
	wantCode(t, err, fault.StripeUnavailable)
	st.Exec(t, `UPDATE stripe_calls SET begun_at = begun_at - interval '5 hours'`)
	st.fail(t, stripesim.After500, "^/v1/checkout/sessions$", 1)
	c, err := st.Orders.StartCheckout(st.As, in)
	must(t, err)
	if sessions, _ := st.made(t); sessions != 1 || c.URL == nil {
		t.Errorf("%d sessions, and %+v", sessions, c)
	}
}

// reprice lets coffee cost another amount at Stripe.
func (st *stack) reprice(t *testing.T, currency string, amount int64) {
	t.Helper()
	st.Edit(t, stripesim.Test, coffee, func(p map[string]any) {
		option := p["currency_options"].(map[string]any)[currency].(map[string]any)
		option["unit_amount"], option["unit_amount_decimal"] = amount, strconv.FormatInt(amount, 10)
	})
}

// What Stripe would take another amount for is not to be paid.
func TestACheckoutOfAnotherAmountIsEnded(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.input(1)
	in.Currency = "eur"
	o := st.order(t, in)
	st.reprice(t, "eur", 900)
	for range 2 {
		_, err := st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()})
		wantCode(t, err, fault.InvalidState)
	}
	now := st.is(t, o, ledger.AwaitingPayment)
	for _, p := range now.Payments {
		if p.Status != ledger.PaymentExpired || !p.Mismatch {
			t.Errorf("left %+v", p)
		}
	}
	if now.Payments == nil {
		t.Error("no payment was begun")
	}
}

// Whoever paid too little is not asked for all of it again, and gets it back.
func TestTooLittleIsGivenBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Elements)
	must(t, st.Stripe.Sim.Pay(*c.Payment.IntentID, stripesim.Card))
	st.Exec(t, `UPDATE orders SET subtotal = 2000, total = 2000, due = 2000 WHERE id = $1`, o.ID)
	st.Exec(t, `UPDATE payments SET amount = 2000 WHERE order_id = $1`, o.ID)
	st.ring(t, inbox.Intent, *c.Payment.IntentID)
	now := st.is(t, o, ledger.AwaitingPayment)
	if now.Captured != 1850 {
		t.Fatalf("captured %d", now.Captured)
	}
	_, err := st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()})
	wantCode(t, err, fault.InvalidState)
	_, err = st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	wantCode(t, err, fault.InvalidState)
	_, _, err = st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()})
	must(t, err)
	_, err = st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	must(t, err)
	st.is(t, o, ledger.Cancelled)
}

// A debit that fails after its order was cancelled leaves an intent that could be paid.
func TestNobodyPaysWhatIsOver(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	in := order.CheckoutInput{OrderID: o.ID, Flow: ledger.Elements, IdempotencyKey: st.key()}
	c, err := st.Orders.StartCheckout(st.As, in)
	must(t, err)
	must(t, st.Stripe.Sim.Pay(*c.Payment.IntentID, stripesim.SEPA))
	st.ring(t, inbox.Intent, *c.Payment.IntentID)
	_, err = st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
	must(t, err)
	must(t, st.Stripe.Sim.Settle(*c.Payment.IntentID, false))
	st.ring(t, inbox.Intent, *c.Payment.IntentID)
	if now := st.is(t, o, ledger.Cancelled); now.Payments[0].Status != ledger.PaymentOpen {
		t.Fatalf("the debit failed, and its payment is %s", now.Payments[0].Status)
	}
	for _, key := range []string{in.IdempotencyKey, st.key()} {
		in.IdempotencyKey = key
		if c, err := st.Orders.StartCheckout(st.As, in); err == nil {
			t.Errorf("handed out %+v", c)
		}
	}
	st.check(t, o)
	if now := st.is(t, o, ledger.Cancelled); now.Payments[0].Status != ledger.PaymentCancelled {
		t.Errorf("the payment is %s", now.Payments[0].Status)
	}
	if err := st.Stripe.Sim.Pay(*c.Payment.IntentID, stripesim.Card); err == nil {
		t.Error("a cancelled order was paid")
	}
}

// Of two with one key and one reference, both get the order.
func TestTwoCreationsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.input(1)
	in.Reference = "A-1"
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := st.Orders.Create(st.As, in); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := st.one(t, `SELECT count(*) FROM orders`); n != 1 {
		t.Errorf("%d orders", n)
	}
}

// A capture whose answer was a failure that took effect is one that was carried out.
func TestACaptureThatFailedAndTookEffect(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o, _ := st.held(t, 1)
	st.fail(t, stripesim.After500, "/capture$", 1)
	in := order.CaptureInput{OrderID: o.ID, IdempotencyKey: st.key()}
	for range 2 {
		now, err := st.Orders.Capture(st.As, in)
		must(t, err)
		if now.Status != ledger.Paid {
			t.Errorf("captured as %s", now.Status)
		}
	}
	// One that took none is refused, and may be asked for again.
	o, _ = st.held(t, 1)
	st.fail(t, stripesim.Stored500, "/capture$", 1)
	_, err := st.Orders.Capture(st.As, order.CaptureInput{OrderID: o.ID, IdempotencyKey: st.key()})
	wantCode(t, err, fault.InvalidState)
	_, err = st.Orders.Capture(st.As, order.CaptureInput{OrderID: o.ID, IdempotencyKey: st.key()})
	must(t, err)
	st.is(t, o, ledger.Paid)
}

// What Stripe refused is told again by the same key, and not as if it had been done.
func TestARefusalIsRepeated(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	st.fail(t, stripesim.Refused, "^/v1/checkout/sessions$", 1)
	in := order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()}
	for range 2 {
		_, err := st.Orders.StartCheckout(st.As, in)
		wantCode(t, err, fault.InvalidState)
	}
}

// Stripe's word is taken even where more is refunded than was paid.
func TestMoreMayBeRefundedThanWasPaid(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	st.Exec(t, `UPDATE orders SET refunded = captured + 1 WHERE id = $1`, o.ID)
}

func TestWhatWasGivenBackIsNotFulfilled(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1)
	_, _, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()})
	must(t, err)
	_, err = st.Orders.Fulfill(st.As, o.ID, 0)
	wantCode(t, err, fault.InvalidState)
}

// Without its account, nobody could find out what becomes of a payment.
func TestAnAccountIsKeptWhilePaymentsAreUnderWay(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	other := st.Stripe.Sim.AddAccount(stripesim.AccountConfig{})
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Hosted)
	err := st.Connections.Disconnect(st.As, st.Tenant.ID, catalog.Test)
	wantCode(t, err, fault.InvalidState)
	_, err = st.Connections.Connect(st.As, connection.Input{TenantID: st.Tenant.ID, Mode: catalog.Test, SecretKey: other.TestKey, AllowDifferentAccount: true})
	wantCode(t, err, fault.InvalidState, "input", "secretKey")
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	next := st.order(t, st.input(1))
	must(t, st.Connections.Disconnect(st.As, st.Tenant.ID, catalog.Test))
	_, err = st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: next.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()})
	wantCode(t, err, fault.InvalidState)
	if n := st.one(t, `SELECT count(*) FROM payments`); n != 1 {
		t.Errorf("%d payments: one was begun without an account", n)
	}
}

// Why somebody wanted to cancel an order says nothing of one that was paid instead.
func TestAReasonGoesWithItsCancellation(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	_, err := st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID, Reason: "sold out"})
	wantCode(t, err, fault.InvalidState)
	if now := st.is(t, o, ledger.Paid); now.CancelReason != nil {
		t.Errorf("paid, and to be cancelled because %s", *now.CancelReason)
	}
}

func TestAmountsThatNoCardNetworkMoves(t *testing.T) {
	t.Parallel()
	if _, err := order.ReadAmount(&order.Amount{Amount: "1.005", Currency: "KWD"}, "kwd"); err == nil {
		t.Error("read 1.005 KWD")
	}
	if amount, err := order.ReadAmount(&order.Amount{Amount: "1.010", Currency: "KWD"}, "kwd"); err != nil || amount != 1010 {
		t.Errorf("read 1.010 KWD as %d: %v", amount, err)
	}
}

// The audit log tells what became of orders, also of what nobody asked for.
func TestWhatBecomesOfOrdersIsAudited(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	recorded := func(o *order.Order) string {
		all, err := postgres.All(t.Context(), st.Pool, pgx.RowTo[string], `SELECT action || ' ' || actor_kind FROM audit_log WHERE subject = $1 ORDER BY id`, o.ID)
		must(t, err)
		return strings.Join(all, ", ")
	}
	unpaid, held := st.order(t, st.input(1)), func() *order.Order { o, _ := st.held(t, 1); return o }()
	_, err := st.Orders.Capture(st.As, order.CaptureInput{OrderID: held.ID, IdempotencyKey: st.key()})
	must(t, err)
	_, _, err = st.Orders.Refund(st.As, order.RefundInput{OrderID: held.ID, IdempotencyKey: st.key()})
	must(t, err)
	_, err = st.Orders.Cancel(st.As, order.CancelInput{OrderID: held.ID, Reason: "Jane moved"})
	must(t, err)
	st.later(t, "8 days")
	st.check(t, unpaid)
	if got := recorded(unpaid); got != "order.created TOKEN, order.expired SYSTEM" {
		t.Errorf("of one that expired: %s", got)
	}
	if got := recorded(held); got != "order.created TOKEN, order.capture_requested TOKEN, order.captured SYSTEM, order.refund_requested TOKEN, order.refunded TOKEN, order.cancel_requested TOKEN, order.cancelled TOKEN" {
		t.Errorf("of one that was given back: %s", got)
	}
	if told := strings.Join(st.told(t, held), " "); strings.Contains(told, "Jane") {
		t.Errorf("its history can't forget: %s", told)
	}
}
