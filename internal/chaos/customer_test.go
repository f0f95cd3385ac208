package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// purchase is one order, and what its customer, its seller and a bank do, as drawn.
type purchase struct {
	*till
	fair     *fair
	random   *rand.Rand
	n        int
	currency string
	manual   bool
	// keys are those of idempotency that were used.
	keys int

	order string
	// at is what the customer pays: a session, or an intent.
	at string
}

// standing is an order as the database has it.
type standing struct {
	Status   ledger.OrderStatus `db:"status"`
	Captured int64              `db:"captured"`
	// Left is what neither was refunded nor is going to be.
	Left int64 `db:"left"`
	// Dispute is its only one.
	Dispute *string `db:"dispute"`
	Closed  bool    `db:"closed"`
}

func (o *standing) String() string {
	if o == nil {
		return "not known"
	}
	return fmt.Sprintf("%s, %d captured, %d left, disputed %t, closed %t", o.Status, o.Captured, o.Left, o.Dispute != nil, o.Closed)
}

func (f *fair) purchase(n int, random *rand.Rand) *purchase {
	return &purchase{
		till: f.tills[n%len(f.tills)], fair: f, random: random, n: n, currency: money[random.IntN(len(money))], manual: random.IntN(4) == 0,
	}
}

// chance is true in so many of a hundred.
func (p *purchase) chance(percent int) bool { return p.random.IntN(100) < percent }

func pick[T any](p *purchase, of ...T) T { return of[p.random.IntN(len(of))] }

func (p *purchase) key() string {
	p.keys++
	return fmt.Sprintf("purchase-%d-%d", p.n, p.keys)
}

// run is the order's life.
func (p *purchase) run(ctx context.Context) error {
	made, err := p.insist(ctx, "createOrder", object{
		"tenantId": p.tenant.ID, "mode": "TEST", "customer": fmt.Sprint("cus-", p.n), "currency": p.currency, "idempotencyKey": p.key(),
		"captureMethod": map[bool]string{true: "MANUAL", false: "AUTOMATIC"}[p.manual],
		"lines":         []object{{"priceId": priceIn(p.currency), "quantity": 1 + p.random.IntN(5)}},
	}, "order { id }")
	if err != nil {
		return err
	}
	p.order = made.Order.ID
	if err := p.checkout(ctx); err != nil {
		return err
	}
	if p.chance(5) {
		if _, err := p.insist(ctx, "fulfillOrder", object{"orderId": p.order}, "order { id }"); err == nil {
			p.fair.bill.note(&p.fair.bill.unpaid, "%s was fulfilled before anybody paid", p.order)
		}
	}
	return p.pay(ctx)
}

// checkout starts one, and leaves where the customer pays.
func (p *purchase) checkout(ctx context.Context) error {
	begun, err := p.insist(ctx, "startCheckout", object{
		"orderId": p.order, "flow": pick(p, "HOSTED", "HOSTED", "ELEMENTS"), "idempotencyKey": p.key(),
	}, "payment { id status stripeSessionId stripePaymentIntentId }")
	if err != nil {
		return err
	}
	if p.at = begun.Payment.StripeSessionID; p.at == "" {
		p.at = begun.Payment.StripePaymentIntentID
	}
	if p.at == "" {
		return fmt.Errorf("a checkout that nobody can pay: %+v", begun.Payment)
	}
	return nil
}

// cards are paid with. The money of one can be paid out at once.
var cards = []string{stripesim.Card, "pm_card_mastercard", "pm_card_bypassPending", "pm_card_pendingRefund", "pm_card_refundFail"}

var declines = []string{
	"pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds", "pm_card_chargeDeclinedExpiredCard", "pm_card_radarBlock",
}

// pay is what the customer does.
func (p *purchase) pay(ctx context.Context) error {
	switch way := p.random.IntN(100); {
	case way < 15:
		if err := p.sim.Pay(p.at, pick(p, declines...)); err != nil {
			return err
		}
		return p.payByCard(ctx)
	case way < 25:
		return p.authenticate(ctx)
	case way < 37 && !p.manual:
		return p.debit(ctx)
	case way < 44:
		_, err := p.insist(ctx, "cancelOrder", object{"orderId": p.order, "reason": "They thought better of it."}, "order { id }")
		return errors.Join(err, p.until(ctx, ledger.Cancelled))
	case way < 50:
		return p.race(ctx)
	}
	return p.payByCard(ctx)
}

