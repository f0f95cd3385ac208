package ledger

// What Stripe says of payments, as raw answers of API version 2023-10-16 decode. Instants
// are seconds since 1970.

// Metadata keys by which what Golive made is found again.
const (
	StampOrder   = "golive_order"
	StampPayment = "golive_payment"
	StampRefund  = "golive_refund"
	// StampEvidence names the call that put evidence into a dispute.
	StampEvidence = "golive_evidence"
)

// Session is a Checkout Session.
type Session struct {
	ID            string            `json:"id"`
	Status        string            `json:"status"`         // open, complete, expired
	PaymentStatus string            `json:"payment_status"` // paid, unpaid, no_payment_required
	AmountTotal   int64             `json:"amount_total"`
	Currency      string            `json:"currency"`
	Livemode      bool              `json:"livemode"`
	URL           string            `json:"url"`
	ExpiresAt     int64             `json:"expires_at"`
	Created       int64             `json:"created"`
	Metadata      map[string]string `json:"metadata"`
	// PaymentIntent may be null until the customer has begun to pay.
	PaymentIntent Expandable[Intent] `json:"payment_intent"`
}

// Intent is a PaymentIntent.
type Intent struct {
	ID                 string             `json:"id"`
	Status             string             `json:"status"`
	Amount             int64              `json:"amount"`
	AmountReceived     int64              `json:"amount_received"`
	Currency           string             `json:"currency"`
	Livemode           bool               `json:"livemode"`
	Created            int64              `json:"created"`
	CancellationReason string             `json:"cancellation_reason"`
	ClientSecret       string             `json:"client_secret"`
	Metadata           map[string]string  `json:"metadata"`
	LatestCharge       Expandable[Charge] `json:"latest_charge"`
	LastPaymentError   *PaymentError      `json:"last_payment_error"`
}

// PaymentError is why an attempt to pay failed.
type PaymentError struct {
	Code        string `json:"code"`
	DeclineCode string `json:"decline_code"`
	Message     string `json:"message"`
}

// Charge is one attempt to move money.
type Charge struct {
	ID                   string           `json:"id"`
	Status               string           `json:"status"` // succeeded, pending, failed
	Amount               int64            `json:"amount"`
	AmountCaptured       int64            `json:"amount_captured"`
	AmountRefunded       int64            `json:"amount_refunded"`
	Captured             bool             `json:"captured"`
	Disputed             bool             `json:"disputed"`
	PaymentIntent        string           `json:"payment_intent"`
	PaymentMethodDetails *MethodDetails   `json:"payment_method_details"`
	BalanceTransaction   Expandable[Fees] `json:"balance_transaction"`
}

// MethodDetails tell what somebody paid with; nothing of a card but what may be shown.
type MethodDetails struct {
	Type string `json:"type"`
	Card *struct {
		Brand         string `json:"brand"`
		Last4         string `json:"last4"`
		CaptureBefore int64  `json:"capture_before"`
	} `json:"card"`
	SEPADebit *struct {
		Last4 string `json:"last4"`
	} `json:"sepa_debit"`
}

// Fees are what of a balance transaction is kept with the payment.
type Fees struct {
	ID       string `json:"id"`
	Fee      int64  `json:"fee"`
	Currency string `json:"currency"`
}

// StripeRefund is a Refund.
type StripeRefund struct {
	ID            string            `json:"id"`
	Status        string            `json:"status"`
	Amount        int64             `json:"amount"`
	Currency      string            `json:"currency"`
	Reason        string            `json:"reason"`
	FailureReason string            `json:"failure_reason"`
	PaymentIntent string            `json:"payment_intent"`
	Created       int64             `json:"created"`
	Metadata      map[string]string `json:"metadata"`
}

// StripeDispute is a Dispute.
type StripeDispute struct {
	ID              string `json:"id"`
	Status          string `json:"status"`
	Amount          int64  `json:"amount"`
	Currency        string `json:"currency"`
	Reason          string `json:"reason"`
	PaymentIntent   string `json:"payment_intent"`
	Created         int64  `json:"created"`
	EvidenceDetails struct {
		DueBy           int64 `json:"due_by"` // 0 where no answer is possible
		SubmissionCount int   `json:"submission_count"`
	} `json:"evidence_details"`
	Metadata map[string]string `json:"metadata"`
}
