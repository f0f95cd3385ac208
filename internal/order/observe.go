package order

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
)

// Observer hears what became of orders, once it is written, for metrics. What is nil hears
// nothing.
type Observer struct {
	// Entered is told of each status that an order comes to.
	Entered func(mode catalog.Mode, status ledger.OrderStatus)
	// Settled is told how long after Stripe's event an order was known to be paid.
	Settled func(mode catalog.Mode, took time.Duration)
	// Attempted is told how an attempt to pay ended.
	Attempted func(mode catalog.Mode, a Attempt)
	// Refunded is told of each status that a refund comes to.
	Refunded func(mode catalog.Mode, status ledger.RefundStatus)
}

// Attempt is how an attempt to pay ended. Both of its words are of a fixed list: what banks
// call things is too much for metrics.
type Attempt struct {
	// Outcome is paid, authorized, failed, expired or cancelled.
	Outcome string
	// Category is why it failed: declined, funds, card, authentication, processing, refused
	// (Stripe refused to begin it) or other; "" where it didn't.
	Category string
}

// written tells of what has been written.
func (o Observer) written(ctx context.Context, h *held) {
	for _, status := range h.way {
		o.entered(h.Mode, status)
		if at, is := inbox.NewsAt(ctx); is && status == ledger.Paid && o.Settled != nil {
			o.Settled(h.Mode, time.Since(at))
		}
	}
	for _, p := range h.Payments {
		was := h.was.Payment(p.ID)
		if was == nil {
			was = &ledger.Payment{Status: p.Status}
		}
		if a, ended := attemptOf(was, p); ended && o.Attempted != nil {
			o.Attempted(h.Mode, a)
		}
		o.refunds(h.Mode, was, p)
	}
}

func (o Observer) entered(mode catalog.Mode, status ledger.OrderStatus) {
	if o.Entered != nil {
		o.Entered(mode, status)
	}
}

func (o Observer) refunds(mode catalog.Mode, was, p *ledger.Payment) {
	for _, r := range p.Refunds {
		if before := refundIn(was, r.ID); (before == nil || before.Status != r.Status) && o.Refunded != nil {
			o.Refunded(mode, r.Status)
		}
	}
}

var outcomes = map[ledger.PaymentStatus]string{
	ledger.PaymentCaptured: "paid", ledger.PaymentAuthorized: "authorized", ledger.PaymentFailed: "failed",
	ledger.PaymentExpired: "expired", ledger.PaymentCancelled: "cancelled",
}

// attemptOf tells how an attempt ended since was. A payment that was declined stays open: the
// customer may try again.
func attemptOf(was, is *ledger.Payment) (a Attempt, ended bool) {
	if a.Outcome, ended = outcomes[is.Status]; ended && is.Status != was.Status {
		if is.Status == ledger.PaymentFailed {
			a.Category = categoryOf(is)
		}
		return a, true
	}
	if failedAnew(was, is) {
		return Attempt{"failed", categoryOf(is)}, true
	}
	return Attempt{}, false
}

// categories are the sorts of Stripe's codes.
var categories = map[string]string{
	"": "refused", "card_declined": "declined", "expired_card": "card", "incorrect_cvc": "card", "incorrect_number": "card", "invalid_cvc": "card",
	"invalid_expiry_month": "card", "invalid_expiry_year": "card", "incorrect_zip": "card",
	"authentication_required": "authentication", "payment_intent_authentication_failure": "authentication", "processing_error": "processing",
}

func categoryOf(p *ledger.Payment) string {
	if or(p.DeclineCode) == "insufficient_funds" {
		return "funds"
	}
	if category, known := categories[or(p.FailureCode)]; known {
		return category
	}
	return "other"
}
