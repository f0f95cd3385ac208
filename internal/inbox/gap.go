package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// listedFor is how long Stripe lists events, less a day, since rounds look as far back as that
// only now and then.
const listedFor = 29 * 24 * time.Hour

const gap = "Golive couldn't ask Stripe for events for so long that Stripe no longer lists them all. Golive is reading all that it knows of payments again. " +
	"Refunds and disputes that someone else began meanwhile show with the payment that they're of."

// fillGap has all objects of the account read again where events are gone that nobody can list
// any more, and returns what to tell people then, "" otherwise.
func (m *rounded) fillGap(ctx context.Context) (problem string, err error) {
	if m.Bookmark != nil || m.Back == nil || m.Now.Sub(*m.Back) <= listedFor {
		return "", nil
	}
	last := Object{}
	for lot := sweepLot; lot == sweepLot; {
		err := postgres.InTx(ctx, m.DB, func(tx pgx.Tx) (err error) {
			lot, err = m.touchAfter(ctx, tx, &last)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return gap, nil
}

// touchAfter touches the next objects, in their order, that are clean.
func (m *rounded) touchAfter(ctx context.Context, tx pgx.Tx, last *Object) (int, error) {
	found, err := postgres.All(ctx, tx, pgx.RowToStructByName[neglected], neglectedColumns+`WHERE o.tenant_id = $1 AND o.account_id = $2 AND o.livemode = $3
		AND (o.kind, o.id) > ($4, $5) AND o.dirty_seq = o.clean_seq ORDER BY o.kind, o.id LIMIT $6 FOR NO KEY UPDATE`, m.Tenant, m.Account, m.Livemode, last.Kind, last.ID, sweepLot)
	if err != nil {
		return 0, wrap(err, "look for an account's objects")
	}
	for _, o := range found {
		*last = o.object()
		if err := m.Touch(ctx, tx, *last); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}
