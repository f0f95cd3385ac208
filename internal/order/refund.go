package order

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/tenant"
)

// RefundInput is what is to be given back of an order; a nil amount is all that is left.
type RefundInput struct {
	OrderID string  `json:"orderId"`
	Amount  *Amount `json:"amount,omitempty"`
	// Reason is one of Stripe's, "" for none.
	Reason         string `json:"reason,omitempty"`
	Version        int    `json:"-"`
	IdempotencyKey string `json:"-"`
}

// reasons are those that Stripe takes.
var reasons = []string{"duplicate", "fraudulent", "requested_by_customer"}

// Refund gives money back. It needs the role ADMIN. What is reserved for refunds never
// exceeds what was captured, whoever asks at the same time. It may be repeated with the
// same key: a refund whose outcome is not known is asked for again as it was.
func (s *Service) Refund(ctx context.Context, in RefundInput) (*Order, *ledger.Refund, error) {
	o, err := s.mine(ctx, in.OrderID, tenant.RoleViewer)
	if err != nil {
		return nil, nil, err
	}
	if err := tenant.Require(ctx, o.TenantID, tenant.RoleAdmin); err != nil {
		return nil, nil, err
	}
	if err := checkKey(in.IdempotencyKey); err != nil {
		return nil, nil, err
	}
	if in.Reason != "" && !slices.Contains(reasons, in.Reason) {
		return nil, nil, invalid("A reason is duplicate, fraudulent or requested_by_customer.", "reason")
	}
	by := asked{in.IdempotencyKey, digestOf(in)}
	var c *call
	_, err = s.hold(ctx, in.OrderID, func(ctx context.Context, tx pgx.Tx, h *held) (err error) {
		c, err = h.askToRefund(ctx, tx, in, by)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return (journal{s}).refund(ctx, in.OrderID, c)
}

// refund carries out the call, and returns the refund that it made.
func (s journal) refund(ctx context.Context, orderID string, c *call) (*Order, *ledger.Refund, error) {
	var out outcome
	if c.State != callDone && c.State != callRefused {
		var err error
		if out, err = s.carryOut(ctx, c.ID); err != nil {
			return nil, nil, err
		}
		if out.state == callRefused {
			// It may have been refunded by somebody else, or be disputed.
			if err := s.lookAt(ctx, c.PaymentID); err != nil {
				return nil, nil, err
			}
			return nil, nil, out.refusal("refund")
		}
	}
	o, err := s.mine(ctx, orderID, tenant.RoleViewer)
	if err != nil {
		return nil, nil, err
	}
	if o.Payments, err = paymentsOf(ctx, s.DB, []string{orderID}); err != nil {
		return nil, nil, err
	}
	r := refundIn(o.Payment(c.PaymentID), *c.RefundID)
	if c.State == callRefused && r.Status == ledger.RefundFailed {
		return nil, nil, fault.New(fault.InvalidState, "Stripe refused to refund: %s", or(r.FailureReason))
	}
	return o, r, nil
}

func (h *held) askToRefund(ctx context.Context, tx pgx.Tx, in RefundInput, by asked) (*call, error) {
	if c, err := h.askedBefore(ctx, tx, stepRefund, by); c != nil || err != nil {
		return c, err
	}
	if err := h.checkVersion(in.Version); err != nil {
		return nil, err
	}
	p, amount, err := h.toRefund(in)
	if err != nil {
		return nil, err
	}
	c, err := h.refunds(ctx, tx, p, amount, in.Reason, by)
	if err != nil {
		return nil, err
	}
	return c, record(ctx, tx, h.Order, "order.refund_requested", map[string]any{"amount": amount, "currency": h.Currency, "refund": *c.RefundID})
}

// refunds reserves a refund, and puts the call for it into the journal.
func (h *held) refunds(ctx context.Context, tx pgx.Tx, p *ledger.Payment, amount int64, reason string, by asked) (*call, error) {
	if err := reserve(ctx, tx, p, amount); err != nil {
		return nil, err
	}
	actor := h.actor
	r := &ledger.Refund{
		ID: newID(), PaymentID: p.ID, Status: ledger.RefundSent, Amount: amount, Currency: h.Currency, Reason: orNil(reason),
		Source: ledger.SourceOurs, RequestedBy: &actor, CreatedAt: h.now,
	}
	p.Refunds = append(p.Refunds, r)
	body := url.Values{"payment_intent": {or(p.IntentID)}, "amount": {strconv.FormatInt(amount, 10)}}
	body.Set("metadata["+ledger.StampOrder+"]", h.ID)
	body.Set("metadata["+ledger.StampPayment+"]", p.ID)
	body.Set("metadata["+ledger.StampRefund+"]", r.ID)
	if reason != "" {
		body.Set("reason", reason)
	}
	c := h.sends(p, stepRefund, "/v1/refunds", body, by)
	c.RefundID = &r.ID
	return c, nil
}

// toRefund is the payment that can give it back, and how much that is.
func (h *held) toRefund(in RefundInput) (*ledger.Payment, int64, error) {
	if why := h.mayRefund(); why != "" {
		return nil, 0, fault.New(fault.InvalidState, "%s", why)
	}
	var most *ledger.Payment
	for _, p := range h.Payments {
		if most == nil || p.Refundable() > most.Refundable() {
			most = p
		}
	}
	if in.Amount == nil {
		return most, most.Refundable(), nil
	}
	amount, err := in.Amount.read(h.Currency)
	if err == nil && amount > most.Refundable() {
		err = invalid(fmt.Sprintf("Only %s is left to refund.", h.words(most.Refundable())), "amount", "amount")
	}
	return most, amount, err
}

// reserve takes an amount of what can be refunded: the row itself says whether it is there.
func reserve(ctx context.Context, tx pgx.Tx, p *ledger.Payment, amount int64) error {
	tag, err := tx.Exec(ctx, `UPDATE payments SET refund_reserved = refund_reserved + $2 WHERE id = $1 AND refund_reserved + $2 <= captured`, p.ID, amount)
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.InvalidState, "Less than that is left to refund.")
	}
	return wrap(err, "reserve a refund")
}

func (o *Order) mayRefund() string {
	switch left := o.refundable(); {
	case left > 0:
		return ""
	case o.Captured == 0:
		return "Nothing was paid that could be refunded."
	}
	return "All that was paid has been refunded, or is being refunded."
}

func (o *Order) refundable() (left int64) {
	for _, p := range o.Payments {
		left += p.Refundable()
	}
	return left
}
