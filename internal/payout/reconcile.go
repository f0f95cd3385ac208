package payout

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Span is the part of a tenant's account that somebody asks about: From is in it, To isn't.
type Span struct {
	TenantID string
	Mode     catalog.Mode
	From, To time.Time
}

// longest is how long a span may be.
const longest = 366 * 24 * time.Hour

func (s Span) check(ctx context.Context) error {
	if err := tenant.Require(ctx, s.TenantID, tenant.RoleViewer); err != nil {
		return err
	}
	switch {
	case !s.From.Before(s.To):
		return fault.New(fault.InvalidInput, "to must be after from.").At("to")
	case s.To.Sub(s.From) > longest:
		return fault.New(fault.InvalidInput, "The span can be at most 366 days long.").At("to")
	}
	return nil
}

func (s Span) arguments() []any {
	return []any{s.TenantID, s.Mode == catalog.Live, s.From, s.To}
}

// Reconciliation is what moved a tenant's balance in a span, as Stripe booked it, and in what
// Stripe and Golive differ.
type Reconciliation struct {
	Currencies []*CurrencyReconciliation
	// Mismatches are those that have not gone, in words.
	Mismatches []string
	// Notes are in words what is no mismatch: those of the span that have gone, and what keeps
	// Stripe and Golive from being compared.
	Notes []string
	// Agree tells whether Stripe and Golive do, nil where that isn't known.
	Agree *bool
	// CheckedAt is when Stripe and Golive were last compared, now if they never were.
	CheckedAt time.Time
}

// Amount is money in the smallest unit of its currency.
type Amount struct {
	Amount   int64
	Currency string
}

// CurrencyReconciliation is one currency of the balance. All sums are of balance transactions
// in it, but for Charged.
type CurrencyReconciliation struct {
	Currency string
	// Charged is what customers were charged, one for each currency that they paid in.
	Charged []Amount
	// Captured, Refunded and Disputed are gross, the latter two as they were given back.
	Captured, Refunded, Disputed int64
	// Fees are Stripe's of all of it, and Net is what is left, before payouts.
	Fees, Net int64
	PaidOut   int64
	// Unmatched is how many of customers' transactions no order knows of.
	Unmatched int
}

// categorySum is what one reporting category adds up to, by what customers paid in.
type categorySum struct {
	Currency  string `db:"currency"`
	Category  string `db:"category"`
	Gross     int64  `db:"gross"`
	Fee       int64  `db:"fee"`
	Net       int64  `db:"net"`
	Unmatched int    `db:"unmatched"`
	Charged   int64  `db:"charged"`
	// ChargedIn is nil where it isn't known what was charged.
	ChargedIn *string `db:"charged_currency"`
}

// Reconcile adds up what is stored of a span; it asks Stripe nothing. One statement does, or
// what is kept meanwhile would be in some of the sums only. It needs the role VIEWER.
func (s *Service) Reconcile(ctx context.Context, span Span) (r Reconciliation, err error) {
	if err := span.check(ctx); err != nil {
		return r, err
	}
	sums, err := postgres.All(ctx, s.DB, pgx.RowToStructByName[categorySum], `SELECT currency, category, sum(amount)::bigint AS gross, sum(fee)::bigint AS fee,
			sum(net)::bigint AS net, count(*) FILTER (WHERE order_id IS NULL)::int AS unmatched, charged_currency, coalesce(sum(charged), 0)::bigint AS charged
		FROM balance_transactions WHERE tenant_id = $1 AND livemode = $2 AND created_at >= $3 AND created_at < $4
		GROUP BY currency, category, charged_currency ORDER BY currency, category, charged_currency`, span.arguments()...)
	if err != nil {
		return r, wrap(err, "add a balance up")
	}
	r.Currencies = byCurrency(sums)
	return r, s.addMismatches(ctx, span, &r)
}

func byCurrency(sums []categorySum) []*CurrencyReconciliation {
	all := []*CurrencyReconciliation{}
	for _, sum := range sums {
		at := slices.IndexFunc(all, func(c *CurrencyReconciliation) bool { return c.Currency == sum.Currency })
		if at < 0 {
			at, all = len(all), append(all, &CurrencyReconciliation{Currency: sum.Currency, Charged: []Amount{}})
		}
		all[at].add(sum)
	}
	return all
}

