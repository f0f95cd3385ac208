package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Upcoming returns a page of a tenant's schedules, those due first at its head;
// held ones, whose time has mostly passed, are among them with their reason. Of f it
// heeds no status and no product.
func (s *Service) Upcoming(ctx context.Context, f Filter) (Page, error) {
	if err := tenant.Require(ctx, f.TenantID, tenant.RoleViewer); err != nil {
		return Page{}, err
	}
	if err := checkFirst(f.First); err != nil {
		return Page{}, err
	}
	page, known := Page{HasPrevious: f.After != nil}, true
	var err error
	if f.Count || f.After != nil {
		err = s.DB.QueryRow(ctx, `SELECT count(*), $2::uuid IS NULL OR EXISTS (
				SELECT FROM deployments WHERE id = $2 AND tenant_id = $1 AND due_at IS NOT NULL)
			FROM deployments WHERE tenant_id = $1 AND status = 'SCHEDULED' AND $3`, f.TenantID, f.After, f.Count).Scan(&page.Total, &known)
	}
	if postgres.IsBadID(err) || err == nil && !known {
		return Page{}, fault.New(fault.InvalidInput, "after must be a cursor from this list.").At("after")
	}
	if err != nil {
		return Page{}, fmt.Errorf("count schedules: %w", err)
	}
	// Where the last page's last one has begun meanwhile, its row still says when it was due.
	found, err := postgres.All(ctx, s.DB, row, `SELECT `+columns+` FROM deployments
		WHERE tenant_id = $1 AND status = 'SCHEDULED' AND ($2::uuid IS NULL
			OR (due_at, id) > (SELECT last.due_at, last.id FROM deployments last WHERE last.id = $2 AND last.tenant_id = $1))
		ORDER BY deployments.due_at, deployments.id LIMIT $3`, f.TenantID, f.After, f.First+1)
	page.HasNext = len(found) > f.First
	page.Deployments = found[:min(len(found), f.First)]
	return page, err
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

// WithDelay is a deployment with how long after its time it began.
type WithDelay struct {
	Deployment
	Late time.Duration `db:"late"`
}

// WithDelays returns deployments by ids, whoever asks.
func WithDelays(ctx context.Context, db postgres.Querier, ids []string) ([]WithDelay, error) {
	return postgres.All(ctx, db, pgx.RowToStructByName[WithDelay], `SELECT `+columns+`,
		coalesce(CASE trigger WHEN 'SCHEDULED' THEN started_at + (golive_now() - now()) - due_at END, '0') AS late
		FROM deployments WHERE id = ANY($1::uuid[])`, ids)
}
