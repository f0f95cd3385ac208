package order

import (
	"fmt"
	"strings"

	"github.com/golive-hq/golive/internal/ledger"
)

// statusNews is what people are told when an order comes to a status.
func (h tale) statusNews(s ledger.OrderStatus) string {
	switch s {
	case ledger.AwaitingPayment:
		return "Waiting for the payment of " + h.words(h.Due) + "."
	case ledger.Processing:
		return "The payment is being processed. That can take days, and may still fail."
	case ledger.Authorized:
		return h.words(h.Authorized) + " is held and can be captured."
	case ledger.Paid:
		return h.words(h.Captured) + " was paid."
	case ledger.Fulfilled:
		return "The order was fulfilled."
	case ledger.Completed:
		return "The order is complete."
	case ledger.Expired:
		return "The order expired unpaid."
	case ledger.Cancelled:
		return "The order was cancelled."
	case ledger.Created:
	}
	return "The order was created."
}

// news is what has changed of payments, refunds and disputes, in sentences.
func (h tale) news() (all []string) {
	for _, p := range h.Payments {
		was := h.was.Payment(p.ID)
		if was == nil {
			was = &ledger.Payment{Status: p.Status}
		}
		all = append(all, h.paymentNews(was, p)...)
		for _, r := range p.Refunds {
			all = append(all, h.refundNews(refundIn(was, r.ID), r)...)
		}
		for i, d := range p.Disputes {
			if i >= len(was.Disputes) || was.Disputes[i].Status != d.Status {
				all = append(all, h.disputeNews(d))
			}
		}
	}
	return all
}

func (h tale) paymentNews(was, p *ledger.Payment) (all []string) {
	if failedAnew(was, p) {
		why := or(p.DeclineCode)
		if why == "" {
			why = *p.FailureCode
		}
		all = append(all, fmt.Sprintf("A payment failed: %s. The customer may try again.", strings.ReplaceAll(why, "_", " ")))
	}
	if p.Status != was.Status {
		switch p.Status {
		case ledger.PaymentExpired:
			all = append(all, "The checkout expired.")
		case ledger.PaymentFailed:
			all = append(all, "The checkout couldn't be started: "+or(p.FailureMessage))
		case ledger.PaymentUnknown:
			all = append(all, "Stripe didn't answer. Golive is finding out whether the checkout was started.")
		case ledger.PaymentCaptured:
			if h.Status == ledger.Expired || h.Status == ledger.Cancelled {
				all = append(all, h.words(p.Captured)+" was paid too late. Refund it.")
			}
		default:
		}
	}
	return all
}

func (h tale) refundNews(was, r *ledger.Refund) []string {
	if was != nil && was.Status == r.Status {
		return nil
	}
	amount := ledger.Words(r.Amount, r.Currency)
	switch r.Status {
	case ledger.RefundSucceeded:
		return []string{amount + " was refunded."}
	case ledger.RefundFailed:
		return []string{"The refund of " + amount + " failed: " + or(r.FailureReason) + ". Try again, or pay it back by other means."}
	case ledger.RefundCancelled:
		return []string{"The refund of " + amount + " was cancelled."}
	case ledger.RefundUnknown:
		return []string{"Stripe didn't answer. Golive is finding out whether " + amount + " was refunded."}
	case ledger.RefundPending, ledger.RefundRequiresAction:
		return []string{"The refund of " + amount + " is on its way."}
	case ledger.RefundRequested, ledger.RefundSent:
	}
	return []string{"A refund of " + amount + " was requested."}
}

// failedAnew tells that an attempt to pay failed since was.
func failedAnew(was, is *ledger.Payment) bool {
	return is.FailureCode != nil && (was.FailureCode == nil || *was.FailureCode != *is.FailureCode || or(was.DeclineCode) != or(is.DeclineCode))
}

func (h tale) disputeNews(d *ledger.Dispute) string {
	amount := ledger.Words(d.Amount, d.Currency)
	switch d.Status {
	case ledger.DisputeWon:
		return "The dispute over " + amount + " was won."
	case ledger.DisputeLost:
		return "The dispute over " + amount + " was lost."
	case ledger.WarningClosed:
		return "The inquiry about " + amount + " was closed."
	case ledger.UnderReview, ledger.WarningUnderReview:
		return "The answer about " + amount + " is under review."
	case ledger.NeedsResponse, ledger.WarningNeedsResponse:
	}
	due := ""
	if d.DueBy != nil {
		due = " Answer by " + d.DueBy.UTC().Format("2 January 2006 15:04 MST") + "."
	}
	return "The customer's bank asks for " + amount + " back (" + strings.ReplaceAll(d.Reason, "_", " ") + ")." + due
}

func or(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// tale is what an order's history is told of what has changed.
type tale struct{ *held }
