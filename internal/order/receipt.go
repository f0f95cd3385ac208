package order

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// Receipt is what a customer is told of money that was paid or given back.
type Receipt struct {
	Order *Order
	// Email is the customer's address.
	Email string
	Lines []Line
	// Refund is what was given back, nil for a payment.
	Refund *ledger.Refund
}

// Receipts are the use cases of receipts.
type Receipts struct{ *Service }

// send writes the customer's receipts of what has been paid and given back, in the
// transaction that notes it.
func (s Receipts) send(ctx context.Context, tx pgx.Tx, h *held) error {
	if slices.Contains(h.way, ledger.Paid) {
		if err := s.sendOne(ctx, tx, h, "RECEIPT", ""); err != nil {
			return err
		}
	}
	for _, p := range h.Payments {
		for _, r := range p.Refunds {
			if r.Status != ledger.RefundSucceeded || h.hadRefunded(p.ID, r.ID) {
				continue
			}
			if err := s.sendOne(ctx, tx, h, "REFUND "+r.ID, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *held) hadRefunded(paymentID, refundID string) bool {
	was := h.was.Payment(paymentID)
	if was == nil {
		return false
	}
	r := refundIn(was, refundID)
	return r != nil && r.Status == ledger.RefundSucceeded
}

// sendOne has the customer told, once for ever: what Stripe takes back and does again, such
// as a refund that failed meanwhile, is no news. Where there is no address it never is told.
func (s Receipts) sendOne(ctx context.Context, tx pgx.Tx, h *held, effect, refundID string) error {
	tag, err := tx.Exec(ctx, `INSERT INTO order_effects (order_id, kind, n, tenant_id, account_id, livemode, done_at)
		SELECT $1, $2, 0, $3, $4, $5, golive_now() FROM order_contacts WHERE order_id = $1 AND email_hash IS NOT NULL ON CONFLICT DO NOTHING`,
		h.ID, effect, h.TenantID, h.AccountID, h.live())
	if err != nil || tag.RowsAffected() == 0 {
		return wrap(err, "note an effect")
	}
	return s.TellCustomer(ctx, tx, h.TenantID, h.ID, refundID)
}

// Of reads what a customer is told of an order, or of a refund, whose id subject is. ok is
// false where there is no address any more.
func (s Receipts) Of(ctx context.Context, subject string, ofRefund bool) (r Receipt, ok bool, err error) {
	where := `WHERE o.id = $1`
	if ofRefund {
		where = `WHERE o.id = (SELECT order_id FROM refunds WHERE id = $1)`
	}
	r.Order, err = postgres.One(ctx, s.DB, pgx.RowToAddrOfStructByName[Order], errNotFound(), selectOrder+where, subject)
	if err != nil {
		return r, false, wrap(err, "read order")
	}
	contacts, err := s.ContactsOf(ctx, []string{r.Order.ID})
	if r.Email = contacts[r.Order.ID].Email; r.Email == "" || err != nil {
		return r, false, err
	}
	if r.Lines, err = linesOf(ctx, s.DB, []string{r.Order.ID}); err != nil || !ofRefund {
		return r, err == nil, err
	}
	payments, err := paymentsOf(ctx, s.DB, []string{r.Order.ID})
	for _, p := range payments {
		if one := refundIn(p, subject); one != nil {
			r.Refund = one
		}
	}
	// One that failed after all is told by whoever sold: the money has to come by other means.
	return r, r.Refund != nil && r.Refund.Status == ledger.RefundSucceeded, err
}
