package order

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/tenant"
)

// record writes the audit log: ids and sums, nothing of the customer.
func record(ctx context.Context, tx pgx.Tx, o *Order, action string, details map[string]any) error {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return err
	}
	return o.record(ctx, tx, actor.Email, actor.Kind, action, details)
}

func (o *Order) record(ctx context.Context, tx pgx.Tx, actor string, kind audit.ActorKind, action string, details map[string]any) error {
	details["number"], details["mode"] = o.Number(), o.Mode
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: o.TenantID, Actor: actor, ActorKind: kind, Action: action, Subject: o.ID, Details: details,
	})
}

// recordOutcome writes what became of the order, which nobody may have asked for: a
// deadline, or what Stripe says.
func (h *held) recordOutcome(ctx context.Context, tx pgx.Tx, action string, details map[string]any) error {
	kind := audit.System
	if actor, err := tenant.ActorFrom(ctx); err == nil && actor.Email == h.actor {
		kind = actor.Kind
	}
	return h.record(ctx, tx, h.actor, kind, action, details)
}

// recordStatus writes that the order ended. What else becomes of it is asked for, or is
// told by its money.
func (h *held) recordStatus(ctx context.Context, tx pgx.Tx, s ledger.OrderStatus) error {
	if s != ledger.Cancelled && s != ledger.Expired && s != ledger.Completed {
		return nil
	}
	return h.recordOutcome(ctx, tx, "order."+strings.ToLower(string(s)), map[string]any{})
}

// recordCapture writes that what was held was taken.
func (h *held) recordCapture(ctx context.Context, tx pgx.Tx, was, p *ledger.Payment) error {
	if p.Capture != ledger.Manual || p.Status != ledger.PaymentCaptured || was.Status == p.Status {
		return nil
	}
	return h.recordOutcome(ctx, tx, "order.captured", map[string]any{"amount": p.Captured, "currency": p.Currency})
}

// recordRefund writes how a refund ended.
func (h *held) recordRefund(ctx context.Context, tx pgx.Tx, was, r *ledger.Refund) error {
	action, ended := map[ledger.RefundStatus]string{
		ledger.RefundSucceeded: "order.refunded", ledger.RefundFailed: "order.refund_failed", ledger.RefundCancelled: "order.refund_cancelled",
	}[r.Status]
	if !ended || was != nil && was.Status == r.Status {
		return nil
	}
	return h.recordOutcome(ctx, tx, action, map[string]any{"amount": r.Amount, "currency": r.Currency, "refund": r.ID})
}
