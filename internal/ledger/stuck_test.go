package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
)

// Whatever should have moved by itself and hasn't is told, and not before its time.
func TestWhatDoesNotMoveIsStuck(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	pays := func(s ledger.PaymentStatus) *ledger.Payment {
		return &ledger.Payment{ID: "1", Status: s, Amount: total}
	}
	refunds := func(s ledger.RefundStatus) *ledger.Payment {
		p := pays(ledger.PaymentCaptured)
		p.Captured, p.Refunds = total, []*ledger.Refund{{ID: "1", Status: s, Amount: 1, Currency: "usd", CreatedAt: time.Unix(0, 0)}}
		return p
	}
	for name, c := range map[string]struct {
		status  ledger.OrderStatus
		payment *ledger.Payment
		after   time.Duration // 0 for never
	}{
		"can't be ended":                 {ledger.AwaitingPayment, pays(ledger.PaymentOpen), 8 * day},
		"processed":                      {ledger.Processing, pays(ledger.PaymentProcessing), 7 * day},
		"held for nobody knows how long": {ledger.Authorized, pays(ledger.PaymentAuthorized), 8 * day},
		"unfulfilled":                    {ledger.Paid, pays(ledger.PaymentCaptured), 14 * day},
		"fulfilled":                      {ledger.Fulfilled, pays(ledger.PaymentCaptured), 0},
		"cancelled":                      {ledger.Cancelled, pays(ledger.PaymentCancelled), 0},
		"cancelled, and debited":         {ledger.Cancelled, pays(ledger.PaymentProcessing), 7 * day},
		"expired, and open":              {ledger.Expired, pays(ledger.PaymentOpen), 7 * day},
		"a refund pends":                 {ledger.Fulfilled, refunds(ledger.RefundPending), 14 * day},
		"a refund waits for its payee":   {ledger.Completed, refunds(ledger.RefundRequiresAction), 14 * day},
		"a refund ended":                 {ledger.Completed, refunds(ledger.RefundSucceeded), 0},
	} {
		o := &ledger.Order{Status: c.status, Currency: "usd", Total: total, Due: total, Captured: c.payment.Captured, Payments: []*ledger.Payment{c.payment}}
		for in := time.Duration(0); in <= 90*day; in += day {
			is := slices.Contains(ledger.Attend(o, time.Unix(0, 0).Add(in), time.Unix(0, 0), false), ledger.Stuck)
			if want := c.after > 0 && in >= c.after; is != want {
				t.Errorf("%s: after %v it is stuck: %v", name, in, is)
			}
		}
	}
}
