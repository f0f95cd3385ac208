package ledger

import (
	"slices"
	"strings"
	"time"
)

// Observation is all that Stripe said of one payment when it was read. Session is nil
// where the payment has none, Intent where nobody has begun to pay yet.
type Observation struct {
	Session  *Session
	Intent   *Intent
	Refunds  []StripeRefund
	Disputes []StripeDispute
}

// Apply brings an order to what Stripe says of one of its payments, and returns the
// statuses that it went through, none where it stands still. Each observation is whole,
// so it doesn't matter how many were missed before it: what comes of the last one is all
// that counts. newID names what was not known of before.
func Apply(o *Order, p *Payment, seen Observation, newID func() string) []OrderStatus {
	p.Mismatch = seen.differs(o, p)
	p.identify(seen)
	o.follow(p, StatusOf(seen.Statuses()))
	if seen.foreign(o) {
		return Settle(o) // its money can't be added to the order's
	}
	p.count(seen)
	p.takeRefunds(seen.Refunds, newID)
	p.takeDisputes(seen.Disputes, newID)
	return Settle(o)
}

// Statuses are the arguments of StatusOf. A hold that Stripe let run out has expired.
func (seen Observation) Statuses() (intent, session, paid string) {
	intent, paid = "requires_payment_method", "unpaid"
	if seen.Session != nil {
		session, paid = seen.Session.Status, seen.Session.PaymentStatus
	}
	if i := seen.Intent; i != nil {
		intent = i.Status
		if i.Status == "canceled" && i.CancellationReason == "automatic" {
			session = "expired"
		}
	}
	return intent, session, paid
}

// differs tells that Stripe asks for other money than the payment does.
func (seen Observation) differs(o *Order, p *Payment) bool {
	return seen.foreign(o) || seen.inOther(o.Currency) ||
		seen.Session != nil && seen.Session.AmountTotal != p.Amount ||
		seen.Intent != nil && seen.Intent.Amount != p.Amount
}

// foreign tells that its money can't be added to the order's.
func (seen Observation) foreign(o *Order) bool {
	live := o.Mode == "LIVE"
	return seen.Session != nil && (seen.Session.Currency != o.Currency || seen.Session.Livemode != live) ||
		seen.Intent != nil && (seen.Intent.Currency != o.Currency || seen.Intent.Livemode != live)
}

// inOther tells that something was given back, or is asked back, in another currency.
func (seen Observation) inOther(currency string) bool {
	return slices.ContainsFunc(seen.Refunds, func(r StripeRefund) bool { return r.Currency != currency }) ||
		slices.ContainsFunc(seen.Disputes, func(d StripeDispute) bool { return d.Currency != currency })
}

func (seen Observation) charge() *Charge {
	if seen.Intent == nil {
		return nil
	}
	return seen.Intent.LatestCharge.Object
}

// identify notes Stripe's ids, and what was paid with.
func (p *Payment) identify(seen Observation) {
	if s := seen.Session; s != nil {
		p.SessionID, p.SessionURL = orKeep(s.ID, p.SessionID), orNil(s.URL)
		p.IntentID = orKeep(s.PaymentIntent.ID, p.IntentID)
		p.ExpiresAt = instant(s.ExpiresAt, p.ExpiresAt)
	}
	if i := seen.Intent; i != nil {
		p.IntentID = orKeep(i.ID, p.IntentID)
		p.FailureCode, p.DeclineCode, p.FailureMessage = nil, nil, nil
		if e := i.LastPaymentError; e != nil {
			p.FailureCode, p.DeclineCode, p.FailureMessage = orNil(e.Code), orNil(e.DeclineCode), orNil(e.Message)
		}
	}
	if c := seen.charge(); c != nil {
		p.ChargeID = orKeep(c.ID, p.ChargeID)
		p.describe(c)
	}
}

func (p *Payment) describe(c *Charge) {
	if fees := c.BalanceTransaction.Object; fees != nil {
		p.Fee, p.FeeCurrency = &fees.Fee, &fees.Currency
	}
	d := c.PaymentMethodDetails
	if d == nil {
		return
	}
	p.Method = orNil(d.Type)
	switch {
	case d.Card != nil:
		p.Brand, p.Last4, p.CaptureBefore = orNil(d.Card.Brand), orNil(d.Card.Last4), instant(d.Card.CaptureBefore, p.CaptureBefore)
	case d.SEPADebit != nil:
		p.Last4 = orNil(d.SEPADebit.Last4)
	}
}

