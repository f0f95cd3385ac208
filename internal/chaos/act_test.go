package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/stripesim"
)

// act is something that is done to an order, in one call that changes something at Stripe.
type act struct {
	name, mutation string
	// hold tells that the customer's money is held; from is where the order stands before.
	hold bool
	from ledger.OrderStatus
	// input is what is asked for besides the order and the key.
	input object
	// path is that of its write at Stripe, "" for none.
	path string
	// done tells that it is as it was asked for.
	done func(*standing, *sold) bool
}

var acts = []act{
	{name: "create", mutation: "createOrder", done: func(*standing, *sold) bool { return true }},
	{name: "hosted checkout", mutation: "startCheckout", from: ledger.Created, input: object{"flow": "HOSTED"}, path: "^/v1/checkout/sessions$", done: begun},
	{name: "elements checkout", mutation: "startCheckout", from: ledger.Created, input: object{"flow": "ELEMENTS"}, path: "^/v1/payment_intents$", done: begun},
	{name: "capture", mutation: "captureOrder", hold: true, from: ledger.Authorized, path: "/capture$", done: is(ledger.Paid)},
	{
		name: "partial capture", mutation: "captureOrder", hold: true, from: ledger.Authorized, input: object{"amount": object{"amount": "5.00", "currency": "usd"}}, path: "/capture$",
		done: func(o *standing, _ *sold) bool { return o.Status == ledger.Paid && o.Captured == 500 },
	},
	{name: "cancel of a checkout", mutation: "cancelOrder", from: ledger.AwaitingPayment, path: "/expire$", done: is(ledger.Cancelled)},
	{name: "cancel of a hold", mutation: "cancelOrder", hold: true, from: ledger.Authorized, path: "/cancel$", done: is(ledger.Cancelled)},
	{
		name: "refund", mutation: "refundOrder", from: ledger.Paid, input: object{"amount": object{"amount": "7.00", "currency": "usd"}}, path: "^/v1/refunds$",
		done: func(o *standing, s *sold) bool { return o.Captured-o.Left == 700 && s.refunds == 1 },
	},
	{name: "draft", mutation: "submitDisputeEvidence", from: ledger.Paid, input: object{"submit": false}, path: "^/v1/disputes/", done: func(_ *standing, s *sold) bool { return s.drafts == 1 }},
	{name: "submission", mutation: "submitDisputeEvidence", from: ledger.Paid, input: object{"submit": true}, path: "^/v1/disputes/", done: func(_ *standing, s *sold) bool { return s.submissions == 1 }},
}

func begun(o *standing, s *sold) bool {
	return o.Status == ledger.AwaitingPayment && s.sessions+s.intents == 1
}

func is(status ledger.OrderStatus) func(*standing, *sold) bool {
	return func(o *standing, _ *sold) bool { return o.Status == status }
}

// booth is where acts are done one after the other: an API, a worker, and snares before
// both.
type booth struct {
	*till
	front  *front
	fair   *fair
	api    *snare
	worker *snare
	n      int
}

// deed is an act done to an order of its own.
type deed struct {
	act
	*purchase
	booth *booth
	input object
	since int
}

// prepare brings an order to where the act can be done.
func (b *booth) prepare(ctx context.Context, a act) (*deed, error) {
	b.n++
	d := &deed{act: a, booth: b, since: b.now(), purchase: &purchase{till: b.till, fair: b.fair, n: b.n, currency: "usd", manual: a.hold}}
	d.input = object{"idempotencyKey": d.key()}
	for name, value := range a.input {
		d.input[name] = value
	}
	if a.mutation == "createOrder" { // there is no order before
		d.input = d.new(d.key())
		return d, nil
	}
	made, err := b.insist(ctx, "createOrder", d.new(d.key()), "order { id }")
	if err != nil {
		return nil, err
	}
	d.order = made.Order.ID
	if a.mutation != "submitDisputeEvidence" {
		d.input["orderId"] = d.order
	}
	return d, d.bring(ctx)
}

func (d *deed) new(key string) object {
	return object{
		"tenantId": d.tenant.ID, "mode": "TEST", "customer": "cus-1", "currency": "usd", "idempotencyKey": key,
		"captureMethod": map[bool]string{true: "MANUAL", false: "AUTOMATIC"}[d.manual], "lines": []object{{"priceId": priceIn("usd"), "quantity": 1}},
	}
}

// bring takes the order as far as the act needs it, and waits until the worker has heard of
// all that was, because it would speak of that in the middle of the act. Then no webhook comes
// any more: what is done has to be known without.
func (d *deed) bring(ctx context.Context) error {
	d.sim.SetDelivery(stripesim.Delivery{})
	defer d.sim.SetDelivery(stripesim.Delivery{Paused: true})
	if err := d.come(ctx); err != nil {
		return err
	}
	return d.heard(ctx)
}

// heard waits until all that Stripe has told of has been read.
func (d *deed) heard(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, stuckAfter)
	defer stop()
	if err := d.sim.Delivered(ctx); err != nil {
		return err
	}
	return d.zero(ctx, "objects unread", `SELECT count(*) FROM stripe_objects WHERE dirty_seq > clean_seq`)
}

