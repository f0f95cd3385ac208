package payout

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// Refresh reads a payout from Stripe, outside of any transaction, and what it pays out once
// Stripe knows all of that. settle is as inbox.Settle says.
func (s *Service) Refresh(ctx context.Context, o inbox.Object, settle inbox.Settle) (inbox.Verdict, error) {
	ctx = postgres.For(ctx, o.TenantID)
	a := account{o.TenantID, o.AccountID, o.Mode}
	stripe, err := s.open(ctx, a)
	if err != nil {
		return "", err
	}
	seen, err := stripe.Payout(ctx, o.ID)
	if err != nil || seen == nil {
		return inbox.Foreign, err
	}
	p, err := s.note(ctx, a, seen, settle)
	if p == nil || err != nil || !p.explainable() || p.ReconciledAt != nil {
		return inbox.Applied, err
	}
	if err := s.readTransactions(ctx, stripe, a, p); err != nil {
		return "", err
	}
	return inbox.Applied, s.explain(ctx, a, p, settle)
}

const columns = `p.id, p.tenant_id, p.account_id, CASE WHEN p.livemode THEN 'LIVE' ELSE 'TEST' END AS mode, p.stripe_payout_id, p.status, p.amount, p.currency,
	p.automatic, p.reconciliation_status, p.arrival_date, p.created_at, p.fees, p.transactions, p.residual, p.reconciled_at, p.read_to`

// note writes what Stripe says of the payout itself; nil where a newer read has begun.
func (s *Service) note(ctx context.Context, a account, seen *ledger.StripePayout, settle inbox.Settle) (p *Payout, err error) {
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		p = nil
		if newest, err := settled(ctx, tx, settle); err != nil || !newest {
			return err
		}
		p, err = postgres.One(ctx, tx, pgx.RowToAddrOfStructByName[Payout], nil, `INSERT INTO payouts AS p (id, tenant_id, account_id, livemode, stripe_payout_id,
				status, amount, currency, automatic, reconciliation_status, arrival_date, created_at, residual)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $7)
			ON CONFLICT (tenant_id, account_id, livemode, stripe_payout_id) DO UPDATE SET status = EXCLUDED.status, amount = EXCLUDED.amount,
				automatic = EXCLUDED.automatic, reconciliation_status = EXCLUDED.reconciliation_status, arrival_date = EXCLUDED.arrival_date,
				residual = p.residual + EXCLUDED.amount - p.amount,
				reconciled_at = CASE WHEN p.amount = EXCLUDED.amount THEN p.reconciled_at END
			RETURNING `+columns,
			newID(), a.TenantID, a.AccountID, a.live(), seen.ID, seen.Status, seen.Amount, seen.Currency, seen.Automatic,
			seen.ReconciliationStatus, instant(seen.ArrivalDate), time.Unix(seen.Created, 0))
		return err
	})
	return p, wrap(err, "note a payout")
}

func settled(ctx context.Context, tx pgx.Tx, settle inbox.Settle) (newest bool, err error) {
	if settle == nil {
		return true, nil
	}
	return settle(ctx, tx)
}

// mostPages bounds how much one read takes in, because a list that doesn't end must not keep
// a worker for ever: a million transactions.
const mostPages = 10_000

var errEndless = errors.New("stripe's list of a payout's transactions does not end")

// readTransactions keeps what a payout pays out, page by page, and goes on where an earlier
// read ended: of a payout that is reconciled Stripe's list does not change any more.
func (s *Service) readTransactions(ctx context.Context, stripe Stripe, a account, p *Payout) error {
	after := ""
	if p.ReadTo != nil {
		after = *p.ReadTo
	}
	for range mostPages {
		page, more, err := stripe.PayoutTransactions(ctx, p.StripePayoutID, after)
		if err != nil {
			return err
		}
		if len(page) > 0 {
			after = page[len(page)-1].ID
		}
		if err := s.keep(ctx, a, page, p, after); err != nil || !more {
			return err
		}
	}
	return errEndless
}

// explain adds up what a payout pays out. Its own transaction, which takes the money from the
// balance, explains nothing.
func (s *Service) explain(ctx context.Context, a account, p *Payout, settle inbox.Settle) error {
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if newest, err := settled(ctx, tx, settle); err != nil || !newest {
			return err
		}
		lines, err := linesOf(ctx, tx, p)
		if err != nil {
			return err
		}
		fees, count := int64(0), 0
		for _, l := range lines {
			count += l.Count
			if l.Currency == p.Currency {
				fees += l.Fee
			}
		}
		residual := ledger.Residual(p.Amount, p.Currency, lines)
		_, err = tx.Exec(ctx, `UPDATE payouts SET read_to = NULL, fees = $2, transactions = $3, residual = $4, reconciled_at = CASE WHEN $4::bigint = 0 THEN golive_now() END
			WHERE id = $1`, p.ID, fees, count, residual)
		if err != nil {
			return err
		}
		return s.judge(ctx, tx, a, p, lines, residual)
	})
	return wrap(err, "explain a payout")
}

// linesOf are a payout's transactions by reporting category, Stripe's names in the order of
// the alphabet.
func linesOf(ctx context.Context, db postgres.Querier, p *Payout) ([]ledger.PayoutLine, error) {
	lines, err := postgres.All(ctx, db, pgx.RowToStructByName[ledger.PayoutLine], `SELECT category, currency, count(*)::int AS count, sum(amount)::bigint AS gross,
			sum(fee)::bigint AS fee, sum(net)::bigint AS net
		FROM balance_transactions WHERE payout_id = $1 AND source_id IS DISTINCT FROM $2 GROUP BY category, currency ORDER BY category, currency`, p.ID, p.StripePayoutID)
	return lines, wrap(err, "add up a payout")
}
