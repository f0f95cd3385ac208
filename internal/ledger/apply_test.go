package ledger_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
)

// world is all that Stripe would say of one payment.
type world struct {
	session, paid  string
	intent, reason string
	charge         string // status
	held, captured int64
	failure        string
	refunds        []ledger.StripeRefund
	disputes       []ledger.StripeDispute
	amount         int64
	currency       string
	fee            int64
}

const total = 5000

// seen reads the world, whole.
func (w world) seen() ledger.Observation {
	amount, currency := max(w.amount, 0), w.currency
	if amount == 0 {
		amount = total
	}
	if currency == "" {
		currency = "usd"
	}
	var o ledger.Observation
	if w.session != "" {
		o.Session = &ledger.Session{ID: "cs_1", Status: w.session, PaymentStatus: w.paid, AmountTotal: amount, Currency: currency}
	}
	if w.intent != "" {
		o.Intent = &ledger.Intent{ID: "pi_1", Status: w.intent, Amount: amount, AmountReceived: w.captured, Currency: currency, CancellationReason: w.reason}
		if w.failure != "" {
			o.Intent.LastPaymentError = &ledger.PaymentError{Code: "card_declined", DeclineCode: w.failure}
		}
	}
	if w.charge != "" {
		o.Intent.LatestCharge = ledger.Expandable[ledger.Charge]{ID: "ch_1", Object: &ledger.Charge{
			ID: "ch_1", Status: w.charge, Amount: w.held, AmountCaptured: w.captured, Captured: w.captured > 0,
		}}
		if w.fee > 0 {
			o.Intent.LatestCharge.Object.BalanceTransaction.Object = &ledger.Fees{Fee: w.fee, Currency: "usd"}
		}
	}
	o.Refunds, o.Disputes = w.refunds, w.disputes
	return o
}

func refund(id, status string, amount int64) ledger.StripeRefund {
	return ledger.StripeRefund{ID: id, Status: status, Amount: amount, Currency: "usd", Created: 100}
}

func dispute(status string) []ledger.StripeDispute {
	return []ledger.StripeDispute{{ID: "dp_1", Status: status, Amount: total, Currency: "usd", Reason: "fraudulent", Created: 200}}
}

