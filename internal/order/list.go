package order

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Filter says which orders of a tenant are wanted.
type Filter struct {
	TenantID string
	Mode     catalog.Mode
	Status   []ledger.OrderStatus
	// Attention: true for those that need somebody, false for those that don't.
	Attention *bool
	Customer  string
	// Search is the beginning of a number, reference, customer or one of Stripe's ids, or the
	// whole of a customer's email address.
	Search       string
	Since, Until *time.Time
	// ChangedSince is for those that changed then or later, oldest change first.
	ChangedSince *time.Time
	// After is the Cursor of the last order of the page before.
	After string
	First int
}

// Cursor is where a list goes on after o. By changes it tells when o had changed: it may
// change again before the next page, and has to come again then.
func (f Filter) Cursor(o *Order) string {
	if f.ChangedSince == nil {
		return o.ID
	}
	return o.ChangedAt.UTC().Format(time.RFC3339Nano) + "_" + o.ID
}

// Page is some of a tenant's orders, newest first or oldest change first.
type Page struct {
	Orders  []*Order
	HasNext bool
}

// mostOrders is how many a page has at most.
const mostOrders = 100

// List returns a page of a tenant's orders. Any member may see them.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) {
	if err := tenant.RequireForOrders(ctx, f.TenantID, tenant.RoleViewer); err != nil {
		return Page{}, err
	}
	if f.First < 1 || f.First > mostOrders {
		return Page{}, fault.New(fault.InvalidInput, "first must be 1 to %d.", mostOrders).At("first")
	}
	sql, args, err := s.sqlOf(ctx, f)
	if err != nil {
		return Page{}, err
	}
	orders, err := postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[Order], sql, args...)
	if postgres.IsBadID(err) {
		return Page{}, fault.New(fault.InvalidInput, "This isn't a cursor of this list.").At("after")
	}
	page := Page{Orders: orders, HasNext: len(orders) > f.First}
	if page.HasNext {
		page.Orders = orders[:f.First]
	}
	return page, wrap(err, "list orders")
}

// listing is a filter on its way to SQL: the conditions that all orders of the list fulfil.
type listing struct {
	Filter
	where []string
	args  []any
}

// arg is how SQL names an argument.
func (l *listing) arg(v any) string {
	l.args = append(l.args, v)
	return fmt.Sprintf("$%d", len(l.args))
}

func (l *listing) add(sql string, arg any) {
	l.where = append(l.where, strings.ReplaceAll(sql, "?", l.arg(arg)))
}

// by is the order of the list.
func (l *listing) by() string {
	switch {
	case l.ChangedSince != nil:
		return "o.changed_at, o.id"
	case l.byNumber():
		return "o.number DESC"
	}
	return "o.id DESC"
}

// byNumber tells that digits are looked for. The newest number is the newest order, too, and
// an index has those that begin alike by it.
func (l *listing) byNumber() bool {
	return l.ChangedSince == nil && l.Search != "" && strings.Trim(l.Search, "0123456789") == ""
}

// page is the list's SQL for orders of which something more is known.
func (l *listing) page(columns string, more ...string) string {
	return fmt.Sprintf(`SELECT %s FROM orders o WHERE %s ORDER BY %s LIMIT %d`, columns, strings.Join(append(slices.Clone(l.where), more...), " AND "), l.by(), l.First+1)
}

// sqlOf is a filter's SQL, and its arguments.
func (s *Service) sqlOf(ctx context.Context, f Filter) (string, []any, error) {
	l := &listing{Filter: f}
	l.where = []string{"o.tenant_id = " + l.arg(f.TenantID), "o.livemode = " + l.arg(f.Mode == catalog.Live)}
	l.bound()
	l.narrow()
	if f.Search != "" {
		sql, err := s.search(ctx, l)
		return sql, l.args, err
	}
	return l.inStatuses(), l.args, nil
}

// bound leaves out what is before the page.
func (l *listing) bound() {
	switch {
	case l.After != "" && l.byNumber():
		l.add("o.number < (SELECT number FROM orders WHERE id = ?::uuid)", l.After)
	case l.After != "" && l.ChangedSince == nil:
		l.add("o.id < ?::uuid", l.After)
	case l.ChangedSince != nil:
		l.add("o.changed_at >= ?", *l.ChangedSince)
	}
	if at, id, ok := l.afterChange(); ok {
		l.where = append(l.where, fmt.Sprintf("(o.changed_at, o.id) > (%s, %s::uuid)", l.arg(at), l.arg(id)))
	}
}

// narrow adds the conditions. That of attention is written out, because Postgres takes an
// index of some orders only where it sees that it asks for no others.
func (l *listing) narrow() {
	if l.Attention != nil {
		l.where = append(l.where, "o.attention "+map[bool]string{true: "<>", false: "="}[*l.Attention]+" '{}'")
	}
	if l.Customer != "" {
		l.add("o.customer = ?", l.Customer)
	}
	if l.Since != nil {
		l.add("o.created_at >= ?", *l.Since)
	}
	if l.Until != nil {
		l.add("o.created_at < ?", *l.Until)
	}
	if len(l.Status) > 0 && (l.Search != "" || l.ChangedSince != nil) {
		l.add("o.status = ANY(?)", l.Status)
		l.Status = nil
	}
}

// inStatuses is the list of orders in some statuses: a page of each, since an index has
// orders of one status in the order of the list, and of no two.
func (l *listing) inStatuses() string {
	if len(l.Status) == 0 {
		return l.page(columns)
	}
	var pages []string
	for _, status := range slices.Compact(slices.Sorted(slices.Values(l.Status))) {
		pages = append(pages, "("+l.page("o.id", "o.status = "+l.arg(status))+")")
	}
	return l.among(pages)
}

// among is the first page of what some pages have.
func (l *listing) among(pages []string) string {
	return fmt.Sprintf(`SELECT %s FROM orders o WHERE o.id IN (%s) ORDER BY %s LIMIT %d`, columns, strings.Join(pages, " UNION "), l.by(), l.First+1)
}

// afterChange reads the cursor of a list by changes. One that is none has no id, which
// Postgres tells.
func (f Filter) afterChange() (at time.Time, id string, ok bool) {
	if f.After == "" || f.ChangedSince == nil {
		return at, "", false
	}
	when, id, _ := strings.Cut(f.After, "_")
	at, err := time.Parse(time.RFC3339Nano, when)
	if err != nil {
		id = ""
	}
	return at, id, true
}
