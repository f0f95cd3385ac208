package inbox

import (
	"context"
	"time"
)

// Between two deep looks, what Stripe lists late is found by that it was delivered to nobody.
// Other endpoints of the account may have got nothing for days, so a look ends somewhere.
const (
	undeliveredEvery = time.Hour
	undeliveredPages = 10
)

// findUndelivered stores what Stripe knows to be undelivered, once an hour.
func (m *rounded) findUndelivered(ctx context.Context) error {
	if m.Undelivered != nil && m.Now.Sub(*m.Undelivered) < undeliveredEvery {
		return nil
	}
	after := ""
	for range undeliveredPages {
		page, more, err := m.account.Undelivered(ctx, m.Now.Add(-deepWindow), after)
		if err != nil {
			return refusedList(err)
		}
		listed := readAll(page)
		if err := m.storeMissing(ctx, listed); err != nil {
			return err
		}
		if !more || len(listed) == 0 {
			break
		}
		after = listed[len(listed)-1].id
	}
	_, err := m.DB.Exec(ctx, `UPDATE payments_modules SET undelivered_at = golive_now()`+same, m.Tenant, m.Livemode, m.Account)
	return wrap(err, "note a look for undelivered events")
}
