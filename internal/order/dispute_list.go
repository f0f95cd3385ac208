package order

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// DisputeFilter says which disputes of a tenant are wanted.
type DisputeFilter struct {
	TenantID string
	Mode     catalog.Mode
	// Open: true for those that are not over, false for those that are.
	Open *bool
	// First is the size of the page, 1 to 100, and After the id of the dispute that it follows.
	First int
	After string
	// Count asks for how many there are.
	Count bool
}

// DisputePage is some of a tenant's disputes, newest first.
type DisputePage struct {
	Disputes []*ledger.Dispute
	HasNext  bool
	// Total is 0 where nobody asked.
	Total int
}

// over are the statuses in which a dispute stays.
const over = `('WON', 'LOST', 'WARNING_CLOSED')`

// where is the filter's condition, of the first two arguments. What isn't asked for isn't
// there, so that Postgres sees which index is enough.
func (f DisputeFilter) where() string {
	where := `WHERE d.tenant_id = $1 AND d.livemode = $2`
	if f.Open != nil {
		where += ` AND d.status ` + map[bool]string{true: "NOT IN", false: "IN"}[*f.Open] + " " + over
	}
	return where
}

// List returns a page of a tenant's disputes. Any member may see them.
func (s Disputes) List(ctx context.Context, f DisputeFilter) (page DisputePage, err error) {
	if err := tenant.RequireForOrders(ctx, f.TenantID, tenant.RoleViewer); err != nil {
		return page, err
	}
	switch {
	case f.First < 1 || f.First > mostOrders:
		return page, fault.New(fault.InvalidInput, "first must be 1 to %d.", mostOrders).At("first")
	case f.After != "" && uuid.Validate(f.After) != nil:
		return page, fault.New(fault.InvalidInput, "This isn't a cursor of this list.").At("after")
	}
	after, args := "", []any{f.TenantID, f.Mode == catalog.Live}
	if f.After != "" {
		after, args = " AND d.id < $3::uuid", append(args, f.After)
	}
	page.Disputes, err = postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[ledger.Dispute],
		selectDispute+f.where()+after+fmt.Sprintf(` ORDER BY d.id DESC LIMIT %d`, f.First+1), args...)
	if err != nil {
		return page, wrap(err, "list disputes")
	}
	page.HasNext = len(page.Disputes) > f.First
	page.Disputes = page.Disputes[:min(len(page.Disputes), f.First)]
	if f.Count {
		err = s.DB.QueryRow(ctx, `SELECT count(*) FROM disputes d `+f.where(), f.TenantID, f.Mode == catalog.Live).Scan(&page.Total)
	}
	return page, wrap(err, "count disputes")
}

// DisputeStanding is how all disputes of a mode stand, for metrics.
type DisputeStanding struct {
	Mode catalog.Mode `db:"mode"`
	Open int          `db:"open"`
	// Due is how soon the next answer is due, nil where none is.
	Due *time.Duration `db:"due"`
}

// StandDisputes counts, test before live.
func StandDisputes(ctx context.Context, db postgres.Querier) ([]DisputeStanding, error) {
	found, err := postgres.All(postgres.Across(ctx, postgres.Sweeps), db, pgx.RowToStructByName[DisputeStanding], `SELECT
			CASE WHEN l.livemode THEN 'LIVE' ELSE 'TEST' END AS mode,
			(SELECT count(*)::int FROM disputes d WHERE d.livemode = l.livemode AND d.status NOT IN ('WON', 'LOST', 'WARNING_CLOSED')) AS open,
			(SELECT min(due_by) FROM disputes d WHERE d.livemode = l.livemode AND d.status IN ('NEEDS_RESPONSE', 'WARNING_NEEDS_RESPONSE')
				AND d.due_by > golive_now()) - golive_now() AS due
		FROM (VALUES (false), (true)) AS l (livemode) ORDER BY l.livemode`)
	return found, wrap(err, "count disputes")
}

// DisputeToTell is a dispute as mails tell of it.
type DisputeToTell struct {
	ledger.Dispute
	Order *Order
	Mode  catalog.Mode
}

// ToTell reads a dispute for whoever tells of it; ok is false where nobody has to answer it
// any more.
func ToTell(ctx context.Context, db postgres.Querier, id string, now time.Time) (d DisputeToTell, ok bool, err error) {
	found, err := disputeByID(ctx, db, id)
	if err != nil {
		return d, false, err
	}
	o, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[Order], errNotFound(), selectOrder+`WHERE o.id = $1`, found.OrderID)
	if err != nil {
		return d, false, wrap(err, "read order")
	}
	return DisputeToTell{*found, o, o.Mode}, Unanswerable(found, now) == "", nil
}
