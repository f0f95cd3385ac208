package ledger

import "time"

// Deadlines of an order. Deadlines shows them to people.
const (
	CheckoutTime    = 60 * time.Minute    // a hosted checkout stays open
	UnpaidTime      = 7 * 24 * time.Hour  // an unpaid order, then it is EXPIRED
	UnfulfilledTime = 14 * 24 * time.Hour // a paid one that nobody fulfils, then it is STUCK
	ReturnTime      = 30 * 24 * time.Hour // after it is FULFILLED, then it is COMPLETED
	CaptureWarning  = 24 * time.Hour      // before a hold runs out
	LateTime        = 72 * time.Hour      // late money that nobody refunds, then Golive does
	UnknownTime     = 2 * time.Minute     // an outcome that nobody knows, before people are told
	EndTime         = 24 * time.Hour      // what is to end doesn't, then it is STUCK
	RefundTime      = 14 * 24 * time.Hour // a refund is under way, then it is STUCK
)

// Deadline is one of them in words.
type Deadline struct {
	What string
	Time time.Duration
	Then string
}

// Deadlines are all of them.
var Deadlines = []Deadline{
	{"a hosted checkout is open", CheckoutTime, "it expires; the order can be paid by another one"},
	{"an order is unpaid", UnpaidTime, "EXPIRED; STUCK while a payment is being processed, or where it can't be ended for another day"},
	{"an order is PAID and not fulfilled", UnfulfilledTime, "STUCK; CANCELLED where all of it was refunded"},
	{"an order is FULFILLED", ReturnTime, "COMPLETED, once no refund is pending and no dispute is open"},
	{"a refund is under way", RefundTime, "STUCK"},
	{"a payment of an order that is over can still bring money", UnpaidTime, "STUCK"},
	{"money that came too late is kept", LateTime, "it's refunded"},
	{"before a hold runs out", CaptureWarning, "CAPTURE_DEADLINE"},
}

// Attend says why somebody should look at the order at a time, in the order of urgency.
// since is when it came to its status, and unheard tells of a call to Stripe whose
// outcome has not been known for too long.
func Attend(o *Order, now, since time.Time, unheard bool) []Attention {
	kept := o.kept()
	over := o.Status == Expired || o.Status == Cancelled
	all := []Attention{}
	for _, a := range []struct {
		what Attention
		is   bool
	}{
		{LatePayment, over && o.PaidAt == nil && kept > 0},
		{Overpaid, !over && kept > o.Due},
		{AmountMismatch, o.mismatch() || o.Refunded > o.Captured},
		{DisputeOpen, o.disputed()},
		{RefundHasFailed, o.refundFailed()},
		{CaptureDeadline, o.holdEnds(now)},
		{Stuck, o.stuck(now, since)},
		{UnknownOutcome, unheard || o.has(PaymentUnknown) != nil},
	} {
		if a.is {
			all = append(all, a.what)
		}
	}
	return all
}

// kept is what was taken and nobody is giving back.
func (o *Order) kept() int64 {
	kept := o.Captured
	for _, p := range o.Payments {
		kept -= p.Reserved()
	}
	return kept
}

func (o *Order) mismatch() bool {
	for _, p := range o.Payments {
		if p.Mismatch || p.Unreconciled {
			return true
		}
	}
	return false
}

func (o *Order) disputed() bool {
	for _, p := range o.Payments {
		for _, d := range p.Disputes {
			if !d.Status.Closed() {
				return true
			}
		}
	}
	return false
}

// refundFailed tells that the newest refund did, and so that nobody has tried again.
func (o *Order) refundFailed() bool {
	var newest *Refund
	for _, p := range o.Payments {
		for _, r := range p.Refunds {
			if newest == nil || r.CreatedAt.After(newest.CreatedAt) || r.CreatedAt.Equal(newest.CreatedAt) && r.ID > newest.ID {
				newest = r
			}
		}
	}
	return newest != nil && newest.Status == RefundFailed
}

func (o *Order) holdEnds(now time.Time) bool {
	p := o.has(PaymentAuthorized)
	return p != nil && p.CaptureBefore != nil && !now.Before(p.CaptureBefore.Add(-CaptureWarning))
}

// stuck tells that it has not moved for longer than it may. What ends by itself is among it:
// Stripe may refuse to end it, or say nothing of when it does.
func (o *Order) stuck(now, since time.Time) bool {
	in, held := now.Sub(since), o.has(PaymentAuthorized)
	switch o.Status {
	case Created, AwaitingPayment:
		return in >= UnpaidTime+EndTime || o.refunding(now)
	case Authorized:
		return held != nil && held.CaptureBefore == nil && in >= UnpaidTime+EndTime
	case Processing:
		return in >= UnpaidTime
	case Paid:
		return in >= UnfulfilledTime || o.refunding(now)
	case Fulfilled, Completed, Expired, Cancelled:
	}
	return o.Live() != nil && in >= UnpaidTime || o.refunding(now)
}

// refunding tells that a refund has been under way for too long.
func (o *Order) refunding(now time.Time) bool {
	for _, p := range o.Payments {
		for _, r := range p.Refunds {
			if r.Status.UnderWay() && now.Sub(r.CreatedAt) >= RefundTime {
				return true
			}
		}
	}
	return false
}

// Quiet tells that no refund is under way and no dispute open.
func (o *Order) Quiet() bool {
	for _, p := range o.Payments {
		for _, r := range p.Refunds {
			if r.Status.UnderWay() {
				return false
			}
		}
	}
	return !o.disputed()
}
