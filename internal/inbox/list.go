package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Event is an event of Stripe's as people see it.
type Event struct {
	// ID is a UUIDv7, in the order in which they came.
	ID            string `db:"id"`
	TenantID      string `db:"tenant_id"`
	StripeEventID string `db:"event_id"`
	Type          string `db:"type"`
	Status        Status `db:"status"`
	// CreatedAt is by Stripe's clock, and ReceivedAt by ours.
	CreatedAt  time.Time `db:"created_at"`
	ReceivedAt time.Time `db:"received_at"`
	// AppliedAt is when its object had been read, nil before.
	AppliedAt *time.Time `db:"applied_at"`
	// Deliveries counts how often it came, Attempts how often its object was read for it.
	Deliveries int    `db:"deliveries"`
	Attempts   int    `db:"attempts"`
	Source     Source `db:"source"`
	// Error is why it is not applied, as far as is known.
	Error *string `db:"error"`
	// OrderID is that of the stamp of what it is about, nil where there is none.
	OrderID *string `db:"order_id"`
}

// Filter says which events are meant.
type Filter struct {
	TenantID string
	Mode     catalog.Mode
	// Status are those that are meant, nil for any.
	Status []Status
	// OrderID is the order that they are about, nil for any.
	OrderID *string
	// First is the size of the page, 0 to 100, and After the id of the event that it follows,
	// nil for the first page.
	First int
	After *string
}

// Page is a part of a list, what came last first.
type Page struct {
	Events               []*Event
	HasNext, HasPrevious bool
}

// Events lists what came. It needs the role VIEWER.
func (s *Service) Events(ctx context.Context, f Filter) (Page, error) {
	if err := tenant.Require(ctx, f.TenantID, tenant.RoleViewer); err != nil {
		return Page{}, err
	}
	switch {
	case f.First < 0 || f.First > 100:
		return Page{}, fault.New(fault.InvalidInput, "first must be between 0 and 100.").At("first")
	case f.After != nil && uuid.Validate(*f.After) != nil:
		return Page{}, fault.New(fault.InvalidInput, "after must be the endCursor of a previous page.").At("after")
	case f.OrderID != nil && uuid.Validate(*f.OrderID) != nil:
		return Page{Events: []*Event{}}, nil
	}
	sql, args := f.sql()
	found, err := postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[Event], sql, args...)
	return Page{Events: found[:min(f.First, len(found))], HasNext: len(found) > f.First, HasPrevious: f.After != nil}, wrap(err, "list events")
}

const eventColumns = `e.id, e.tenant_id, e.event_id, e.type, e.status, e.created_at, e.received_at, e.applied_at, e.deliveries, e.attempts, e.source, e.error, e.order_id`

// sql asks for what is wanted and for nothing else, so that an index is enough for it; and
// for a page of each status, since an index has events of one in the order of the list, and
// of no two.
func (f Filter) sql() (sql string, args []any) {
	where := "e.tenant_id = $1 AND e.livemode = $2"
	args = []any{f.TenantID, live(f.Mode)}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if f.OrderID != nil {
		where += " AND e.order_id = " + arg(*f.OrderID)
	}
	if f.After != nil {
		where += " AND e.id < " + arg(*f.After)
	}
	page := func(columns, more string) string {
		return fmt.Sprintf(`SELECT %s FROM stripe_events e WHERE %s ORDER BY e.id DESC LIMIT %d`, columns, where+more, f.First+1)
	}
	if f.Status == nil {
		return page(eventColumns, ""), args
	}
	pages := []string{"(SELECT NULL::uuid)"}
	for _, status := range slices.Compact(slices.Sorted(slices.Values(f.Status))) {
		pages = append(pages, "("+page("e.id", " AND e.status = "+arg(status))+")")
	}
	where = "e.id IN (" + strings.Join(pages, " UNION ") + ")"
	return page(eventColumns, ""), args
}
