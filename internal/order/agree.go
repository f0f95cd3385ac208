package order

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// Compared says which payments are compared with Stripe.
type Compared struct {
	TenantID, AccountID string
	Mode                catalog.Mode
	// Stamps are ids of payments, as Stripe's metadata name them, and Intents Stripe's ids.
	Stamps, Intents []string
	// Since is how old a payment may be that neither names.
	Since time.Time
}

// Comparisons are the use cases of whoever compares orders with Stripe.
type Comparisons struct{ *Service }

// PaymentsCompared are a tenant's payments that Stripe's lists name, or in which money has
// come that should be in them, with refunds and disputes. elsewhere are those of the stamps
// that are another tenant's of the account.
func (s Comparisons) PaymentsCompared(ctx context.Context, c Compared) (ours []*ledger.Payment, elsewhere map[string]bool, err error) {
	stamps := slices.DeleteFunc(slices.Clone(c.Stamps), func(id string) bool { return uuid.Validate(id) != nil })
	orders, err := postgres.All(ctx, s.DB, pgx.RowTo[string], `SELECT DISTINCT order_id::text FROM payments WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3
		AND (id = ANY($4::uuid[]) OR intent_id = ANY($5) OR captured > 0 AND created_at >= $6)`,
		c.TenantID, c.AccountID, c.Mode == catalog.Live, stamps, c.Intents, c.Since)
	if err != nil {
		return nil, nil, wrap(err, "look for payments to compare")
	}
	if ours, err = paymentsOf(ctx, s.DB, orders); err != nil {
		return nil, nil, err
	}
	// Whether somebody else has them may be known, and nothing else of them.
	others, err := postgres.All(postgres.Across(ctx, postgres.Sweeps), s.DB, pgx.RowTo[string],
		`SELECT id::text FROM payments WHERE id = ANY($1::uuid[]) AND tenant_id <> $2`, stamps, c.TenantID)
	elsewhere = map[string]bool{}
	for _, id := range others {
		elsewhere[id] = true
	}
	return ours, elsewhere, wrap(err, "look for others' payments")
}

// OpenDisputes are Stripe's ids of a tenant's disputes that are older than c.Since, and that
// Golive takes for undecided.
func (s Comparisons) OpenDisputes(ctx context.Context, c Compared) ([]string, error) {
	ids, err := postgres.All(ctx, s.DB, pgx.RowTo[string], `SELECT stripe_dispute_id FROM disputes WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3
		AND status NOT IN ('WON', 'LOST', 'WARNING_CLOSED') AND created_at < $4`, c.TenantID, c.AccountID, c.Mode == catalog.Live, c.Since)
	return ids, wrap(err, "look for open disputes")
}

// Disagree notes, in the transaction of who found out, that Stripe says something else of a
// payment than Golive does, and tells it in the order's history. What Golive knows stays as
// it is.
func (s Comparisons) Disagree(ctx context.Context, tx pgx.Tx, orderID, paymentID, says string) error {
	return s.mark(ctx, tx, orderID, paymentID, true, "Stripe and Golive differ. "+says)
}

// Agree notes that they don't any more, and tells it.
func (s Comparisons) Agree(ctx context.Context, tx pgx.Tx, orderID, paymentID string) error {
	return s.mark(ctx, tx, orderID, paymentID, false, "Stripe and Golive agree again.")
}

func (s Comparisons) mark(ctx context.Context, tx pgx.Tx, orderID, paymentID string, differs bool, message string) error {
	h, err := s.take(ctx, tx, orderID)
	if err != nil {
		return err
	}
	h.actor = "golive"
	if p := h.Payment(paymentID); p != nil {
		p.Unreconciled = differs
	}
	h.tell(message)
	if err := s.write(ctx, tx, h); err != nil {
		return err
	}
	s.Notify.Ring(Topic(h.ID), TenantTopic(h.TenantID, h.Mode))
	return nil
}
