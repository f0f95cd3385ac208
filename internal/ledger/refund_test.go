package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
)

// A refund that was sent twice is two at Stripe, with one stamp: both count, and whoever
// compares sees the one that isn't known.
func TestARefundThatWasMadeTwiceIsTwo(t *testing.T) {
	t.Parallel()
	o := fresh(ledger.Automatic)
	p := o.Payments[0]
	p.Refunds = []*ledger.Refund{{ID: "r1", PaymentID: p.ID, Status: ledger.RefundSent, Amount: 3000, Currency: "usd", Source: ledger.SourceOurs}}
	first, second := refund("re_1", "succeeded", 3000), refund("re_2", "succeeded", 3000)
	first.PaymentIntent, second.PaymentIntent = "pi_1", "pi_1"
	first.Metadata = map[string]string{ledger.StampRefund: "r1"}
	second.Metadata = first.Metadata
	w := world{intent: "succeeded", charge: "succeeded", held: total, captured: total, refunds: []ledger.StripeRefund{first}}
	ledger.Apply(o, p, w.seen(), func() string { return "r2" })
	if len(p.Refunds) != 1 || *p.Refunds[0].StripeRefundID != "re_1" || o.Refunded != 3000 {
		t.Fatalf("by its stamp it is %+v", p.Refunds)
	}
	seen := ledger.Seen{Refunds: []ledger.StripeRefund{second, first}}
	found := ledger.Compare([]*ledger.Payment{p}, seen, time.Now(), func(string) bool { return false })
	if len(found) != 1 || found[0].Kind != ledger.DiffersRefund || found[0].Subject != "re_2" {
		t.Errorf("compared, it differs in %+v", found)
	}
	w.refunds = seen.Refunds
	for range 2 {
		ledger.Apply(o, p, w.seen(), func() string { return "r2" })
	}
	if len(p.Refunds) != 2 || o.Refunded != 6000 || !slices.Contains(ledger.Attend(o, time.Unix(1000, 0), time.Unix(500, 0), false), ledger.AmountMismatch) {
		t.Errorf("%d were refunded by %+v", o.Refunded, p.Refunds)
	}
	if found = ledger.Compare([]*ledger.Payment{p}, seen, time.Now(), func(string) bool { return false }); len(found) != 0 {
		t.Errorf("then it differs in %+v", found)
	}
}

// Stripe's answer to one that is known by another id is a new one.
func TestAnAnswerOfASecondRefundIsTaken(t *testing.T) {
	t.Parallel()
	o := fresh(ledger.Automatic)
	p, known := o.Payments[0], "re_1"
	p.Refunds = []*ledger.Refund{{ID: "r1", PaymentID: p.ID, Status: ledger.RefundSucceeded, Amount: 700, Currency: "usd", StripeRefundID: &known}}
	again := refund("re_2", "succeeded", 700)
	again.Metadata = map[string]string{ledger.StampRefund: "r1"}
	ledger.TakeRefund(o, p, again, func() string { return "r2" })
	if len(p.Refunds) != 2 || p.Refunds[1].ID != "r2" || *p.Refunds[0].StripeRefundID != "re_1" || o.Refunded != 1400 {
		t.Errorf("%d were refunded by %+v", o.Refunded, p.Refunds)
	}
}

// What Stripe was asked for by its id and doesn't have differs, however old it is.
func TestAPaymentThatStripeDoesNotHaveDiffers(t *testing.T) {
	t.Parallel()
	o := fresh(ledger.Automatic)
	p := o.Payments[0]
	w := world{intent: "succeeded", charge: "succeeded", held: total, captured: total}
	ledger.Apply(o, p, w.seen(), func() string { return "x" })
	for absent, want := range map[string]int{"pi_1": 1, "pi_2": 0} {
		found := ledger.Compare([]*ledger.Payment{p}, ledger.Seen{Absent: []string{absent}}, time.Now(), func(string) bool { return false })
		if len(found) != want || want == 1 && (found[0].Kind != ledger.DiffersMissing || found[0].Subject != "pi_1") {
			t.Errorf("without %s it differs in %+v", absent, found)
		}
	}
}
