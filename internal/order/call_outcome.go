package order

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
)

// noteUnheard shows that the outcome is not known: a limit says for certain that Stripe
// did nothing, and no answer does not.
func (s journal) noteUnheard(ctx context.Context, c *call, why error) error {
	ctx = context.WithoutCancel(ctx)
	var failed *catalog.Error
	ambiguous := errors.As(why, &failed) && failed.Ambiguous()
	_, err := s.hold(ctx, c.OrderID, func(ctx context.Context, tx pgx.Tx, h *held) error {
		h.actor = "golive"
		now, err := callByID(ctx, tx, c.ID)
		if err != nil || now.State != callSent || !ambiguous {
			return err
		}
		p := h.Payment(c.PaymentID)
		if (c.Step == stepCheckout || c.Step == stepIntent) && p.Status == ledger.PaymentSent {
			p.Status = ledger.PaymentUnknown
		}
		if r := c.refundOf(p); r != nil && r.Status == ledger.RefundSent {
			r.Status = ledger.RefundUnknown
		}
		h.settle()
		return nil
	})
	return err
}

func (c *call) refundOf(p *ledger.Payment) *ledger.Refund {
	if c.RefundID == nil {
		return nil
	}
	return refundIn(p, *c.RefundID)
}

// noteOutcome notes how a call ended, and what follows for what it was about. Who comes
// second finds it noted.
func (s journal) noteOutcome(ctx context.Context, c *call, out outcome) error {
	_, err := s.hold(context.WithoutCancel(ctx), c.OrderID, func(ctx context.Context, tx pgx.Tx, h *held) error {
		code, message := "", ""
		if out.refused != nil {
			code, message = out.refused.Code, out.refused.Message
		}
		tag, err := tx.Exec(ctx, `UPDATE stripe_calls SET state = $2, ended_at = clock_timestamp(), request_id = nullif($3, ''), error_code = nullif($4, ''),
			error_message = nullif($5, ''), body = '' WHERE id = $1 AND state = 'SENT' AND (tries = 1 OR NOT $6)`,
			c.ID, out.state, out.requestID, code, message, out.forbidden())
		if err != nil || tag.RowsAffected() == 0 {
			return wrap(err, "note a call")
		}
		h.unheard--
		h.Looks = 0 // so whoever dies before the effect is read is followed soon
		if c.changes() {
			h.unseen++
		}
		if err := c.follow(h, out); err != nil {
			return err
		}
		h.settle()
		return nil
	})
	return err
}

// changes tells that c makes nothing whose answer is taken: what it changes is read.
func (c *call) changes() bool {
	return c.Step != stepCheckout && c.Step != stepIntent && c.Step != stepRefund
}

// follow takes the outcome of what makes something; of what changes something the next
// look tells.
func (c *call) follow(h *held, out outcome) error {
	p := h.Payment(c.PaymentID)
	switch {
	case c.Step == stepRefund:
		return c.followRefund(h, p, out)
	case c.changes():
		return nil
	case out.state == callRefused:
		if way := ledger.Payments.Path(p.Status, ledger.PaymentFailed); way != nil {
			p.Status, p.FailureMessage = ledger.PaymentFailed, &out.refused.Message
		}
		return nil
	}
	seen, err := c.made(out.raw)
	if err != nil {
		return err
	}
	if p.Status != ledger.PaymentSent && p.Status != ledger.PaymentUnknown {
		// It was looked at meanwhile, which is newer than this answer: but by its intent,
		// perhaps, which doesn't tell the session.
		if p.SessionID == nil && seen.Session != nil {
			p.SessionID = &seen.Session.ID
		}
		return nil
	}
	h.went(ledger.Apply(&h.Order.Order, p, seen, newID))
	return nil
}

// made is what Stripe answered to a call that makes a session or an intent.
func (c *call) made(raw json.RawMessage) (seen ledger.Observation, err error) {
	if c.Step == stepCheckout {
		seen.Session = new(ledger.Session)
		return seen, wrap(json.Unmarshal(raw, seen.Session), "decode session")
	}
	seen.Intent = new(ledger.Intent)
	return seen, wrap(json.Unmarshal(raw, seen.Intent), "decode intent")
}

func (c *call) followRefund(h *held, p *ledger.Payment, out outcome) error {
	if out.state == callRefused {
		r := c.refundOf(p)
		if way := ledger.Refunds.Path(r.Status, ledger.RefundFailed); way != nil && r.StripeRefundID == nil {
			r.Status, r.FailureReason = ledger.RefundFailed, &out.refused.Message
		}
		return nil
	}
	var made ledger.StripeRefund
	if err := json.Unmarshal(out.raw, &made); err != nil {
		return wrap(err, "decode refund")
	}
	if made.Metadata == nil {
		made.Metadata = map[string]string{}
	}
	made.Metadata[ledger.StampRefund] = *c.RefundID
	h.went(ledger.TakeRefund(&h.Order.Order, p, made, newID))
	return nil
}

// forbidden tells that the key may not do it, which is how the call ended only where nobody
// else is sending it, perhaps by another key.
func (out outcome) forbidden() bool {
	return out.refused != nil && out.refused.Kind == catalog.KindPermission
}

// refusal is what the caller is told of a call that Stripe refused for good.
func (out outcome) refusal(doing string) error {
	if out.refused == nil {
		return fault.New(fault.InvalidState, "Stripe refused to %s. Look at the order's history for why.", doing)
	}
	code := fault.InvalidState
	if out.forbidden() {
		code = fault.StripeKeyInvalid
	}
	return fault.Wrap(out.refused, code, "Stripe refused to %s: %s", doing, out.refused.Message)
}

func errOtherAccount(needed, connected string) error {
	return fault.New(fault.InvalidState, "This order is of the Stripe account %s, but %s is connected. Connect %s again first.", needed, connected, needed)
}
