package deployment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// maxPage is the most that one page holds.
const maxPage = 100

func checkFirst(first int) error {
	if first < 0 || first > maxPage {
		return fault.New(fault.InvalidInput, "first must be between 0 and %d.", maxPage).At("first")
	}
	return nil
}

// Filter chooses a tenant's deployments.
type Filter struct {
	TenantID  string
	ProductID *string
	// Status is any of these, all where empty, and so is Outcome.
	Status  []Status
	Outcome []Outcome
	// Responsible is the address of whoever answers for them, RequestedBy of whoever asked.
	Responsible, RequestedBy *string
	Kind                     *Kind
	Trigger                  *Trigger
	// Wait is any of these reasons that are stored, all where empty. Unsettled leaves out
	// what a later deployment of the product has put right.
	Wait      []WaitReason
	Unsettled bool
	// Since and Until bound when they ended, or else were asked for; of schedules, see
	// Upcoming, when they are due. Until is not among it.
	Since, Until *time.Time
	// Search is a part of what product.Filter's finds, or the deployment's own id.
	Search *string
	First  int
	// After is the id of the last deployment of the page before.
	After *string
	// Count asks for the total, which costs a query.
	Count bool
}

// Page is one page of deployments, newest first.
type Page struct {
	Deployments          []*Deployment
	HasNext, HasPrevious bool
	Total                int
}

// Get returns a deployment of one of the actor's tenants, else NOT_FOUND.
func (s *Service) Get(ctx context.Context, id string) (*Deployment, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	d, err := ByID(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(actor.TenantIDs(), d.TenantID) {
		return nil, notFound()
	}
	return d, nil
}

// GetMany returns the deployments among ids that the actor may see, by id.
func (s *Service) GetMany(ctx context.Context, ids []string) (map[string]*Deployment, error) {
	return byEach(ctx, s.DB, `SELECT `+columns+` FROM deployments WHERE id = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[])`,
		ids, func(d *Deployment) string { return d.ID })
}

// ActiveOf returns the unfinished deployment of each product that has one, by
// product id.
func (s *Service) ActiveOf(ctx context.Context, productIDs []string) (map[string]*Deployment, error) {
	return byEach(ctx, s.DB, `SELECT `+columns+` FROM deployments
		WHERE product_id = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[]) AND `+active,
		productIDs, func(d *Deployment) string { return d.ProductID })
}

// LastOf returns the newest deployment of each product that has one, by product id.
func (s *Service) LastOf(ctx context.Context, productIDs []string) (map[string]*Deployment, error) {
	return byEach(ctx, s.DB, `SELECT DISTINCT ON (deployments.product_id) `+columns+` FROM deployments
		WHERE product_id = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[]) ORDER BY deployments.product_id, deployments.made DESC`,
		productIDs, func(d *Deployment) string { return d.ProductID })
}

// Undoable returns the go-live of each product that a rollback undoes: the newest that
// stands and changed something, by product id.
func (s *Service) Undoable(ctx context.Context, productIDs []string) (map[string]*Deployment, error) {
	return byEach(ctx, s.DB, `SELECT DISTINCT ON (deployments.product_id) `+columns+` FROM deployments
		WHERE product_id = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[]) AND `+standing+`
		ORDER BY deployments.product_id, deployments.completed DESC`, productIDs, func(d *Deployment) string { return d.ProductID })
}

// RolledBackBy returns the rollback that stands of each deployment that was rolled
// back, by the id of what it undid.
func (s *Service) RolledBackBy(ctx context.Context, ids []string) (map[string]*Deployment, error) {
	return byEach(ctx, s.DB, `SELECT DISTINCT ON (deployments.rollback_of) `+columns+` FROM deployments
		WHERE rollback_of = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[]) AND status = 'COMPLETED'
		ORDER BY deployments.rollback_of, deployments.completed DESC`, ids, func(d *Deployment) string { return *d.RollbackOfID })
}

func byEach(ctx context.Context, db postgres.Querier, query string, ids []string, key func(*Deployment) string) (map[string]*Deployment, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	found, err := postgres.All(ctx, db, row, query, ids, actor.TenantIDs())
	if err != nil {
		return nil, err
	}
	out := make(map[string]*Deployment, len(found))
	for _, d := range found {
		out[key(d)] = d
	}
	return out, nil
}

// List returns a page of a tenant's deployments, newest first.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) {
	return pageOf(ctx, s.DB, f, listing{when: `coalesce(finished_at, created_at)`, after: `id < @after`, order: `deployments.id DESC`})
}

// listing is SQL of a kind of list: when something was, what comes after a cursor, and how
// it is sorted.
type listing struct{ when, after, order string }

func pageOf(ctx context.Context, db postgres.Querier, f Filter, by listing) (Page, error) {
	if err := tenant.Require(ctx, f.TenantID, tenant.RoleViewer); err != nil {
		return Page{}, err
	}
	if err := checkFirst(f.First); err != nil {
		return Page{}, err
	}
	page := Page{HasPrevious: f.After != nil}
	if f.ProductID != nil && (uuid.Validate(*f.ProductID) != nil || len(*f.ProductID) != len(uuid.Nil.String())) {
		return page, nil
	}
	chosen, args, err := chosenBy(ctx, db, f, by.when)
	if err != nil {
		return page, err
	}
	if f.Count {
		if page.Total, err = postgres.One(ctx, db, pgx.RowTo[int], nil, `SELECT count(*) FROM deployments WHERE `+chosen, args); err != nil {
			return Page{}, fmt.Errorf("count deployments: %w", err)
		}
	}
	if f.After != nil {
		chosen += ` AND ` + by.after
	}
	found, err := postgres.All(ctx, db, row, `SELECT `+columns+` FROM deployments WHERE `+chosen+` ORDER BY `+by.order+` LIMIT @most`, args)
	if postgres.IsBadID(err) {
		return Page{}, errCursor()
	}
	page.HasNext = len(found) > f.First
	page.Deployments = found[:min(len(found), f.First)]
	return page, err
}