func (p *purchase) payByCard(ctx context.Context) error {
	if err := p.sim.Pay(p.at, pick(p, cards...)); err != nil {
		return err
	}
	return p.paid(ctx)
}

// authenticate is 3-D Secure, which may fail at first.
func (p *purchase) authenticate(ctx context.Context) error {
	succeeds := p.chance(60)
	if err := errors.Join(p.sim.Pay(p.at, "pm_card_threeDSecure2Required"), p.sim.Authenticate(p.at, succeeds)); err != nil {
		return err
	}
	if !succeeds {
		return p.payByCard(ctx)
	}
	return p.paid(ctx)
}

// debit is decided days later. One that fails leaves a session that nobody can pay any more.
func (p *purchase) debit(ctx context.Context) error {
	if err := p.sim.Pay(p.at, stripesim.SEPA); err != nil {
		return err
	}
	succeeds := p.chance(65)
	if !succeeds || p.chance(70) { // else it is decided before Golive has heard of it
		if err := p.until(ctx, ledger.Processing); err != nil {
			return err
		}
	}
	if err := p.sim.Settle(p.at, succeeds); err != nil || succeeds {
		return errors.Join(err, p.paid(ctx))
	}
	if err := p.until(ctx, ledger.AwaitingPayment); err != nil {
		return err
	}
	if err := p.checkout(ctx); err != nil {
		return err
	}
	return p.payByCard(ctx)
}

// race has the customer pay while the seller cancels: one of them wins.
func (p *purchase) race(ctx context.Context) error {
	var both sync.WaitGroup
	var cancelled error
	both.Go(func() { _ = p.sim.Pay(p.at, stripesim.Card) }) // it may be over
	both.Go(func() {
		_, cancelled = p.insist(ctx, "cancelOrder", object{"orderId": p.order}, "order { id }")
	})
	both.Wait()
	if cancelled != nil && fault.CodeOf(cancelled) != fault.InvalidState {
		return cancelled
	}
	var o *standing
	err := p.met(ctx, func(now *standing) bool { o = now; return now.Status == ledger.Cancelled || now.Status == ledger.Paid })
	if err != nil || o.Status == ledger.Cancelled {
		return err
	}
	return p.after(ctx)
}

// paid waits until Golive knows that the customer has paid, captures what is held, and goes on.
func (p *purchase) paid(ctx context.Context) error {
	if !p.manual {
		return p.after(ctx)
	}
	if err := p.until(ctx, ledger.Authorized); err != nil {
		return err
	}
	if p.chance(20) {
		_, err := p.insist(ctx, "cancelOrder", object{"orderId": p.order}, "order { id }")
		return errors.Join(err, p.until(ctx, ledger.Cancelled))
	}
	in := object{"orderId": p.order, "idempotencyKey": p.key()}
	if p.chance(40) {
		in["amount"] = p.some(unitIn(p.currency))
	}
	if _, err := p.insist(ctx, "captureOrder", in, "order { id }"); err != nil {
		return err
	}
	return p.after(ctx)
}

// some is a part of an amount, as people write it.
func (p *purchase) some(of int64) object {
	step := catalog.ChargeStep(p.currency)
	amount := step + p.random.Int64N(max(1, of/step-1))*step
	return object{"amount": ledger.Money(amount, p.currency).Amount(), "currency": p.currency}
}

// after is what happens to an order once it is paid.
func (p *purchase) after(ctx context.Context) error {
	var o *standing
	if err := p.met(ctx, func(now *standing) bool { o = now; return now.Status == ledger.Paid }); err != nil {
		return err
	}
	if p.chance(60) {
		if _, err := p.insist(ctx, "fulfillOrder", object{"orderId": p.order}, "order { id }"); err != nil {
			return err
		}
	}
	switch way := p.random.IntN(100); {
	case way < 10:
		return p.refund(ctx, object{})
	case way < 28:
		return p.refundParts(ctx, o)
	case way < 32:
		_, err := p.sim.Refund(p.at, p.step(o.Captured/3))
		return errors.Join(err, p.met(ctx, func(now *standing) bool { return now.Left < o.Captured }))
	case way < 42:
		return p.dispute(ctx)
	}
	return nil
}

func (p *purchase) step(amount int64) int64 {
	step := catalog.ChargeStep(p.currency)
	return max(step, amount/step*step)
}

