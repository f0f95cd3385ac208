package order

import (
	"context"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/ledger"
)

// This file alone writes orders, payments, refunds, disputes and what is told of them: so
// no status changes without its event, and no sum without its row.

// write writes back what was changed of an order, and when to look at it next.
func (s *Service) write(ctx context.Context, tx pgx.Tx, h *held) error {
	for _, p := range h.Payments {
		if err := (writer{h}).writePayment(ctx, tx, p); err != nil {
			return err
		}
	}
	for _, c := range h.calls {
		if err := (journal{s}).insertCall(ctx, tx, h, c); err != nil {
			return err
		}
	}
	h.forgetReason()
	messages := slices.Concat(h.told, tale{h}.news())
	since := h.StatusSince
	if len(h.way) > 0 {
		since = h.now
	}
	unknown := h.unheard > 0 && h.now.Sub(h.unheardSince) > ledger.UnknownTime
	h.Attention = ledger.Attend(&h.Order.Order, h.now, since, unknown)
	h.noteLate()
	if h.changed() || len(messages) > 0 {
		h.Version++
		h.ChangedAt, h.Looks = h.now, 0
	}
	h.StatusSince, h.NextCheckAt = since, h.nextCheck(since)
	if err := (writer{h}).writeStatuses(ctx, tx); err != nil {
		return err
	}
	for _, m := range messages {
		if err := (writer{h}).event(ctx, tx, h.Status, m); err != nil {
			return err
		}
	}
	if err := (writer{h}).writeOrder(ctx, tx); err != nil {
		return err
	}
	return Receipts{s}.send(ctx, tx, h)
}

// noteLate keeps since when there is money that came too late.
func (h *held) noteLate() {
	late := slices.Contains(h.Attention, ledger.LatePayment)
	switch {
	case !late:
		h.LateAt = nil
	case h.LateAt == nil:
		h.LateAt = &h.now
	}
}

// changed tells whether anything that people see of the order is not as it was.
func (h *held) changed() bool {
	was, is := *h.was, *h.Order
	was.NextCheckAt, was.StatusSince, was.Looks = is.NextCheckAt, is.StatusSince, is.Looks
	return !reflect.DeepEqual(was, is)
}

// writeStatuses takes the order through each status that it passes: the trigger looks at
// each step. The sums go along, because some statuses are only for those who have paid.
func (h writer) writeStatuses(ctx context.Context, tx pgx.Tx) error {
	for _, status := range h.way {
		if status == ledger.Paid && h.PaidAt == nil {
			h.PaidAt = &h.now
		}
		if status == ledger.Fulfilled {
			h.FulfilledAt = &h.now
		}
		if status == ledger.Completed {
			h.CompletedAt = &h.now
		}
		if _, err := tx.Exec(ctx, `UPDATE orders SET status = $2, due = $3, captured = $4, refunded = $5 WHERE id = $1`,
			h.ID, status, h.Due, h.Captured, h.Refunded); err != nil {
			return wrap(err, "move order")
		}
		if err := h.event(ctx, tx, status, tale(h).statusNews(status)); err != nil {
			return err
		}
		if err := h.recordStatus(ctx, tx, status); err != nil {
			return err
		}
	}
	return nil
}

func (h writer) event(ctx context.Context, tx pgx.Tx, status ledger.OrderStatus, message string) error {
	h.EventCount++
	_, err := tx.Exec(ctx, `INSERT INTO order_events (order_id, sequence, tenant_id, account_id, livemode, status, message, actor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, h.ID, h.EventCount, h.TenantID, h.AccountID, h.live(), status, message, h.actor)
	return wrap(err, "tell of an order")
}

func (h writer) writeOrder(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE orders SET due = $2, authorized = $3, captured = $4, refunded = $5, disputed = $6, attention = $7,
			ending = $8, cancel_reason = $9, version = $10, changed_at = $11, paid_at = $12, fulfilled_at = $13, completed_at = $14,
			events = $15, next_check_at = $16, looks = $17, status_since = $18, late_at = $19
		WHERE id = $1`,
		h.ID, h.Due, h.Authorized, h.Captured, h.Refunded, h.Disputed, h.Attention,
		h.Ending, h.CancelReason, h.Version, h.ChangedAt, h.PaidAt, h.FulfilledAt, h.CompletedAt,
		h.EventCount, h.NextCheckAt, h.Looks, h.StatusSince, h.LateAt)
	return wrap(err, "write order")
}

func (o *Order) live() bool { return o.Mode == "LIVE" }

