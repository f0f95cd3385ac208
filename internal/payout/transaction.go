package payout

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
)

// kept is a balance transaction as it is kept, with whose it is.
type kept struct {
	ID              string       `json:"id"`
	StripeID        string       `json:"stripe_id"`
	Type            string       `json:"type"`
	Category        string       `json:"category"`
	Amount          int64        `json:"amount"`
	Fee             int64        `json:"fee"`
	Net             int64        `json:"net"`
	Currency        string       `json:"currency"`
	ExchangeRate    *json.Number `json:"exchange_rate"`
	SourceID        *string      `json:"source_id"`
	AvailableOn     *time.Time   `json:"available_on"`
	CreatedAt       time.Time    `json:"created_at"`
	OrderID         *string      `json:"order_id"`
	PaymentID       *string      `json:"payment_id"`
	Method          *string      `json:"method"`
	Charged         *int64       `json:"charged"`
	ChargedCurrency *string      `json:"charged_currency"`
}

// keep writes a page of balance transactions, of a payout where p isn't nil, which then has
// been read to after. They are facts: one that is there already stays as it is, but for the
// payout that it goes out with, and for what is learned of whose it is.
func (s *Service) keep(ctx context.Context, a account, page []ledger.StripeTransaction, p *Payout, after string) error {
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		rows, err := keptOf(ctx, tx, a, page)
		if err != nil {
			return err
		}
		var payoutID *string
		if p != nil {
			payoutID = &p.ID
			if _, err := tx.Exec(ctx, `UPDATE payouts SET read_to = nullif($2, '') WHERE id = $1`, p.ID, after); err != nil {
				return err
			}
		}
		news, err := postgres.All(ctx, tx, pgx.RowToStructByPos[moved], `WITH new AS (INSERT INTO balance_transactions AS t (id, tenant_id, account_id, livemode, stripe_id, type, category, amount, fee, net, currency,
				exchange_rate, source_id, available_on, created_at, order_id, payment_id, method, charged, charged_currency, payout_id)
			SELECT r.id, $1, $2, $3, r.stripe_id, r.type, r.category, r.amount, r.fee, r.net, r.currency, r.exchange_rate, r.source_id, r.available_on,
				r.created_at, r.order_id, r.payment_id, r.method, r.charged, r.charged_currency, $5
			FROM jsonb_to_recordset($4) AS r (id uuid, stripe_id text, type text, category text, amount bigint, fee bigint, net bigint, currency text,
				exchange_rate numeric, source_id text, available_on timestamptz, created_at timestamptz, order_id uuid, payment_id uuid, method text,
				charged bigint, charged_currency text)
			ON CONFLICT (tenant_id, account_id, livemode, stripe_id) DO UPDATE SET payout_id = coalesce(EXCLUDED.payout_id, t.payout_id),
				order_id = coalesce(t.order_id, EXCLUDED.order_id), payment_id = coalesce(t.payment_id, EXCLUDED.payment_id),
				method = coalesce(t.method, EXCLUDED.method), charged = coalesce(EXCLUDED.charged, t.charged),
				charged_currency = coalesce(EXCLUDED.charged_currency, t.charged_currency)
			RETURNING t.*, t.xmax = 0 AS is_new)
			SELECT category, source_id FROM new WHERE is_new AND source_id IS NOT NULL AND (category IN ('refund_failure', 'dispute', 'dispute_reversal')
				OR category = 'charge' AND order_id IS NOT NULL AND (charged IS NULL OR charged_currency = currency AND charged <> amount)) ORDER BY source_id`,
			a.TenantID, a.AccountID, a.live(), rows, payoutID)
		if err != nil {
			return err
		}
		return s.ring(ctx, tx, a, news)
	})
	return wrap(err, "keep balance transactions")
}

// moved is what moved a balance.
type moved struct{ Category, Source string }

// ring has read what moved the balance long after it was made, perhaps without news: Stripe's
// lists of the last days don't name it.
func (s *Service) ring(ctx context.Context, tx pgx.Tx, a account, news []moved) error {
	kinds := map[string]inbox.Kind{"charge": inbox.Charge, "refund_failure": inbox.Refund, "dispute": inbox.Dispute, "dispute_reversal": inbox.Dispute}
	for _, m := range news {
		if err := s.Inbox.Touch(ctx, tx, a.object(kinds[m.Category], m.Source)); err != nil {
			return err
		}
	}
	return nil
}

