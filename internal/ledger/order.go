package ledger

import (
	"time"

	"github.com/golive-hq/golive/internal/catalog"
)

// Order is the money side of an order: what it owes, and all that was paid of it.
type Order struct {
	Status   OrderStatus   `db:"status"`
	Mode     catalog.Mode  `db:"mode"`
	Currency string        `db:"currency"`
	Capture  CaptureMethod `db:"capture_method"`
	Subtotal int64         `db:"subtotal"`
	Tax      int64         `db:"tax"`
	Total    int64         `db:"total"`
	// Due is Total less what was released by a partial capture.
	Due int64 `db:"due"`
	// Authorized is held at the moment, Captured was taken, Refunded of that given back, and
	// Disputed is what customers' banks have taken or are taking back.
	Authorized int64 `db:"authorized"`
	Captured   int64 `db:"captured"`
	Refunded   int64 `db:"refunded"`
	Disputed   int64 `db:"disputed"`
	// Ending is the status that somebody, or a deadline, wants an unpaid order to end in
	// once nothing can be paid any more; "" for none.
	Ending OrderStatus `db:"ending"`
	// PaidAt is when it was first seen paid, nil before.
	PaidAt    *time.Time  `db:"paid_at"`
	Attention []Attention `db:"attention"`

	Payments []*Payment `db:"-"`
}

// Payment is one attempt to pay an order.
type Payment struct {
	ID       string        `db:"id"`
	OrderID  string        `db:"order_id"`
	Attempt  int           `db:"attempt"`
	Status   PaymentStatus `db:"status"`
	Flow     Flow          `db:"flow"`
	Capture  CaptureMethod `db:"capture_method"`
	Amount   int64         `db:"amount"`
	Currency string        `db:"currency"`
	// Stripe's ids, nil as long as they are not known.
	SessionID  *string `db:"session_id"`
	SessionURL *string `db:"session_url"`
	IntentID   *string `db:"intent_id"`
	ChargeID   *string `db:"charge_id"`
	// Method, Brand and Last4 are of what was last paid with.
	Method *string `db:"method"`
	Brand  *string `db:"brand"`
	Last4  *string `db:"last4"`
	// FailureCode, DeclineCode and FailureMessage are why the last attempt failed.
	FailureCode    *string `db:"failure_code"`
	DeclineCode    *string `db:"decline_code"`
	FailureMessage *string `db:"failure_message"`
	// Authorized is what was ever held of it, Captured what was taken.
	Authorized int64 `db:"authorized"`
	Captured   int64 `db:"captured"`
	// Fee is Stripe's, in FeeCurrency, nil before Stripe tells it.
	Fee         *int64  `db:"fee"`
	FeeCurrency *string `db:"fee_currency"`
	// Mismatch tells that Stripe's amount, currency or mode is another than was asked for.
	Mismatch bool `db:"mismatch"`
	// Unreconciled tells that a comparison with Stripe found something else there than here.
	Unreconciled bool `db:"unreconciled"`
	// CaptureBefore is when a hold runs out.
	CaptureBefore *time.Time `db:"capture_before"`
	ExpiresAt     *time.Time `db:"expires_at"`
	CreatedAt     time.Time  `db:"created_at"`

	Refunds  []*Refund  `db:"-"`
	Disputes []*Dispute `db:"-"`
}

// Refund gives money of a payment back.
type Refund struct {
	ID        string       `db:"id"`
	PaymentID string       `db:"payment_id"`
	Status    RefundStatus `db:"status"`
	Amount    int64        `db:"amount"`
	Currency  string       `db:"currency"`
	Reason    *string      `db:"reason"`
	// Source is OURS or DASHBOARD.
	Source         string    `db:"source"`
	StripeRefundID *string   `db:"stripe_refund_id"`
	FailureReason  *string   `db:"failure_reason"`
	RequestedBy    *string   `db:"requested_by"`
	CreatedAt      time.Time `db:"created_at"`
}

// Where refunds come from.
const (
	SourceOurs      = "OURS"
	SourceDashboard = "DASHBOARD"
)

// Dispute is a customer's bank asking for a payment back.
type Dispute struct {
	ID              string        `db:"id"`
	OrderID         string        `db:"order_id"`
	PaymentID       string        `db:"payment_id"`
	Status          DisputeStatus `db:"status"`
	Amount          int64         `db:"amount"`
	Currency        string        `db:"currency"`
	Reason          string        `db:"reason"`
	StripeDisputeID string        `db:"stripe_dispute_id"`
	// DueBy is when an answer has to be there, nil where none is possible.
	DueBy       *time.Time `db:"due_by"`
	Submissions int        `db:"submissions"`
	// SubmittedAt is when a submission was first seen, nil before.
	SubmittedAt *time.Time `db:"submitted_at"`
	// Reminded is the last reminder that was told, in minutes before DueBy, nil for none.
	Reminded  *int      `db:"reminded"`
	CreatedAt time.Time `db:"created_at"`
}

// Payment returns the payment with that id, or nil.
func (o *Order) Payment(id string) *Payment {
	for _, p := range o.Payments {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Live is the payment that money may come of, nil for none.
func (o *Order) Live() *Payment {
	for _, p := range o.Payments {
		if p.Status.Live() {
			return p
		}
	}
	return nil
}

// Refundable is what of a payment can be given back yet.
func (p *Payment) Refundable() int64 { return max(0, p.Captured-p.Reserved()) }

// Reserved is what refunds have taken of it or are about to.
func (p *Payment) Reserved() (sum int64) {
	for _, r := range p.Refunds {
		if r.Status.Reserves() {
			sum += r.Amount
		}
	}
	return sum
}
