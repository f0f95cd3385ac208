package payout

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// ripe is how long a difference has to last before it is a mismatch: what is under way
// differs for a moment.
const ripe = 10 * time.Minute

// mismatch is a difference that was written down.
type mismatch struct {
	ID        string                `db:"id"`
	Kind      ledger.DifferenceKind `db:"kind"`
	Subject   string                `db:"subject"`
	Says      string                `db:"says"`
	OrderID   *string               `db:"order_id"`
	PaymentID *string               `db:"payment_id"`
	AboutAt   time.Time             `db:"about_at"`
	Raised    bool                  `db:"raised"`
	Ripe      bool                  `db:"ripe"`
}

func (m mismatch) key() string { return string(m.Kind) + " " + m.Subject }

// openMismatches are those of orders that have not gone, locked.
func openMismatches(ctx context.Context, tx pgx.Tx, a account) ([]mismatch, error) {
	return postgres.All(ctx, tx, pgx.RowToStructByName[mismatch], `SELECT id, kind, subject, says, order_id, payment_id, about_at,
			raised_at IS NOT NULL AS raised, found_at <= golive_now() - $4::interval AS ripe
		FROM mismatches WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3 AND gone_at IS NULL AND kind <> 'PAYOUT'
		ORDER BY found_at, id FOR UPDATE`, a.TenantID, a.AccountID, a.live(), ripe)
}

// follow writes down what a comparison has found. What it finds for the second time is
// raised, and what it finds no more has gone, if it was compared. more tells that something has
// to be looked at again soon.
func (s *Service) follow(ctx context.Context, tx pgx.Tx, a account, found []ledger.Difference, compared func(mismatch) bool) (more bool, err error) {
	open, err := openMismatches(ctx, tx, a)
	if err != nil {
		return false, wrap(err, "read mismatches")
	}
	now := map[string]ledger.Difference{}
	for _, d := range found {
		now[string(d.Kind)+" "+d.Subject] = d
	}
	raised := false
	for _, m := range open {
		d, still := now[m.key()]
		delete(now, m.key())
		switch {
		case !still && compared(m):
			err = s.gone(ctx, tx, a, m)
		case !still:
		case !m.Raised && m.Ripe:
			raised, more = true, true // reading it again may mend it
			err = s.raise(ctx, tx, a, m, d)
		case !m.Raised:
			more = true
		}
		if err != nil {
			return false, err
		}
	}
	for _, d := range found {
		if _, is := now[string(d.Kind)+" "+d.Subject]; !is {
			continue
		}
		more = true
		if _, err := insertMismatch(ctx, tx, a, d, false); err != nil {
			return false, err
		}
	}
	if raised {
		err = s.TellMismatch(ctx, tx, a.TenantID)
	}
	return more, err
}

// insertMismatch tells whether it is a new one.
func insertMismatch(ctx context.Context, tx pgx.Tx, a account, d ledger.Difference, raised bool) (isNew bool, err error) {
	err = tx.QueryRow(ctx, `INSERT INTO mismatches AS m (id, tenant_id, account_id, livemode, kind, subject, says, order_id, payment_id, about_at, raised_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, '')::uuid, nullif($9, '')::uuid, $10, CASE WHEN $11 THEN golive_now() END)
		ON CONFLICT (tenant_id, account_id, livemode, kind, subject) WHERE gone_at IS NULL DO UPDATE SET says = EXCLUDED.says
		RETURNING m.id = $1`, newID(), a.TenantID, a.AccountID, a.live(), d.Kind, d.Subject, d.Says, d.OrderID, d.PaymentID, d.AboutAt, raised).Scan(&isNew)
	return isNew, wrap(err, "write a mismatch down")
}

// raise tells of a mismatch, and has Stripe read again. Should that mend it, the next
// comparison says so.
func (s *Service) raise(ctx context.Context, tx pgx.Tx, a account, m mismatch, d ledger.Difference) error {
	if _, err := tx.Exec(ctx, `UPDATE mismatches SET raised_at = golive_now(), says = $2 WHERE id = $1`, m.ID, d.Says); err != nil {
		return wrap(err, "raise a mismatch")
	}
	s.Log.ErrorContext(ctx, "Stripe and Golive differ", "tenant_id", a.TenantID, "mode", a.Mode, "kind", d.Kind, "about", d.Subject, "order", d.OrderID)
	if d.OrderID != "" {
		if err := s.Orders.Disagree(ctx, tx, d.OrderID, d.PaymentID, d.Says); err != nil {
			return err
		}
	}
	return s.Inbox.Touch(ctx, tx, a.object(kindOf(d.Kind), d.Subject))
}