func (c *CurrencyReconciliation) add(sum categorySum) {
	moves := ledger.MovesOf(sum.Category)
	switch moves {
	case ledger.MovesCaptured:
		c.Captured += sum.Gross
		if sum.Category == "charge" && sum.Charged != 0 {
			c.Charged = append(c.Charged, Amount{sum.Charged, *sum.ChargedIn})
		}
	case ledger.MovesRefunded:
		c.Refunded -= sum.Gross
	case ledger.MovesDisputed:
		c.Disputed -= sum.Gross
	case ledger.MovesPaidOut:
		c.PaidOut -= sum.Net
		return
	case ledger.MovesOther:
	}
	c.Fees += sum.Fee
	c.Net += sum.Net
	if moves.OfCustomers() {
		c.Unmatched += sum.Unmatched
	}
}

// neverCompared is said where the first comparison is still to come.
const neverCompared = "Stripe and Golive haven't been compared yet. That happens within minutes after payments are enabled, and every night."

func (s *Service) addMismatches(ctx context.Context, span Span, r *Reconciliation) error {
	type said struct {
		Says string
		Gone bool
	}
	found, err := postgres.All(ctx, s.DB, pgx.RowToStructByPos[said], `SELECT says, gone_at IS NOT NULL FROM mismatches
		WHERE tenant_id = $1 AND livemode = $2 AND raised_at IS NOT NULL AND found_at < $4 AND (gone_at IS NULL OR about_at >= $3 AND about_at < $4)
		ORDER BY gone_at IS NOT NULL, found_at, id LIMIT 1000`, span.arguments()...)
	if err != nil {
		return wrap(err, "read mismatches")
	}
	r.Mismatches, r.Notes = []string{}, []string{}
	for _, m := range found {
		if m.Gone {
			r.Notes = append(r.Notes, m.Says+" They agree again.")
		} else {
			r.Mismatches = append(r.Mismatches, m.Says)
		}
	}
	return s.addState(ctx, span, r)
}

// addState says whether Stripe and Golive agree as far as the last comparison goes: that of the
// account that sells now, or of the last one that did.
func (s *Service) addState(ctx context.Context, span Span, r *Reconciliation) error {
	type state struct {
		CheckedAt *time.Time
		Problem   *string
		Now       time.Time
	}
	st, err := postgres.One(ctx, s.DB, pgx.RowToStructByPos[state], nil, `SELECT r.checked_at, r.problem, golive_now() FROM (SELECT) AS one
		LEFT JOIN LATERAL (SELECT checked_at, problem FROM reconciliations WHERE tenant_id = $1 AND livemode = $2
			ORDER BY next_at = 'infinity', checked_at DESC NULLS LAST LIMIT 1) AS r ON true`, span.TenantID, span.Mode == catalog.Live)
	if err != nil {
		return wrap(err, "read when Stripe was compared")
	}
	agree := len(r.Mismatches) == 0
	if !agree || st.CheckedAt != nil && st.Problem == nil {
		r.Agree = &agree
	}
	if r.CheckedAt = st.Now; st.CheckedAt != nil {
		r.CheckedAt = *st.CheckedAt
	} else {
		r.Notes = append(r.Notes, neverCompared)
	}
	if st.Problem != nil {
		r.Notes = append(r.Notes, "The last comparison with Stripe couldn't be made. "+*st.Problem)
	}
	return nil
}

// MethodFees is what Stripe took for payments by one method, in one currency of the balance.
type MethodFees struct {
	Method   string `db:"method"`
	Currency string `db:"currency"`
	Count    int    `db:"count"`
	Gross    int64  `db:"gross"`
	Fee      int64  `db:"fee"`
}

// EffectiveRate is fee / gross, nil of nothing.
func (m *MethodFees) EffectiveRate() *float64 {
	if m.Gross == 0 {
		return nil
	}
	rate := float64(m.Fee) / float64(m.Gross)
	return &rate
}

// Fees are those of a tenant's orders in a span, by method and currency. It needs the role
// VIEWER.
func (s *Service) Fees(ctx context.Context, span Span) ([]*MethodFees, error) {
	if err := span.check(ctx); err != nil {
		return nil, err
	}
	fees, err := postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[MethodFees], `SELECT coalesce(method, 'unknown') AS method, currency, count(*)::int AS count,
			sum(amount)::bigint AS gross, sum(fee)::bigint AS fee
		FROM balance_transactions WHERE tenant_id = $1 AND livemode = $2 AND created_at >= $3 AND created_at < $4 AND category = 'charge' AND order_id IS NOT NULL
		GROUP BY 1, currency ORDER BY 1, currency`, span.arguments()...)
	return fees, wrap(err, "add fees up")
}
