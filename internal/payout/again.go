package payout

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
)

// mostAgain bounds how many mismatches are read by id in one comparison. Which ones is left to
// chance, so that each has its turn some night.
const mostAgain = 500

// readAgain adds to what Stripe lists what is older and differed before, and disputes that
// Golive takes for open, because nothing else moves when one is lost. It returns the keys of the
// mismatches that are compared with that.
func (s *Service) readAgain(ctx context.Context, t *turn, seen *ledger.Seen) (again map[string]bool, err error) {
	type row struct {
		Kind    ledger.DifferenceKind
		Subject string
	}
	old, err := postgres.All(ctx, s.DB, pgx.RowToStructByPos[row], `SELECT kind, subject FROM mismatches WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3
		AND gone_at IS NULL AND kind <> 'PAYOUT' AND about_at < $4 ORDER BY random() LIMIT $5`, t.TenantID, t.AccountID, t.live(), t.since().Add(slack), mostAgain)
	if err != nil {
		return nil, wrap(err, "read old mismatches")
	}
	disputes, err := s.Orders.OpenDisputes(ctx, order.Compared{TenantID: t.TenantID, AccountID: t.AccountID, Mode: t.Mode, Since: t.since().Add(slack)})
	if err != nil {
		return nil, err
	}
	objects := map[inbox.Object]bool{}
	for _, id := range disputes {
		objects[t.object(inbox.Dispute, id)] = true
	}
	again = map[string]bool{}
	for _, r := range old {
		objects[t.object(kindOf(r.Kind), r.Subject)] = true
		again[mismatch{Kind: r.Kind, Subject: r.Subject}.key()] = true
	}
	for o := range objects {
		if err := t.readOne(ctx, o, seen); err != nil {
			return nil, err
		}
	}
	return again, nil
}

func (t *turn) readOne(ctx context.Context, o inbox.Object, seen *ledger.Seen) error {
	switch o.Kind {
	case inbox.Refund:
		r, err := t.stripe.Refund(ctx, o.ID)
		if r != nil {
			seen.Refunds = append(seen.Refunds, *r)
		}
		return err
	case inbox.Dispute:
		d, err := t.stripe.Dispute(ctx, o.ID)
		if d != nil {
			seen.Disputes = append(seen.Disputes, *d)
		}
		return err
	default:
		i, err := t.stripe.Intent(ctx, o.ID)
		switch {
		case i != nil:
			seen.Intents = append(seen.Intents, *i)
		case err == nil:
			seen.Absent = append(seen.Absent, o.ID)
		}
		return err
	}
}
