package deployment

import (
	"context"
	"fmt"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Upcoming returns a page of a tenant's schedules, those due first at its head;
// held ones, whose time has mostly passed, are among them with their reason. after
// is the id of the last deployment of the page before.
func (s *Service) Upcoming(ctx context.Context, tenantID string, first int, after *string) (Page, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return Page{}, err
	}
	if first < 0 || first > maxPage {
		return Page{}, fault.New(fault.InvalidInput, "first is between 0 and %d.", maxPage).At("first")
	}
	page := Page{HasPrevious: after != nil}
	var known bool
	err := s.DB.QueryRow(ctx, `SELECT count(*), $2::uuid IS NULL OR EXISTS (
			SELECT FROM deployments WHERE id = $2 AND tenant_id = $1 AND due_at IS NOT NULL)
		FROM deployments WHERE tenant_id = $1 AND status = 'SCHEDULED'`, tenantID, after).Scan(&page.Total, &known)
	if postgres.IsBadID(err) || err == nil && !known {
		return Page{}, fault.New(fault.InvalidInput, "after is not a cursor of this list.").At("after")
	}
	if err != nil {
		return Page{}, fmt.Errorf("count schedules: %w", err)
	}
	// Where the last page's last one has begun meanwhile, its row still says when it was due.
	found, err := postgres.All(ctx, s.DB, row, `SELECT `+columns+` FROM deployments
		WHERE tenant_id = $1 AND status = 'SCHEDULED' AND ($2::uuid IS NULL
			OR (due_at, id) > (SELECT last.due_at, last.id FROM deployments last WHERE last.id = $2 AND last.tenant_id = $1))
		ORDER BY deployments.due_at, deployments.id LIMIT $3`, tenantID, after, first+1)
	page.HasNext = len(found) > first
	page.Deployments = found[:min(len(found), first)]
	return page, err
}