// refundParts gives parts back one after the other, or asks for two at once of which one may
// be too much.
func (p *purchase) refundParts(ctx context.Context, o *standing) error {
	if p.chance(40) {
		most := object{"amount": ledger.Money(p.step(o.Captured*2/3), p.currency).Amount(), "currency": p.currency}
		one, two := p.refundOf(object{"amount": most}), p.refundOf(object{"amount": most})
		var both sync.WaitGroup
		var errs [2]error
		both.Go(func() { errs[0] = one(ctx) })
		both.Go(func() { errs[1] = two(ctx) })
		both.Wait()
		return errors.Join(errs[:]...)
	}
	for range 1 + p.random.IntN(3) {
		if err := p.refund(ctx, object{"amount": p.some(o.Captured / 3)}); err != nil {
			return err
		}
	}
	return nil
}

func (p *purchase) refund(ctx context.Context, in object) error { return p.refundOf(in)(ctx) }

// refundOf draws what comes of a refund, and returns how to ask for it. What is pending is
// settled, and what was given back may come back.
func (p *purchase) refundOf(in object) func(context.Context) error {
	in["orderId"], in["idempotencyKey"] = p.order, p.key()
	settles := p.chance(80)
	return func(ctx context.Context) error {
		given, err := p.insist(ctx, "refundOrder", in, "refund { id status stripeRefundId }")
		if code := fault.CodeOf(err); code == fault.InvalidState || code == fault.InvalidInput {
			return nil // somebody else was faster, or it is disputed
		}
		if err != nil {
			return err
		}
		p.fair.bill.granted(p.order)
		if given.Refund.Status == string(ledger.RefundPending) {
			_ = p.sim.Settle(given.Refund.StripeRefundID, settles) // it may have settled by itself
		}
		return nil
	}
}

// dispute has the customer's bank ask for the money back, and the seller answer or not.
func (p *purchase) dispute(ctx context.Context) error {
	id, err := p.sim.Dispute(p.at, stripesim.Dispute{Reason: pick(p, "fraudulent", "product_not_received"), Inquiry: p.chance(20)})
	if err != nil {
		return err
	}
	var o *standing
	if err := p.met(ctx, func(now *standing) bool { o = now; return now.Dispute != nil }); err != nil {
		return err
	}
	if p.chance(30) {
		if p.sim.Decide(id, "lost") != nil { // an inquiry can't be lost
			err = p.sim.Decide(id, "warning_closed")
		}
		return errors.Join(err, p.met(ctx, func(now *standing) bool { return now.Closed }))
	}
	_, err = p.insist(ctx, "submitDisputeEvidence", object{
		"disputeId": *o.Dispute, "submit": true, "submissions": 0, "idempotencyKey": p.key(),
		"evidence": object{"uncategorized_text": pick(p, "winning_evidence", "losing_evidence")},
	}, "dispute { id }")
	return errors.Join(err, p.met(ctx, func(now *standing) bool { return now.Closed }))
}

func (p *purchase) standing(ctx context.Context) (*standing, error) {
	o := &standing{}
	err := p.pool.QueryRow(ctx, `SELECT o.status, o.captured, o.captured - coalesce((SELECT sum(p.refund_reserved) FROM payments p WHERE p.order_id = o.id), 0)::bigint,
			d.id::text, coalesce(d.status IN ('WON', 'LOST', 'WARNING_CLOSED'), false)
		FROM orders o LEFT JOIN disputes d ON d.order_id = o.id WHERE o.id = $1`, p.order).Scan(&o.Status, &o.Captured, &o.Left, &o.Dispute, &o.Closed)
	return o, err
}

// until waits until the order has one of the statuses.
func (p *purchase) until(ctx context.Context, any ...ledger.OrderStatus) error {
	err := p.met(ctx, func(o *standing) bool { return slices.Contains(any, o.Status) })
	if err != nil {
		return fmt.Errorf("never became %v: %w", any, err)
	}
	return nil
}

// met waits until the order is so. While all wait, time passes.
func (p *purchase) met(ctx context.Context, so func(*standing) bool) error {
	bell := p.Runner.Hub.Subscribe(order.Topic(p.order))
	defer bell.Close()
	p.fair.waiting.Add(1)
	defer p.fair.waiting.Add(-1)
	var last *standing
	for {
		o, err := p.standing(ctx)
		if err == nil && so(o) {
			p.fair.steps.Add(1)
			return nil
		}
		if err == nil {
			last = o
		}
		select {
		case <-bell.C:
		case <-time.After(time.Second / 2): // bells get lost with Postgres
		case <-ctx.Done():
			return fmt.Errorf("%w: order %s is %s", errStuck, p.order, last)
		}
	}
}
