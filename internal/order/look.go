package order

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// target is a payment as who reads it at Stripe has to know it.
type target struct {
	ID        string       `db:"id"`
	OrderID   string       `db:"order_id"`
	TenantID  string       `db:"tenant_id"`
	AccountID string       `db:"account_id"`
	Mode      catalog.Mode `db:"mode"`
	SessionID *string      `db:"session_id"`
	IntentID  *string      `db:"intent_id"`
	// Refunds and Disputes tell that it has some, whatever its charge says.
	Refunds  bool `db:"-"`
	Disputes bool `db:"disputes"`
}

const selectTarget = `SELECT p.id, p.order_id, p.tenant_id, p.account_id, CASE WHEN p.livemode THEN 'LIVE' ELSE 'TEST' END AS mode, p.session_id, p.intent_id,
	EXISTS (SELECT FROM disputes d WHERE d.order_id = p.order_id AND d.payment_id = p.id) AS disputes
	FROM payments p WHERE `

// targetWhere is nil where there is no such payment.
func targetWhere(ctx context.Context, db postgres.Querier, where string, args ...any) (*target, error) {
	t, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[target], nil, selectTarget+where, args...)
	if postgres.IsBadID(err) {
		return nil, nil
	}
	return t, wrap(err, "find payment")
}

// look reads a payment at Stripe, whole, and applies what it says. Reads are numbered as
// they begin: one that began before another that was applied changes nothing. settle is of
// those who count reads of their own, nil for none.
func (s *Service) look(ctx context.Context, t *target, settle inbox.Settle) error {
	if t.SessionID == nil && t.IntentID == nil {
		return nil // nobody knows of it yet but the journal
	}
	stripe, err := s.account(ctx, t.TenantID, t.AccountID, t.Mode)
	if err != nil {
		return err
	}
	at, err := s.begin(ctx, t)
	if err != nil {
		return err
	}
	seen, err := t.read(ctx, stripe)
	if err != nil {
		return err
	}
	return s.apply(ctx, t, at, seen, settle)
}

// began is when a read began: by its number, and by the database's clock.
type began struct {
	epoch int64
	time  time.Time
}

// begin makes a read the newest. What was heard of refunds before counts for it, because it is
// applied in the place of all reads that began before.
func (s *Service) begin(ctx context.Context, t *target) (at began, err error) {
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `UPDATE payments p SET fetch_epoch = fetch_epoch + 1, refund_heard = refund_heard OR $2 WHERE id = $1
			RETURNING fetch_epoch, clock_timestamp(), refund_heard OR EXISTS (SELECT FROM refunds r WHERE r.payment_id = p.id)`, t.ID, t.Refunds).
			Scan(&at.epoch, &at.time, &t.Refunds)
	})
	return at, wrap(err, "begin to read a payment")
}

func (s *Service) apply(ctx context.Context, t *target, at began, seen ledger.Observation, settle inbox.Settle) error {
	_, err := s.hold(ctx, t.OrderID, func(ctx context.Context, tx pgx.Tx, h *held) error {
		if settle != nil {
			if newest, err := settle(ctx, tx); err != nil || !newest {
				return err
			}
		}
		tag, err := tx.Exec(ctx, `UPDATE payments SET applied_epoch = $2, observed_at = $3 WHERE id = $1 AND applied_epoch < $2`, t.ID, at.epoch, at.time)
		if err != nil || tag.RowsAffected() == 0 {
			return wrap(err, "apply a read")
		}
		if err := h.countUnseen(ctx, tx); err != nil {
			return err
		}
		h.actor = "stripe"
		h.went(ledger.Apply(&h.Order.Order, h.Payment(t.ID), seen, newID))
		return nil
	})
	return err
}

var errGone = errors.New("stripe knows nothing of a payment that it made")

// read is all that Stripe says of the payment: one call for most, more where there are
// refunds or disputes.
func (t *target) read(ctx context.Context, stripe Stripe) (seen ledger.Observation, err error) {
	if t.SessionID != nil {
		if seen.Session, err = stripe.Session(ctx, *t.SessionID); err != nil {
			return seen, err
		}
		if seen.Session == nil {
			return seen, errGone
		}
		seen.Intent = seen.Session.PaymentIntent.Object
	}
	if seen.Intent == nil && t.intent(seen) != "" {
		if seen.Intent, err = stripe.Intent(ctx, t.intent(seen)); err != nil {
			return seen, err
		}
		if seen.Intent == nil {
			return seen, errGone
		}
	}
	return seen, t.readMore(ctx, stripe, &seen)
}

func (t *target) intent(seen ledger.Observation) string {
	if seen.Session != nil && seen.Session.PaymentIntent.ID != "" {
		return seen.Session.PaymentIntent.ID
	}
	return or(t.IntentID)
}

func (t *target) readMore(ctx context.Context, stripe Stripe, seen *ledger.Observation) (err error) {
	if seen.Intent == nil || seen.Intent.LatestCharge.Object == nil {
		return nil
	}
	charge := seen.Intent.LatestCharge.Object
	if t.Refunds || charge.AmountRefunded > 0 && charge.AmountCaptured > 0 {
		if seen.Refunds, err = stripe.RefundsOf(ctx, seen.Intent.ID); err != nil {
			return err
		}
	}
	if t.Disputes || charge.Disputed {
		seen.Disputes, err = stripe.DisputesOf(ctx, seen.Intent.ID)
	}
	return err
}
