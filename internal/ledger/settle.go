package ledger

// Settle adds up an order's payments, moves it to where they put it, and returns the
// statuses that it went through.
func Settle(o *Order) (way []OrderStatus) {
	o.sum()
	way = o.goTo(o.wanted())
	way = append(way, o.goTo(o.ended())...)
	if !o.Status.Unpaid() {
		o.Ending = ""
	}
	return way
}

func (o *Order) goTo(to OrderStatus) []OrderStatus {
	way := Orders.Path(o.Status, to)
	if way != nil {
		o.Status = to
	}
	return way
}

// sum counts only what is in the order's own currency and mode; what is not is told by
// AMOUNT_MISMATCH.
func (o *Order) sum() {
	o.Authorized, o.Captured, o.Refunded, o.Disputed = 0, 0, 0, 0
	for _, p := range o.Payments {
		if p.Status == PaymentAuthorized {
			o.Authorized += p.Authorized
		}
		o.Captured += p.Captured
		for _, r := range p.Refunds {
			if r.Status == RefundSucceeded && r.Currency == o.Currency {
				o.Refunded += r.Amount
			}
		}
		for _, d := range p.Disputes {
			if d.Status.Withdraws() && d.Currency == o.Currency {
				o.Disputed += d.Amount
			}
		}
		// Of a hold that was taken in part, the rest is released and owed no more.
		if o.Capture == Manual && p.Status == PaymentCaptured && p.Captured > 0 {
			o.Due = min(o.Due, o.Captured)
		}
	}
}

// wanted is where an unpaid order's payments put it. What is paid or over stays: what
// becomes of the money then is told by sums and attention.
func (o *Order) wanted() OrderStatus {
	held := o.has(PaymentAuthorized)
	switch {
	case !o.Status.Unpaid():
		return o.Status
	case len(o.Payments) > 0 && o.Captured >= o.Due, o.Due == 0:
		return Paid
	case held != nil && o.Authorized >= o.Due:
		return Authorized
	case o.lost(PaymentExpired):
		return Expired
	case o.lost(PaymentCancelled):
		return Cancelled
	case o.has(PaymentProcessing) != nil:
		return Processing
	case len(o.Payments) > 0:
		return AwaitingPayment
	}
	return o.Status
}

// has is a payment in a status, or nil.
func (o *Order) has(s PaymentStatus) *Payment {
	for _, p := range o.Payments {
		if p.Status == s {
			return p
		}
	}
	return nil
}

// lost tells that a hold of all that is due ended so, with nothing taken.
func (o *Order) lost(as PaymentStatus) bool {
	for _, p := range o.Payments {
		if p.Status == as && p.Captured == 0 && p.Authorized >= o.Due {
			return true
		}
	}
	return false
}

// ended is where an unpaid order ends that is to end, once nothing can be paid any more and
// what was paid, which is another amount, is given back. A debit that is on its way nobody
// can stop: if its money comes, it comes late.
func (o *Order) ended() OrderStatus {
	live := o.Live()
	if o.Ending == "" || !o.Status.Unpaid() || o.kept() > 0 || !o.Quiet() || live != nil && live.Status != PaymentProcessing {
		return o.Status
	}
	return o.Ending
}
