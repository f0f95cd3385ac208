package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// How far a round looks back: beyond the newest event that is known, since Stripe may list
// events a little out of order, and once a day a good deal further.
const (
	overlap    = 10 * time.Minute
	deepEvery  = 24 * time.Hour
	deepWindow = 72 * time.Hour
	// hookGrace is how old an event is before its webhook is taken for lost.
	hookGrace = time.Minute
)

// bookmark is how far a list of events has been read. It is kept, because one look may not get
// to the end of it.
type bookmark struct {
	Since time.Time `json:"since"`
	// After is the event that the next page follows, "" for the first page.
	After  string    `json:"after"`
	Newest time.Time `json:"newest"`
	Deep   bool      `json:"deep"`
}

// begin is where a round begins that doesn't go on with the list of the one before.
func (m *rounded) begin() *bookmark {
	b := &bookmark{Since: m.Newest.Add(-overlap), Newest: m.Newest, Deep: m.Back == nil || m.Now.Sub(*m.Back) >= deepEvery}
	if back := m.Now.Add(-deepWindow); b.Deep && back.Before(b.Since) {
		b.Since = back
	}
	return b
}

// backfill stores what Stripe lists and no webhook has brought.
func (m *rounded) backfill(ctx context.Context) error {
	resumed := m.Bookmark != nil
	if !resumed {
		m.Bookmark = m.begin()
	}
	for more := true; more; {
		page, further, err := m.account.Events(ctx, m.Bookmark.Since, m.Bookmark.After)
		if resumed && isRefused(err) { // the event that it goes on after is none that Stripe has any more
			m.Bookmark = nil
			return m.backfill(ctx)
		}
		if err != nil {
			return refusedList(err)
		}
		resumed, more = false, further && len(page) > 0
		if err := m.turnPage(ctx, page, more); err != nil {
			return err
		}
	}
	// By what Stripe's clock said, so that no difference between clocks leaves a gap.
	_, err := m.DB.Exec(ctx, `UPDATE payments_modules SET newest_event = greatest(newest_event, $4),
		looked_back = CASE WHEN $5 THEN golive_now() ELSE looked_back END, bookmark = NULL`+same,
		m.Tenant, m.Livemode, m.Account, m.Bookmark.Newest, m.Bookmark.Deep)
	return wrap(err, "note how far events are known")
}

// same takes the first three arguments of a statement for a module that is still the account's.
const same = ` WHERE tenant_id = $1 AND livemode = $2 AND account_id = $3`

// turnPage stores a page, and notes that the list goes on after it.
func (m *rounded) turnPage(ctx context.Context, page [][]byte, more bool) error {
	listed := readAll(page)
	if len(listed) == 0 && len(page) > 0 {
		return unsound("Stripe listed events none of which can be read.")
	}
	if err := m.storeMissing(ctx, listed); err != nil || len(listed) == 0 {
		return err
	}
	last := listed[len(listed)-1].id
	if last == m.Bookmark.After {
		return unsound("Stripe's list of events doesn't end.")
	}
	m.Bookmark.After = last
	for _, e := range listed {
		if e.created.After(m.Bookmark.Newest) {
			m.Bookmark.Newest = e.created
		}
	}
	if !more {
		return nil
	}
	_, err := m.DB.Exec(ctx, `UPDATE payments_modules SET bookmark = $4`+same, m.Tenant, m.Livemode, m.Account, m.Bookmark)
	return wrap(err, "note how far a list of events is read")
}

func unsound(message string) error {
	return &catalog.Error{Kind: catalog.KindUnavailable, Unsound: true, Message: message}
}

// isRefused tells whether Stripe takes a request for wrong.
func isRefused(err error) bool {
	var stripe *catalog.Error
	return errors.As(err, &stripe) && stripe.Kind == catalog.KindRequest
}

// refusedList tells a refused list from a refused endpoint.
func refusedList(err error) error {
	var stripe *catalog.Error
	if errors.As(err, &stripe) && stripe.Kind == catalog.KindRequest {
		return fault.New(fault.InvalidState, "Stripe refused to list events: %s", stripe.Message)
	}
	return err
}

// readAll passes over what is no event.
func readAll(page [][]byte) (events []event) {
	for _, raw := range page {
		if e, err := readEvent(raw); err == nil {
			events = append(events, e)
		}
	}
	return events
}

// isMissing tells whether an event is one that the endpoint should have got.
func (m *rounded) isMissing(e event, known []string) bool {
	return slices.Contains(Types, e.typ) && e.of(m.Account, m.mode) == "" && !slices.Contains(known, e.id)
}

// storeMissing stores those of the types that the endpoint is for.
func (m *rounded) storeMissing(ctx context.Context, listed []event) error {
	ids := make([]string, len(listed))
	for i, e := range listed {
		ids[i] = e.id
	}
	known, err := postgres.All(ctx, m.DB, pgx.RowTo[string], `SELECT event_id FROM stripe_events
		WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3 AND event_id = ANY($4)`, m.Tenant, m.Account, m.Livemode, ids)
	if err != nil {
		return wrap(err, "look for events that came")
	}
	for _, e := range listed {
		if m.isMissing(e, known) {
			if err := m.storeListed(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *rounded) storeListed(ctx context.Context, e event) error {
	// Lists have events in the account's version, which is none of the endpoint's. What is
	// believed of them is the same in all.
	e.apiVersion = catalog.APIVersion
	result, err := m.store(ctx, m.endpoint, e, fromBackfill)
	if err == nil && result == Stored && time.Since(e.created) > hookGrace && m.Observe.Backfilled != nil {
		m.Observe.Backfilled(m.mode)
	}
	return err
}
