package order

import (
	"time"

	"github.com/golive-hq/golive/internal/ledger"
)

// lookAfter is how long after something changed an order that waits for Stripe is looked
// at, events or not; later once a day, without end.
var lookAfter = []time.Duration{2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour}

const day = 24 * time.Hour

// knownWithin is when a call of which nobody has heard is looked into, or one whose effect
// nobody has read.
const knownWithin = 10 * time.Second

// nextCheck is when somebody has to look at the order again, nil for never. since is when
// it came to its status.
func (h *held) nextCheck(since time.Time) *time.Time {
	var next *time.Time
	by := func(t time.Time) {
		if next == nil || t.Before(*next) {
			next = &t
		}
	}
	if h.unheard+h.unseen+len(h.calls) > 0 {
		by(h.now.Add(min(knownWithin<<min(h.Looks, 6), 10*time.Minute)))
	}
	if live := h.Live(); live != nil {
		by(h.now.Add(h.lookAgain()))
		if warn := live.CaptureBefore; warn != nil && warn.Add(-ledger.CaptureWarning).After(h.now) {
			by(warn.Add(-ledger.CaptureWarning))
		}
	}
	if h.LateAt != nil {
		by(later(h.LateAt.Add(ledger.LateTime), h.now, day))
	}
	if !h.Quiet() || feeUnknown(h.Payments) {
		by(h.now.Add(h.lookAgain()))
	}
	for _, p := range h.Payments {
		for _, d := range p.Disputes {
			if at := d.RemindAt(h.now); at != nil {
				by(*at)
			}
		}
	}
	switch {
	case h.Status.Unpaid() && h.ExpiresAt != nil:
		by(later(*h.ExpiresAt, h.now, day))
	case h.Status == ledger.Paid:
		by(later(since.Add(ledger.UnfulfilledTime), h.now, day))
	case h.Status == ledger.Fulfilled:
		by(later(since.Add(ledger.ReturnTime), h.now, day))
	}
	return next
}

// feeUnknown tells that Stripe has not said yet what it took for a payment.
func feeUnknown(payments []*ledger.Payment) bool {
	for _, p := range payments {
		if p.Captured > 0 && p.Fee == nil {
			return true
		}
	}
	return false
}

func (h *held) lookAgain() time.Duration {
	if h.Looks < len(lookAfter) {
		return lookAfter[h.Looks]
	}
	return day
}

// later is t, or where that is past a while after now.
func later(t, now time.Time, pause time.Duration) time.Time {
	if t.After(now) {
		return t
	}
	return now.Add(pause)
}
