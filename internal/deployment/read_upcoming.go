package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// Upcoming returns a page of a tenant's schedules, those due first at its head;
// held ones, whose time has mostly passed, are among them with their reason. Of f it
// heeds no status.
func (s *Service) Upcoming(ctx context.Context, f Filter) (Page, error) {
	f.Status = []Status{Scheduled}
	if f.After != nil {
		known, err := postgres.One(ctx, s.DB, pgx.RowTo[bool], nil, `SELECT EXISTS (SELECT FROM deployments
			WHERE id = $2 AND tenant_id = $1 AND due_at IS NOT NULL)`, f.TenantID, f.After)
		if postgres.IsBadID(err) || err == nil && !known {
			return Page{}, errCursor()
		}
		if err != nil {
			return Page{}, err
		}
	}
	return pageOf(ctx, s.DB, f, listing{
		when: `due_at`,
		// Where the last page's last one has begun meanwhile, its row still says when it was due.
		after: `(due_at, id) > (SELECT last.due_at, last.id FROM deployments last WHERE last.id = @after AND last.tenant_id = @tenant)`,
		order: `deployments.due_at, deployments.id`,
	})
}

// Ahead is what is scheduled of a product.
type Ahead struct {
	ProductID string `db:"product_id"`
	// Count counts held ones, too; Next is the id of the one that goes live next, nil
	// where all wait for a person.
	Count int     `db:"count"`
	Next  *string `db:"next"`
}

// AheadOf returns what is scheduled of products that the actor may see, by product id.
func AheadOf(ctx context.Context, db postgres.Querier, productIDs []string) (map[string]Ahead, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[Ahead], `SELECT product_id::text, count(*),
			(array_agg(id::text ORDER BY due_at, id) FILTER (WHERE wait_reason = 'DUE_TIME'))[1] AS next
		FROM deployments WHERE product_id = ANY($1::uuid[]) AND tenant_id = ANY($2::uuid[]) AND status = 'SCHEDULED' GROUP BY product_id`,
		productIDs, actor.TenantIDs())
	out := make(map[string]Ahead, len(found))
	for _, a := range found {
		out[a.ProductID] = a
	}
	return out, err
}

// RankSQL is product.Service's Rank. It reads a tenant's deployments once, not once for each
// product.
func RankSQL(by product.Order) string {
	if by == product.ByLastDeployed {
		return `SELECT d.product_id, -extract(epoch FROM max(d.started_at)) AS rank FROM deployments d
			WHERE d.tenant_id = $1 AND d.started_at IS NOT NULL GROUP BY d.product_id`
	}
	return `SELECT d.product_id, extract(epoch FROM min(d.due_at)) AS rank FROM deployments d
		WHERE d.tenant_id = $1 AND d.status = 'SCHEDULED' AND d.wait_reason = 'DUE_TIME' GROUP BY d.product_id`
}

// Appointments returns a tenant's schedules in the order of their times: those due next,
// and the newest of those that are held and were due within some time. It asks for no
// actor.
func Appointments(ctx context.Context, db postgres.Querier, tenantID string, most, mostHeld int, heldFor time.Duration) ([]*Deployment, error) {
	return postgres.All(ctx, db, row, `SELECT `+columns+` FROM deployments WHERE id = ANY(ARRAY(
			(SELECT id FROM deployments WHERE tenant_id = $1 AND status = 'SCHEDULED' AND wait_reason = 'DUE_TIME'
				ORDER BY due_at, id LIMIT $2)
			UNION ALL
			(SELECT id FROM deployments WHERE tenant_id = $1 AND status = 'SCHEDULED' AND wait_reason <> 'DUE_TIME'
				AND due_at > golive_now() - $4::interval ORDER BY due_at DESC, id DESC LIMIT $3)))
		ORDER BY deployments.due_at, deployments.id`, tenantID, most, mostHeld, heldFor)
}