func errCursor() error {
	return fault.New(fault.InvalidInput, "after must be a cursor from this list.").At("after")
}

// chosenBy has a condition for each wish alone, so that each finds its index.
func chosenBy(ctx context.Context, db postgres.Querier, f Filter, when string) (sql string, args pgx.NamedArgs, err error) {
	args = pgx.NamedArgs{
		"tenant": f.TenantID, "product": f.ProductID, "status": f.Status, "outcome": f.Outcome, "responsible": f.Responsible, "by": f.RequestedBy,
		"kind": f.Kind, "wait": f.Wait, "trigger": f.Trigger, "since": f.Since, "until": f.Until, "search": f.Search, "after": f.After, "most": f.First + 1,
	}
	if f.Search != nil {
		args["found"], err = product.Matching(ctx, db, f.TenantID, *f.Search)
	}
	sql = `tenant_id = @tenant`
	for _, wish := range []struct {
		is  bool
		sql string
	}{
		{f.ProductID != nil, `product_id = @product`},
		{len(f.Status) > 0, `status = ANY(@status)`},
		{len(f.Outcome) > 0, `live_outcome = ANY(@outcome)`},
		{f.Responsible != nil, responsible + ` = @responsible`},
		{f.RequestedBy != nil, `requested_by = @by`},
		{f.Kind != nil, `kind = @kind`},
		{f.Trigger != nil, `trigger = @trigger`},
		{f.Since != nil, when + ` >= @since`},
		{f.Until != nil, when + ` < @until`},
		{len(f.Wait) > 0, `wait_reason = ANY(@wait)`},
		{f.Unsettled, `NOT EXISTS (SELECT FROM deployments later
			WHERE later.product_id = deployments.product_id AND later.made > deployments.made AND later.status = 'COMPLETED')`},
		{f.Search != nil, `(product_id = ANY(@found::uuid[]) OR id::text = @search)`},
	} {
		if wish.is {
			sql += ` AND ` + wish.sql
		}
	}
	return sql, args, err
}

const eventColumns = `deployment_id::text, sequence, at, status, percentage, message, terminal, coalesce(step_indexes, '{}') AS step_indexes`

func events(ctx context.Context, db postgres.Querier, id string, after, first int) ([]*Event, error) {
	return postgres.All(ctx, db, pgx.RowToAddrOfStructByName[Event],
		`SELECT `+eventColumns+` FROM deployment_events WHERE deployment_id = $1 AND sequence > $2
		ORDER BY deployment_events.sequence LIMIT $3`, id, after, first)
}

// EventsAfter returns the next events after a sequence, a page at most, whoever asks;
// more tells that there are still more, over that no more will come.
func EventsAfter(ctx context.Context, db postgres.Querier, id string, after int) (found []*Event, more, over bool, err error) {
	found, err = events(ctx, db, id, after, maxPage)
	if more = len(found) == maxPage; err != nil || more {
		return found, more, false, err
	}
	if len(found) > 0 {
		after = found[len(found)-1].Sequence
	}
	over, err = postgres.One(ctx, db, pgx.RowTo[bool], nil,
		`SELECT finished_at IS NOT NULL AND last_sequence <= $2 FROM deployments WHERE id = $1`, id, after)
	return found, false, over, err
}

// Sight is what there was to see of a deployment at one moment.
type Sight struct {
	ID           string `db:"id"`
	LastSequence int    `db:"last_sequence"`
	Status       Status `db:"status"`
}

// Seen returns a tenant's deployments that had something new to see within a time. It
// asks for no actor.
func Seen(ctx context.Context, db postgres.Querier, tenantID string, within time.Duration) ([]Sight, error) {
	return postgres.All(ctx, db, pgx.RowToStructByName[Sight], `SELECT id::text, last_sequence, status FROM deployments
		WHERE tenant_id = $1 AND touched_at > now() - $2::interval`, tenantID, within)
}

// Those returns deployments by their ids, whoever asks.
func Those(ctx context.Context, db postgres.Querier, ids []string) ([]*Deployment, error) {
	return postgres.All(ctx, db, row, `SELECT `+columns+` FROM deployments WHERE id = ANY($1::uuid[]) ORDER BY touched_at`, ids)
}

// TouchedAfter returns the next of a tenant's deployments that had something new to see
// after a moment, a page at most; of that very moment those after an id, none where it is
// "". It asks for no actor.
func TouchedAfter(ctx context.Context, db postgres.Querier, tenantID string, at time.Time, id string) ([]*Deployment, error) {
	return postgres.All(ctx, db, row, `SELECT `+columns+` FROM deployments
		WHERE tenant_id = $1 AND (touched_at > $2 OR touched_at = $2 AND id > nullif($3, '')::uuid)
		ORDER BY deployments.touched_at, deployments.id LIMIT $4`, tenantID, at, id, maxPage)
}