// kindOf is what a difference's subject is.
func kindOf(k ledger.DifferenceKind) inbox.Kind {
	switch k {
	case ledger.DiffersRefund:
		return inbox.Refund
	case ledger.DiffersDispute:
		return inbox.Dispute
	case ledger.DiffersPayout:
		return inbox.Payout
	case ledger.DiffersMissing, ledger.DiffersCaptured, ledger.DiffersFee:
	}
	return inbox.Intent
}

// gone closes a mismatch that a comparison found no more. What was never raised was under way.
func (s *Service) gone(ctx context.Context, tx pgx.Tx, a account, m mismatch) error {
	if !m.Raised {
		_, err := tx.Exec(ctx, `DELETE FROM mismatches WHERE id = $1`, m.ID)
		return wrap(err, "forget a difference")
	}
	if _, err := tx.Exec(ctx, `UPDATE mismatches SET gone_at = golive_now() WHERE id = $1`, m.ID); err != nil {
		return wrap(err, "close a mismatch")
	}
	s.Log.InfoContext(ctx, "Stripe and Golive agree again", "tenant_id", a.TenantID, "mode", a.Mode, "kind", m.Kind, "about", m.Subject)
	if m.OrderID == nil || m.PaymentID == nil {
		return nil
	}
	var others bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM mismatches
		WHERE tenant_id = $1 AND livemode = $2 AND payment_id = $3 AND raised_at IS NOT NULL AND gone_at IS NULL)`, a.TenantID, a.live(), *m.PaymentID).Scan(&others)
	if err != nil || others {
		return wrap(err, "look for other mismatches")
	}
	return s.Orders.Agree(ctx, tx, *m.OrderID, *m.PaymentID)
}

// judge raises what of a payout nothing explains, naming what does: Stripe's word on it is
// final, so there is nothing to wait for.
func (s *Service) judge(ctx context.Context, tx pgx.Tx, a account, p *Payout, lines []ledger.PayoutLine, residual int64) error {
	says := explained(p, lines, residual)
	if says == "" {
		_, err := tx.Exec(ctx, `UPDATE mismatches SET gone_at = golive_now() WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3
			AND kind = 'PAYOUT' AND subject = $4 AND gone_at IS NULL`, a.TenantID, a.AccountID, a.live(), p.StripePayoutID)
		return wrap(err, "close a mismatch")
	}
	isNew, err := insertMismatch(ctx, tx, a, ledger.Difference{Kind: ledger.DiffersPayout, Subject: p.StripePayoutID, Says: says, AboutAt: p.CreatedAt}, true)
	if err != nil || !isNew {
		return err
	}
	s.Log.ErrorContext(ctx, "a payout is not explained by its transactions", "tenant_id", a.TenantID, "mode", a.Mode, "payout", p.StripePayoutID, "residual", residual, "currency", p.Currency)
	return s.TellMismatch(ctx, tx, a.TenantID)
}

// explained is "" where lines explain a payout, else what is left and by what the rest is.
func explained(p *Payout, lines []ledger.PayoutLine, residual int64) string {
	var by []string
	strange := false
	for _, l := range lines {
		by = append(by, strings.ReplaceAll(l.Category, "_", " ")+" "+ledger.Words(l.Net, l.Currency))
		strange = strange || l.Currency != p.Currency
	}
	if residual == 0 && !strange {
		return ""
	}
	if len(by) == 0 {
		by = []string{"none"}
	}
	return fmt.Sprintf("Of the payout %s over %s, %s is not explained by its transactions: %s.",
		p.StripePayoutID, ledger.Words(p.Amount, p.Currency), ledger.Words(residual, p.Currency), strings.Join(by, ", "))
}

// Mismatches are those that a tenant was told of and that have not gone, in words, oldest first, test
// before live.
func Mismatches(ctx context.Context, db postgres.Querier, tenantID string) ([]Told, error) {
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[Told], `SELECT CASE WHEN livemode THEN 'LIVE' ELSE 'TEST' END AS mode, says
		FROM mismatches WHERE tenant_id = $1 AND raised_at IS NOT NULL AND gone_at IS NULL ORDER BY livemode, found_at, id LIMIT 100`, tenantID)
	return found, wrap(err, "read mismatches")
}

// Told is a mismatch in words.
type Told struct {
	Mode catalog.Mode `db:"mode"`
	Says string       `db:"says"`
}