// writePayment inserts a payment that is new, or takes one through each status between.
func (h writer) writePayment(ctx context.Context, tx pgx.Tx, p *ledger.Payment) error {
	was := h.was.Payment(p.ID)
	if was == nil {
		was = &ledger.Payment{Status: p.Status}
		if err := h.insertPayment(ctx, tx, p); err != nil {
			return err
		}
	}
	for _, status := range ledger.Payments.Path(was.Status, p.Status) {
		if _, err := tx.Exec(ctx, `UPDATE payments SET status = $2 WHERE id = $1`, p.ID, status); err != nil {
			return wrap(err, "move payment")
		}
	}
	if !reflect.DeepEqual(was, p) {
		if err := updatePayment(ctx, tx, p); err != nil {
			return err
		}
	}
	if err := h.recordCapture(ctx, tx, was, p); err != nil {
		return err
	}
	for _, r := range p.Refunds {
		was := refundIn(was, r.ID)
		if err := h.writeRefund(ctx, tx, r, was); err != nil {
			return err
		}
		if err := h.recordRefund(ctx, tx, was, r); err != nil {
			return err
		}
	}
	for _, d := range p.Disputes {
		if err := h.writeDispute(ctx, tx, d); err != nil {
			return err
		}
	}
	return nil
}

func updatePayment(ctx context.Context, tx pgx.Tx, p *ledger.Payment) error {
	_, err := tx.Exec(ctx, `UPDATE payments SET session_id = $2, session_url = $3, intent_id = $4, charge_id = $5, method = $6, brand = $7,
			last4 = $8, failure_code = $9, decline_code = $10, failure_message = $11, authorized = $12, captured = $13, fee = $14,
			fee_currency = $15, mismatch = $16, capture_before = $17, expires_at = $18, refund_reserved = $19, unreconciled = $20
		WHERE id = $1`,
		p.ID, p.SessionID, p.SessionURL, p.IntentID, p.ChargeID, p.Method, p.Brand,
		p.Last4, p.FailureCode, p.DeclineCode, p.FailureMessage, p.Authorized, p.Captured, p.Fee,
		p.FeeCurrency, p.Mismatch, p.CaptureBefore, p.ExpiresAt, p.Reserved(), p.Unreconciled)
	return wrap(err, "write payment")
}

func (h writer) writeRefund(ctx context.Context, tx pgx.Tx, r, was *ledger.Refund) error {
	if was == nil {
		_, err := tx.Exec(ctx, `INSERT INTO refunds (id, payment_id, order_id, tenant_id, account_id, livemode, status, amount, currency,
				reason, source, stripe_refund_id, failure_reason, requested_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO NOTHING`,
			r.ID, r.PaymentID, h.ID, h.TenantID, h.AccountID, h.live(), r.Status, r.Amount, r.Currency,
			r.Reason, r.Source, r.StripeRefundID, r.FailureReason, r.RequestedBy, r.CreatedAt)
		return wrap(err, "insert refund")
	}
	for _, status := range ledger.Refunds.Path(was.Status, r.Status) {
		if _, err := tx.Exec(ctx, `UPDATE refunds SET status = $2 WHERE id = $1`, r.ID, status); err != nil {
			return wrap(err, "move refund")
		}
	}
	if reflect.DeepEqual(was, r) {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE refunds SET amount = $2, stripe_refund_id = $3, failure_reason = $4 WHERE id = $1`,
		r.ID, r.Amount, r.StripeRefundID, r.FailureReason)
	return wrap(err, "write refund")
}

func (h writer) writeDispute(ctx context.Context, tx pgx.Tx, d *ledger.Dispute) error {
	_, err := tx.Exec(ctx, `INSERT INTO disputes (id, payment_id, order_id, tenant_id, account_id, livemode, status, amount, currency,
			reason, stripe_dispute_id, due_by, submissions, created_at, reminded, submitted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, CASE WHEN $13 > 0 THEN golive_now() END)
		ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status, amount = EXCLUDED.amount, reason = EXCLUDED.reason,
			due_by = EXCLUDED.due_by, submissions = EXCLUDED.submissions, reminded = EXCLUDED.reminded,
			submitted_at = coalesce(disputes.submitted_at, EXCLUDED.submitted_at)`,
		d.ID, d.PaymentID, h.ID, h.TenantID, h.AccountID, h.live(), d.Status, d.Amount, d.Currency,
		d.Reason, d.StripeDisputeID, d.DueBy, d.Submissions, d.CreatedAt, d.Reminded)
	return wrap(err, "write dispute")
}

func refundIn(p *ledger.Payment, id string) *ledger.Refund {
	for _, r := range p.Refunds {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// keepEvidence keeps what is to be answered to a dispute, sealed.
const keepEvidence = `UPDATE disputes SET evidence = $2, seal_version = $3 WHERE id = $1`

// writer writes an order that is held.
type writer struct{ *held }