// scenarios are those of Stripe's own documentation: each event, in the order of nature,
// and the world as it is once it has happened.
var scenarios = map[string][]world{
	"success": {
		{session: "open", paid: "unpaid", intent: "requires_payment_method"},
		{session: "complete", paid: "paid", intent: "succeeded", charge: "succeeded", held: total, captured: total},
		{session: "complete", paid: "paid", intent: "succeeded", charge: "succeeded", held: total, captured: total, fee: 175},
	},
	"declined, then paid": {
		{session: "open", paid: "unpaid", intent: "requires_payment_method"},
		{session: "open", paid: "unpaid", intent: "requires_payment_method", charge: "failed", failure: "insufficient_funds"},
		{session: "open", paid: "unpaid", intent: "requires_action"},
		{session: "complete", paid: "paid", intent: "succeeded", charge: "succeeded", held: total, captured: total},
	},
	"delayed, succeeds": {
		{session: "open", paid: "unpaid"},
		{session: "complete", paid: "unpaid", intent: "processing", charge: "pending"},
		{session: "complete", paid: "paid", intent: "succeeded", charge: "succeeded", held: total, captured: total},
	},
	"delayed, fails": {
		{session: "open", paid: "unpaid"},
		{session: "complete", paid: "unpaid", intent: "processing", charge: "pending"},
		{session: "complete", paid: "unpaid", intent: "requires_payment_method", charge: "failed", failure: "insufficient_funds"},
	},
	"delayed, on its way": {
		{session: "open", paid: "unpaid"},
		{session: "complete", paid: "unpaid", intent: "processing", charge: "pending"},
	},
	"held": {
		{intent: "requires_payment_method"},
		{intent: "requires_capture", charge: "succeeded", held: total},
	},
	"expires": {
		{session: "open", paid: "unpaid", intent: "requires_payment_method"},
		{session: "expired", paid: "unpaid", intent: "canceled"},
	},
	"cancelled": {
		{intent: "requires_payment_method"},
		{intent: "canceled", reason: "requested_by_customer"},
	},
	"captured by hand": {
		{intent: "requires_payment_method"},
		{intent: "requires_capture", charge: "succeeded", held: total},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total},
	},
	"captured in part": {
		{intent: "requires_capture", charge: "succeeded", held: total},
		{intent: "succeeded", charge: "succeeded", held: total, captured: 2000},
		{intent: "succeeded", charge: "succeeded", held: total, captured: 2000, refunds: []ledger.StripeRefund{refund("re_1", "succeeded", 500)}},
	},
	"hold runs out": {
		{intent: "requires_payment_method"},
		{intent: "requires_capture", charge: "succeeded", held: total},
		{intent: "canceled", reason: "automatic", charge: "succeeded", held: total},
	},
	"hold voided": {
		{intent: "requires_capture", charge: "succeeded", held: total},
		{intent: "canceled", reason: "requested_by_customer", charge: "succeeded", held: total},
	},
	"refunded twice": {
		{intent: "succeeded", charge: "succeeded", held: total, captured: total},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, refunds: []ledger.StripeRefund{refund("re_1", "succeeded", 1500)}},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, refunds: []ledger.StripeRefund{refund("re_2", "succeeded", 3500), refund("re_1", "succeeded", 1500)}},
	},
	"refund fails later": {
		{intent: "succeeded", charge: "succeeded", held: total, captured: total},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, refunds: []ledger.StripeRefund{refund("re_1", "pending", total)}},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, refunds: []ledger.StripeRefund{refund("re_1", "succeeded", total)}},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, refunds: []ledger.StripeRefund{refund("re_1", "failed", total)}},
	},
	"dispute, won": {
		{intent: "succeeded", charge: "succeeded", held: total, captured: total},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, disputes: dispute("needs_response")},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, disputes: dispute("under_review")},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, disputes: dispute("won")},
	},
	"inquiry, escalates, lost": {
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, disputes: dispute("warning_needs_response")},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, disputes: dispute("needs_response")},
		{intent: "succeeded", charge: "succeeded", held: total, captured: total, disputes: dispute("lost")},
	},
	"another amount": {
		{intent: "requires_payment_method", amount: 50},
		{intent: "succeeded", charge: "succeeded", amount: 50, held: 50, captured: 50},
	},
	"another currency": {
		{intent: "requires_payment_method", currency: "jpy"},
		{intent: "succeeded", charge: "succeeded", currency: "jpy", held: total, captured: total},
	},
}

func fresh(capture ledger.CaptureMethod) *ledger.Order {
	return &ledger.Order{
		Status: ledger.AwaitingPayment, Mode: catalog.Test, Currency: "usd", Capture: capture, Subtotal: total, Total: total, Due: total,
		Payments: []*ledger.Payment{{ID: "1", Status: ledger.PaymentSent, Capture: capture, Amount: total, Currency: "usd"}},
	}
}

