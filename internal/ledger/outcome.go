package ledger

// The statuses that Stripe has for a PaymentIntent and a Checkout Session, in the order of
// its documentation. No session is "", as is no intent: a session has none before its
// customer begins to pay, which is where requires_payment_method stands, too.
var (
	IntentStatuses = []string{
		"requires_payment_method", "requires_confirmation", "requires_action", "processing", "requires_capture", "canceled", "succeeded",
	}
	SessionStatuses = []string{"", "open", "complete", "expired"}
	SessionPayments = []string{"paid", "unpaid", "no_payment_required"}
)

// StatusOf says where a payment stands by what Stripe says of its intent and session. The
// intent is the truth about money, and the session about whether somebody may still begin
// to pay.
func StatusOf(intent, session, paid string) PaymentStatus {
	switch intent {
	case "succeeded":
		return PaymentCaptured
	case "requires_capture":
		return PaymentAuthorized
	case "processing":
		return PaymentProcessing
	case "canceled":
		if session == "expired" {
			return PaymentExpired
		}
		return PaymentCancelled
	}
	switch {
	case session == "expired":
		return PaymentExpired
	case session == "complete" && paid != "unpaid":
		// The session knows of money that this read of the intent was too early for:
		// nobody may pay again meanwhile.
		return PaymentProcessing
	case session == "complete" && intent == "requires_payment_method":
		// A debit that failed later. Nobody can pay on that page again, nor end it.
		return PaymentCancelled
	case session == "complete":
		// A voucher or a transfer that the customer has yet to make.
		return PaymentProcessing
	}
	return PaymentOpen
}

// refundStatuses are Stripe's.
var refundStatuses = map[string]RefundStatus{
	"pending": RefundPending, "requires_action": RefundRequiresAction, "succeeded": RefundSucceeded,
	"failed": RefundFailed, "canceled": RefundCancelled,
}

// RefundStatusOf says where a refund stands by Stripe's word for it; one that Stripe has
// not told is pending.
func RefundStatusOf(stripe string) RefundStatus {
	if s, known := refundStatuses[stripe]; known {
		return s
	}
	return RefundPending
}