// follow goes to a status by those in between. Where there is no way it stays: what
// Stripe never does is no reason to break a rule, and the sums are noted all the same.
// One that was taken for failed stays so while money may come of another one, because an
// order has one such payment at most; what is taken counts in any case.
func (o *Order) follow(p *Payment, to PaymentStatus) {
	if p.Status == PaymentFailed && to.Live() && o.Live() != nil {
		return
	}
	if way := Payments.Path(p.Status, to); way != nil {
		p.Status = to
	}
}

// count notes what was held and taken. Of a partial capture the rest is released, which
// Stripe may tell as refunded: what was captured is the charge's own word for it.
func (p *Payment) count(seen Observation) {
	if c := seen.charge(); c != nil && c.Status == "succeeded" {
		p.Authorized, p.Captured = c.Amount, c.AmountCaptured
		return
	}
	if seen.Intent != nil {
		p.Captured = max(p.Captured, seen.Intent.AmountReceived)
	}
}

// takeRefunds brings refunds to what Stripe says of them; those made in its Dashboard
// come to ours.
func (p *Payment) takeRefunds(seen []StripeRefund, newID func() string) {
	for _, s := range seen {
		r := p.refund(s)
		if r == nil {
			r = &Refund{
				ID: newID(), PaymentID: p.ID, Status: RefundStatusOf(s.Status), Source: SourceDashboard,
				Reason: orNil(s.Reason), Currency: s.Currency, CreatedAt: time.Unix(s.Created, 0).UTC(),
			}
			p.Refunds = append(p.Refunds, r)
		}
		r.take(s)
	}
}

// take follows Stripe's word, whose FAILED is final: only a refund that Stripe had not told
// of may turn out to be there after all.
func (r *Refund) take(s StripeRefund) {
	to, final := RefundStatusOf(s.Status), r.Status == RefundFailed && r.StripeRefundID != nil
	if r.Status == RefundFailed && !final && to != RefundFailed {
		r.FailureReason = nil
	}
	r.Amount, r.StripeRefundID, r.FailureReason = s.Amount, orKeep(s.ID, r.StripeRefundID), orKeep(s.FailureReason, r.FailureReason)
	if way := Refunds.Path(r.Status, to); way != nil && !final {
		r.Status = to
	}
}

// refund is ours by Stripe's id, or by the stamp where the answer that told the id was lost.
// Where it has another id, Stripe gave back twice, and both count.
func (p *Payment) refund(s StripeRefund) *Refund {
	var stamped *Refund
	for _, r := range p.Refunds {
		switch {
		case r.StripeRefundID == nil && r.ID == s.Metadata[StampRefund]:
			stamped = r
		case r.StripeRefundID != nil && *r.StripeRefundID == s.ID:
			return r
		}
	}
	return stamped
}

func (p *Payment) takeDisputes(seen []StripeDispute, newID func() string) {
	for _, s := range seen {
		d := p.dispute(s.ID)
		if d == nil {
			d = &Dispute{ID: newID(), OrderID: p.OrderID, PaymentID: p.ID, StripeDisputeID: s.ID, CreatedAt: time.Unix(s.Created, 0).UTC()}
			p.Disputes = append(p.Disputes, d)
		}
		d.Status, d.Amount, d.Currency, d.Reason = DisputeStatus(strings.ToUpper(s.Status)), s.Amount, s.Currency, s.Reason
		d.DueBy, d.Submissions = instant(s.EvidenceDetails.DueBy, d.DueBy), s.EvidenceDetails.SubmissionCount
	}
}

func (p *Payment) dispute(stripeID string) *Dispute {
	for _, d := range p.Disputes {
		if d.StripeDisputeID == stripeID {
			return d
		}
	}
	return nil
}

// instant is nil for 0, which is Stripe's for none. What is the same as before stays the
// same value.
func instant(seconds int64, was *time.Time) *time.Time {
	if seconds == 0 {
		return nil
	}
	t := time.Unix(seconds, 0).UTC()
	if was != nil && was.Equal(t) {
		return was
	}
	return &t
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orKeep(s string, kept *string) *string {
	if s == "" {
		return kept
	}
	return &s
}

// TakeRefund brings one refund of a payment to what Stripe answered of it.
func TakeRefund(o *Order, p *Payment, seen StripeRefund, newID func() string) []OrderStatus {
	p.takeRefunds([]StripeRefund{seen}, newID)
	return Settle(o)
}