func (d *deed) come(ctx context.Context) error {
	if d.from == ledger.Created {
		return nil
	}
	started, err := d.insist(ctx, "startCheckout", object{"orderId": d.order, "flow": "HOSTED", "idempotencyKey": d.key()}, "payment { id stripeSessionId }")
	if err != nil {
		return err
	}
	d.at = started.Payment.StripeSessionID
	if d.from == ledger.AwaitingPayment {
		return nil
	}
	if err := d.sim.Pay(d.at, stripesim.Card); err != nil {
		return err
	}
	if err := d.until(ctx, d.from); err != nil || d.mutation != "submitDisputeEvidence" {
		return err
	}
	if _, err := d.sim.Dispute(d.at, stripesim.Dispute{}); err != nil {
		return err
	}
	return d.met(ctx, func(o *standing) bool {
		if o.Dispute != nil {
			d.input["disputeId"], d.input["submissions"], d.input["evidence"] = *o.Dispute, 0, object{"uncategorized_text": "They have it."}
		}
		return o.Dispute != nil
	})
}

var selections = map[string]string{"submitDisputeEvidence": "dispute { id }"}

func (d *deed) selection() string {
	if s := selections[d.mutation]; s != "" {
		return s
	}
	return "order { id }"
}

// ask does the act, once; repeat as often as it takes.
func (d *deed) ask(ctx context.Context) error {
	_, err := d.once(ctx, d.mutation, d.input, d.selection())
	return err
}

func (d *deed) repeat(ctx context.Context) error {
	if d.mutation == "" {
		return d.until(ctx, ledger.Paid)
	}
	answer, err := d.insist(ctx, d.mutation, d.input, d.selection())
	if err == nil && d.mutation == "createOrder" {
		d.order = answer.Order.ID
	}
	return err
}

// sold is what is at Stripe of one order.
type sold struct{ sessions, intents, charges, refunds, submissions, drafts int }

func (b *books) sold(of string) *sold {
	s := &sold{}
	for into, all := range map[*int]map[string]entry{&s.sessions: b.sessions, &s.intents: b.intents, &s.charges: b.charges, &s.refunds: b.refunds} {
		for _, e := range all {
			if e.Metadata[ledger.StampOrder] == of {
				*into++
			}
		}
	}
	for _, d := range b.disputes {
		if b.intents[d.PaymentIntent].Metadata[ledger.StampOrder] == of {
			s.submissions += d.EvidenceDetails.SubmissionCount
			if d.Metadata[ledger.StampEvidence] != "" {
				s.drafts++
			}
		}
	}
	return s
}

// twice tells what there is more of than one.
func (s *sold) twice() bool {
	return s.sessions > 1 || s.intents > 1 || s.charges > 1 || s.refunds > 1 || s.submissions > 1
}

// known tells that Golive knows what came of the act: no call is open, and it agrees with
// Stripe.
func (d *deed) known(ctx context.Context) (why string) {
	if d.order == "" {
		return ""
	}
	var open int
	err := d.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM stripe_calls WHERE order_id = $1 AND state = 'SENT')
		+ (SELECT count(*) FROM payments WHERE order_id = $1 AND status IN ('SENT', 'UNKNOWN'))
		+ (SELECT count(*) FROM refunds WHERE order_id = $1 AND status IN ('SENT', 'UNKNOWN'))
		+ (SELECT count(*) FROM orders WHERE id = $1 AND ending <> '' AND status NOT IN ('CANCELLED', 'EXPIRED'))`, d.order).Scan(&open)
	if err != nil || open > 0 {
		return fmt.Sprint(open, " open: ", err)
	}
	theirs, err := d.books(d.account.ID)
	if err != nil {
		return err.Error()
	}
	ours, err := slips(ctx, d.pool, `WHERE p.order_id = $1`, d.order)
	if err != nil {
		return err.Error()
	}
	b := newBill()
	for _, s := range ours {
		b.payment(theirs, s)
	}
	if len(b.told) > 0 {
		return b.told[0]
	}
	return ""
}

// learn waits until Golive knows, and returns how long that took from a time on.
func (d *deed) learn(ctx context.Context, since time.Time) (took time.Duration, why string) {
	within, stop := context.WithTimeout(ctx, stuckAfter)
	defer stop()
	_ = poll(within, func() bool { why = d.known(within); return why == "" })
	return time.Since(since), why
}

// soon has the worker look at the order at once.
func (d *deed) soon(ctx context.Context) error {
	_, err := d.pool.Exec(ctx, `UPDATE orders SET next_check_at = golive_now() WHERE id = $1`, d.order)
	return err
}

// conclude repeats the call as the one who asked for it does, and judges what came of it all.
func (d *deed) conclude(ctx context.Context, v *bill) error {
	if err := d.repeat(ctx); err != nil {
		v.note(&v.lost, "repeated, it was refused: %v", err)
		return nil
	}
	theirs, err := d.books(d.account.ID)
	if err != nil {
		return err
	}
	s := theirs.sold(d.order)
	if s.twice() {
		v.note(&v.doubled, "at Stripe there are %+v of order %s", *s, d.order)
	}
	var o *standing
	if err := d.met(ctx, func(now *standing) bool { o = now; return true }); err != nil {
		return err
	}
	if !d.done(o, s) {
		v.note(&v.lost, "order %s is %+v, and at Stripe there are %+v", d.order, *o, *s)
	}
	if why := d.known(ctx); why != "" {
		v.note(&v.off, "after all: %s", why)
	}
	return nil
}

var errNoCall = errors.New("its outcome was known at once")

// unheard does the act in such a way that nobody hears what came of it.
func (d *deed) unheard(ctx context.Context, kind string) error {
	_, err := d.sim.AddFault(stripesim.Fault{Kind: kind, Match: stripesim.Match{Account: d.account.ID, Method: "POST", Path: d.path}})
	if err != nil {
		return err
	}
	if d.ask(ctx) == nil {
		return errNoCall
	}
	return nil
}
