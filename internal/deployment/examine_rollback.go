package deployment

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// rollbackChecks are the checks that a rollback needs to pass. What test holds is
// none of its business.
var rollbackChecks = map[string]bool{"production_config": true, "key_permissions": true, "key_mode": true}

// ExamineRollback reads live and plans what brings it back. asking is the
// rollback itself, "" for a preview.
func (s *Service) ExamineRollback(ctx context.Context, p *product.Product, of, asking string) (*Findings, error) {
	e, _, live, err := s.ledger(ctx, Subject{Product: p, Deployment: asking})
	if err != nil {
		return nil, err
	}
	touched, err := journal.Touched(ctx, s.DB, of)
	if err != nil {
		return nil, err
	}
	later, err := LeftSince(ctx, s.DB, of)
	if err != nil {
		return nil, err
	}
	evidence.ReadLive(ctx, p, e, live, touched)
	back := plan.Restoration{Touched: touched, Live: e.Live.Value, Known: e.Known, Completed: true, Later: later}
	made := plan.Restore(back)
	e.KeyHolders = evidence.ReadHolders(ctx, live, made.KeysBack())
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	made.RollbackOf = of
	if made.PassedOver, err = passedOver(ctx, s.DB, of); err != nil {
		return nil, err
	}
	back.Unrecorded, err = unrecorded(ctx, s.DB, e, of)
	if err != nil {
		return nil, err
	}
	f := &Findings{Evidence: *e}
	f.Report = rollbackReport(e, plan.CheckRestore(back, &made, e.KeyHolders.Value), evidence.WhyNotRestorable(e, &made))
	if f.Report.OK {
		f.Plan = &made
	}
	return f, nil
}

// LeftSince is what the product's deployments after one touched that ended with their
// changes half undone.
func LeftSince(ctx context.Context, db postgres.Querier, id string) ([]plan.Touched, error) {
	ids, err := postgres.All(ctx, db, pgx.RowTo[string], `SELECT e.id::text FROM deployments e JOIN deployments d ON d.id = $1
			AND e.product_id = d.product_id AND e.live_account_id = d.live_account_id
		WHERE e.made > d.made AND e.live_outcome = 'PARTIAL' AND e.tenant_id = (SELECT tenant_id FROM deployments WHERE id = $1)`, id)
	if err != nil {
		return nil, err
	}
	return journal.TouchedByAll(ctx, db, ids)
}

// unrecorded are the objects in live with a stamp of the tenant's that no journal has,
// but for those that deployments before of had found again.
func unrecorded(ctx context.Context, db postgres.Querier, e *plan.Evidence, of string) (map[string]catalog.Stamp, error) {
	unknown, err := journal.Unrecorded(ctx, db, plan.Stamps(e.Live.Value, e.StampOwner))
	if len(unknown) == 0 || err != nil {
		return nil, err
	}
	earlier, err := postgres.All(ctx, db, pgx.RowTo[string], `SELECT e.id::text FROM deployments e JOIN deployments d ON d.id = $1
			AND e.live_account_id = d.live_account_id AND e.stripe_product_id = d.stripe_product_id WHERE e.completed < d.completed`, of)
	if err != nil {
		return nil, err
	}
	links, err := product.Links(ctx, db, e.LiveAccountID, e.StripeProductID)
	for _, l := range links {
		if l.DeploymentID != nil && slices.Contains(earlier, *l.DeploymentID) {
			delete(unknown, l.LiveID)
		}
	}
	return unknown, err
}

// rollbackReport keeps of all checks those that concern writing to live, and adds those
// of the way back, and why there is none, if so.
func rollbackReport(e *plan.Evidence, back []plan.Result, why string) *Report {
	var results []plan.Result
	for _, result := range plan.Check(*e) {
		if rollbackChecks[result.Check] {
			results = append(results, result)
		}
	}
	results = append(results, back...)
	if why != "" {
		results = append(results, plan.Result{Check: "live_product", Status: plan.CheckFailed, Message: why})
	}
	return &Report{OK: plan.OK(results), Results: results, CheckedAt: time.Now().UTC()}
}