func TestScenariosEndAsTheyShould(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"success":                  "PAID CAPTURED held 0 captured 5000 refunded 0 disputed 0 of 5000 []",
		"declined, then paid":      "PAID CAPTURED held 0 captured 5000 refunded 0 disputed 0 of 5000 []",
		"delayed, succeeds":        "PAID CAPTURED held 0 captured 5000 refunded 0 disputed 0 of 5000 []",
		"delayed, fails":           "AWAITING_PAYMENT CANCELLED held 0 captured 0 refunded 0 disputed 0 of 5000 []",
		"delayed, on its way":      "PROCESSING PROCESSING held 0 captured 0 refunded 0 disputed 0 of 5000 []",
		"held":                     "AUTHORIZED AUTHORIZED held 5000 captured 0 refunded 0 disputed 0 of 5000 []",
		"expires":                  "AWAITING_PAYMENT EXPIRED held 0 captured 0 refunded 0 disputed 0 of 5000 []",
		"cancelled":                "AWAITING_PAYMENT CANCELLED held 0 captured 0 refunded 0 disputed 0 of 5000 []",
		"captured by hand":         "PAID CAPTURED held 0 captured 5000 refunded 0 disputed 0 of 5000 []",
		"captured in part":         "PAID CAPTURED held 0 captured 2000 refunded 500 disputed 0 of 2000 []",
		"hold runs out":            "EXPIRED EXPIRED held 0 captured 0 refunded 0 disputed 0 of 5000 []",
		"hold voided":              "CANCELLED CANCELLED held 0 captured 0 refunded 0 disputed 0 of 5000 []",
		"refunded twice":           "PAID CAPTURED held 0 captured 5000 refunded 5000 disputed 0 of 5000 []",
		"refund fails later":       "PAID CAPTURED held 0 captured 5000 refunded 0 disputed 0 of 5000 [REFUND_FAILED]",
		"dispute, won":             "PAID CAPTURED held 0 captured 5000 refunded 0 disputed 0 of 5000 []",
		"inquiry, escalates, lost": "PAID CAPTURED held 0 captured 5000 refunded 0 disputed 5000 of 5000 []",
		"another amount":           "AWAITING_PAYMENT CAPTURED held 0 captured 50 refunded 0 disputed 0 of 5000 [AMOUNT_MISMATCH]",
		"another currency":         "AWAITING_PAYMENT CAPTURED held 0 captured 0 refunded 0 disputed 0 of 5000 [AMOUNT_MISMATCH]",
	} {
		capture := ledger.Manual
		if name == "another amount" { // by hand, less is a capture in part
			capture = ledger.Automatic
		}
		o := fresh(capture)
		for _, w := range scenarios[name] {
			ledger.Apply(o, o.Payments[0], w.seen(), func() string { return "x" })
		}
		a := ledger.Attend(o, time.Unix(1000, 0), time.Unix(500, 0), false)
		got := fmt.Sprintf("%s %s held %d captured %d refunded %d disputed %d of %d %v",
			o.Status, o.Payments[0].Status, o.Authorized, o.Captured, o.Refunded, o.Disputed, o.Due, a)
		if got != want {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
	}
	if len(scenarios) != 18 {
		t.Errorf("%d scenarios", len(scenarios))
	}
}

// A checkout that was paid in another currency than the order's, such as the customer's own,
// pays nothing of it, and people are told.
func TestMoneyOfAnotherCurrencyPaysNothing(t *testing.T) {
	t.Parallel()
	for _, currency := range []string{"usd", "eur"} {
		o := fresh(ledger.Automatic)
		w := world{session: "complete", paid: "paid", intent: "succeeded", charge: "succeeded", currency: currency, held: total, captured: total}
		ledger.Apply(o, o.Payments[0], w.seen(), func() string { return "x" })
		told := slices.Contains(ledger.Attend(o, time.Unix(1000, 0), time.Unix(500, 0), false), ledger.AmountMismatch)
		if is := o.Status == ledger.Paid; is != (currency == "usd") || told == is || o.Captured != map[bool]int64{true: total}[is] {
			t.Errorf("paid in %s it is %s, %d captured, mismatch told: %t", currency, o.Status, o.Captured, told)
		}
	}
}

// What Stripe says is recorded, and told, also where it is more than was paid or in another
// currency than the order's.
func TestRefundsThatDoNotFitAreTold(t *testing.T) {
	t.Parallel()
	foreign := refund("re_1", "succeeded", 700)
	foreign.Currency = "eur"
	for refunded, r := range map[int64]ledger.StripeRefund{total + 1: refund("re_1", "succeeded", total+1), 0: foreign} {
		o := fresh(ledger.Automatic)
		w := world{intent: "succeeded", charge: "succeeded", held: total, captured: total, refunds: []ledger.StripeRefund{r}}
		ledger.Apply(o, o.Payments[0], w.seen(), func() string { return "x" })
		a := ledger.Attend(o, time.Unix(1000, 0), time.Unix(500, 0), false)
		if o.Refunded != refunded || !slices.Contains(a, ledger.AmountMismatch) {
			t.Errorf("refunded %d, want %d; %v", o.Refunded, refunded, a)
		}
	}
}