// keptOf are Stripe's transactions as they are kept, as JSON. Each appears once.
func keptOf(ctx context.Context, db postgres.Querier, a account, page []ledger.StripeTransaction) ([]byte, error) {
	var ids []string
	for _, t := range page {
		ids = append(ids, t.Source)
	}
	sources, err := order.SourcesOf(ctx, db, a.TenantID, a.AccountID, a.Mode, ids)
	if err != nil {
		return nil, err
	}
	rows, seen := []kept{}, map[string]bool{}
	for _, t := range page {
		if seen[t.ID] {
			continue
		}
		seen[t.ID] = true
		rows = append(rows, keptAs(t, sources))
	}
	b, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("encode balance transactions: %w", err)
	}
	return b, nil
}

func keptAs(t ledger.StripeTransaction, sources map[string]order.Source) kept {
	k := kept{
		ID: newID(), StripeID: t.ID, Type: t.Type, Category: t.ReportingCategory, Amount: t.Amount, Fee: t.Fee, Net: t.Net, Currency: t.Currency,
		ExchangeRate: t.ExchangeRate, AvailableOn: instant(t.AvailableOn), CreatedAt: time.Unix(t.Created, 0).UTC(),
	}
	if t.Source != "" {
		k.SourceID = &t.Source
	}
	if of, known := sources[t.Source]; known {
		k.OrderID, k.PaymentID = &of.OrderID, &of.PaymentID
		if ledger.MovesOf(t.ReportingCategory) == ledger.MovesCaptured {
			k.Method = of.Method
			if of.Captured > 0 { // else Stripe captured it, and Golive hasn't heard of that yet
				k.Charged, k.ChargedCurrency = &of.Captured, &of.Currency
			}
		}
	}
	return k
}

// unmatchedLot is how many transactions are matched anew at once.
const unmatchedLot = 500

// unmatched is customers' money of which something isn't known yet: whose it is, or what its
// customer was charged.
type unmatched struct {
	ID        string    `db:"id"`
	SourceID  string    `db:"source_id"`
	CreatedAt time.Time `db:"created_at"`
}

// match finds the orders of what came before them, lot by lot: what others sell on the
// account, of which no order will ever know, must not stand before what can be matched.
func (s *Service) match(ctx context.Context, a account, since time.Time) error {
	last := unmatched{ID: uuid.Nil.String(), CreatedAt: since}
	for {
		lot, err := postgres.All(ctx, s.DB, pgx.RowToStructByName[unmatched], `SELECT id::text, source_id, created_at FROM balance_transactions
			WHERE tenant_id = $1 AND livemode = $2 AND account_id = $3 AND (order_id IS NULL OR category = 'charge' AND coalesce(charged, 0) = 0)
				AND source_id IS NOT NULL AND category = ANY($4) AND (created_at, id) > ($5, $6::uuid) ORDER BY created_at, id LIMIT $7`,
			a.TenantID, a.live(), a.AccountID, ledger.CategoriesOfCustomers(), last.CreatedAt, last.ID, unmatchedLot)
		if err == nil && len(lot) > 0 {
			last, err = lot[len(lot)-1], s.matchLot(ctx, a, lot)
		}
		if err != nil || len(lot) == 0 {
			return wrap(err, "match balance transactions")
		}
	}
}

func (s *Service) matchLot(ctx context.Context, a account, lot []unmatched) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		var ids []string
		for _, t := range lot {
			ids = append(ids, t.SourceID)
		}
		sources, err := order.SourcesOf(ctx, tx, a.TenantID, a.AccountID, a.Mode, ids)
		if err != nil {
			return err
		}
		for _, t := range lot {
			of, known := sources[t.SourceID]
			if !known {
				continue
			}
			if _, err := tx.Exec(ctx, `UPDATE balance_transactions SET order_id = $2, payment_id = $3, method = CASE WHEN category = 'charge' THEN $4 END,
					charged = CASE WHEN category = 'charge' THEN nullif($5::bigint, 0) END, charged_currency = CASE WHEN category = 'charge' AND $5 > 0 THEN $6 END
				WHERE id = $1 AND (order_id IS NULL OR $5 > 0)`, t.ID, of.OrderID, of.PaymentID, of.Method, of.Captured, of.Currency); err != nil {
				return err
			}
		}
		return nil
	})
}
