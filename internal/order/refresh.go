package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// Refresh reads what an object is about from Stripe, outside of any transaction, and
// applies it. settle is called in the transaction that does, and tells whether nothing
// newer has begun; where it has, nothing is applied.
func (s *Service) Refresh(ctx context.Context, o inbox.Object, settle inbox.Settle) (inbox.Verdict, error) {
	ctx = postgres.For(ctx, o.TenantID)
	t, verdict, err := s.targetOf(ctx, o)
	if t == nil || err != nil {
		return verdict, err
	}
	return inbox.Applied, s.look(ctx, t, settle)
}

// targetOf is the payment that an object is about: by its id, or by who made it.
func (s *Service) targetOf(ctx context.Context, o inbox.Object) (*target, inbox.Verdict, error) {
	column, known := map[inbox.Kind]string{
		inbox.Session: "p.session_id = $3", inbox.Intent: "p.intent_id = $3", inbox.Charge: "p.charge_id = $3",
		inbox.Refund:  "p.id = (SELECT r.payment_id FROM refunds r WHERE r.account_id = $1 AND r.livemode = $2 AND r.stripe_refund_id = $3)",
		inbox.Dispute: "p.id = (SELECT d.payment_id FROM disputes d WHERE d.account_id = $1 AND d.livemode = $2 AND d.stripe_dispute_id = $3)",
	}[o.Kind]
	if !known {
		return nil, inbox.Ignored, nil
	}
	t, err := targetWhere(ctx, s.DB, `p.account_id = $1 AND p.livemode = $2 AND `+column, o.AccountID, o.Mode == catalog.Live, o.ID)
	if t != nil || err != nil {
		return t, inbox.Applied, err
	}
	stripe, err := s.account(ctx, o.TenantID, o.AccountID, o.Mode)
	if err != nil {
		return nil, "", err
	}
	return s.ask(ctx, stripe, o)
}

// Whole is inbox.Whole: a payment is read by its session, or by its intent where it has none.
// Stamps are only believed as to what to read, since anybody may copy them.
func Whole(ctx context.Context, db postgres.Querier, part inbox.Object, paymentID string) (inbox.Object, error) {
	type known struct{ Session, Intent *string }
	p, err := postgres.One(ctx, db, pgx.RowToStructByPos[known], nil, `SELECT session_id, intent_id FROM payments
		WHERE id = $1 AND tenant_id = $2 AND account_id = $3 AND livemode = $4`, paymentID, part.TenantID, part.AccountID, part.Mode == catalog.Live)
	switch {
	case err != nil:
		return part, wrap(err, "look for the payment of an object")
	case p.Session != nil:
		part.Kind, part.ID = inbox.Session, *p.Session
	case p.Intent != nil:
		part.Kind, part.ID = inbox.Intent, *p.Intent
	}
	return part, nil
}

// made is what of an object tells whose it is.
type made struct {
	intent string // of which it is a part, "" for an intent itself
	stamp  map[string]string
}

// ask reads an object that no row knows, to see whose it is. A refund, charge or dispute
// is its intent's.
func (s *Service) ask(ctx context.Context, stripe Stripe, o inbox.Object) (*target, inbox.Verdict, error) {
	m, err := readMade(ctx, stripe, o)
	if err != nil {
		return nil, "", err
	}
	if m.intent != "" {
		of := o
		of.Kind, of.ID = inbox.Intent, m.intent
		t, verdict, err := s.targetOf(ctx, of)
		t.has(o.Kind)
		return t, verdict, err
	}
	id := m.stamp[ledger.StampPayment]
	if id == "" {
		return nil, inbox.Foreign, nil
	}
	t, err := targetWhere(ctx, s.DB, `p.id = $1 AND p.account_id = $2 AND p.livemode = $3`, id, o.AccountID, o.Mode == catalog.Live)
	if t == nil {
		return nil, inbox.Waiting, err
	}
	t.know(o)
	return t, inbox.Applied, err
}

// has tells that there is a refund or dispute, because a charge says nothing of a refund
// that has failed.
func (t *target) has(kind inbox.Kind) {
	if t == nil {
		return
	}
	t.Refunds = t.Refunds || kind == inbox.Refund
	t.Disputes = t.Disputes || kind == inbox.Dispute
}

// know takes the id by which the object was made known, because the answer that told it may
// be lost. One that is known stays: somebody's copy of a stamp makes no other object ours.
func (t *target) know(o inbox.Object) {
	switch {
	case o.Kind == inbox.Session && t.SessionID == nil:
		t.SessionID = &o.ID
	case o.Kind == inbox.Intent && t.SessionID == nil && t.IntentID == nil:
		t.IntentID = &o.ID
	}
}

func readMade(ctx context.Context, stripe Stripe, o inbox.Object) (m made, err error) {
	switch o.Kind {
	case inbox.Session:
		x, err := stripe.Session(ctx, o.ID)
		if x != nil {
			m.stamp = x.Metadata
		}
		return m, err
	case inbox.Intent:
		x, err := stripe.Intent(ctx, o.ID)
		if x != nil {
			m.stamp = x.Metadata
		}
		return m, err
	case inbox.Charge:
		x, err := stripe.Charge(ctx, o.ID)
		if x != nil {
			m.intent = x.PaymentIntent
		}
		return m, err
	case inbox.Refund:
		x, err := stripe.Refund(ctx, o.ID)
		if x != nil {
			m.intent = x.PaymentIntent
		}
		return m, err
	case inbox.Dispute:
		x, err := stripe.Dispute(ctx, o.ID)
		if x != nil {
			m.intent = x.PaymentIntent
		}
		return m, err
	}
	return m, nil
}
