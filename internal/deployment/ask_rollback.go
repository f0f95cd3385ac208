package deployment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
	"github.com/golive-hq/golive/internal/text"
)

// RollbackInput is what a person asks for.
type RollbackInput struct {
	DeploymentID string
	// PlanHash is the plan that the person saw, nil for whatever holds.
	PlanHash       *string
	IdempotencyKey *string
	Reason         *string
}

// Rollback starts a deployment that undoes another one: of those of its product that changed
// something, the newest completed one, else INVALID_STATE. A rollback can be rolled back too,
// which is going forward again. Idempotency and DEPLOYMENT_IN_PROGRESS are as for GoLive.
func (s *Service) Rollback(ctx context.Context, in RollbackInput) (*Deployment, error) {
	asked := asking{idempotencyKey: in.IdempotencyKey, reason: text.Said(in.Reason)}
	if err := asked.validate(); err != nil {
		return nil, err
	}
	of, p, err := s.rollbackTarget(ctx, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	if err := tenant.Require(ctx, p.TenantID, tenant.RoleDeployer); err != nil {
		return nil, err
	}
	asked.identify(RollbackInput{DeploymentID: of.ID, PlanHash: in.PlanHash, Reason: asked.reason}, in.withoutKey())
	asked.prepare = func(ctx context.Context, tx pgx.Tx, d *Deployment) error {
		d.Kind, d.RollbackOfID, d.ExpectedPlanHash = Rollback, &of.ID, in.PlanHash
		if d.LiveAccountID != of.LiveAccountID {
			return otherAccount()
		}
		if err := checkHash(in.PlanHash); err != nil {
			return err
		}
		return MayRollBack(ctx, tx, of)
	}
	return s.start(ctx, p, asked)
}

func otherAccount() error {
	return fault.New(fault.InvalidState, "This deployment went live in a different Stripe account than the one connected now.")
}

func (in RollbackInput) withoutKey() RollbackInput {
	in.IdempotencyKey = nil
	return in
}

// PlanRollback says what rolling a deployment back would change now.
func (s *Service) PlanRollback(ctx context.Context, id string) (*plan.Plan, error) {
	of, p, err := s.rollbackTarget(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := MayRollBack(ctx, s.DB, of); err != nil {
		return nil, err
	}
	f, err := s.ExamineRollback(ctx, p, of.ID, "")
	if err != nil {
		return nil, err
	}
	if now := f.Evidence.LiveAccountID; now != "" && now != of.LiveAccountID {
		return nil, otherAccount()
	}
	if f.Plan == nil {
		return nil, f.WhyNoPlan()
	}
	return f.Plan, nil
}

func (s *Service) rollbackTarget(ctx context.Context, id string) (*Deployment, *product.Product, error) {
	of, err := s.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Products.Get(ctx, of.ProductID)
	return of, p, err
}

// standing is a go-live that was not rolled back and changed something.
const standing = `kind = 'GO_LIVE' AND status = 'COMPLETED' AND changed_live`

// MayRollBack refuses all but the top of the live object's stack: of those that changed
// something, a deployment is on top when everything that completed after it, whosever
// it was, was itself the undoing of something later than it.
func MayRollBack(ctx context.Context, db postgres.Querier, of *Deployment) error {
	type answer struct {
		Status  Status  `db:"status"`
		Changed bool    `db:"changed"`
		Later   *string `db:"later"`
		Ours    bool    `db:"ours"`
	}
	a, err := postgres.One(postgres.Across(ctx, postgres.LiveObjects), db, pgx.RowToStructByName[answer], notFound(), `SELECT d.status, COALESCE(d.changed_live, true) AS changed,
			later.id::text AS later, COALESCE(later.tenant_id = d.tenant_id, true) AS ours
		FROM deployments d LEFT JOIN LATERAL (
			SELECT l.id, l.tenant_id FROM deployments l LEFT JOIN deployments undone ON undone.id = l.rollback_of
			WHERE l.live_account_id = d.live_account_id AND l.stripe_product_id = d.stripe_product_id AND l.status = 'COMPLETED'
				AND l.changed_live AND l.completed > d.completed AND (undone.id IS NULL OR undone.completed <= d.completed)
			ORDER BY l.completed DESC LIMIT 1) later ON true
		WHERE d.id = $1`, of.ID)
	switch {
	case err != nil:
		return err
	case a.Status != Completed:
		return fault.New(fault.InvalidState, "This deployment is %s. Only completed deployments can be rolled back.", a.Status)
	case !a.Changed:
		return nothingToUndo(ctx, db, of)
	case a.Later != nil && !a.Ours:
		return fault.New(fault.InvalidState, "Another tenant has since adopted the live product, so it can't be rolled back from here.")
	case a.Later != nil:
		return fault.New(fault.InvalidState, "Deployment %s of this product came later. Roll that one back first.", *a.Later)
	}
	return nil
}

// nothingToUndo names the go-live that whoever wants to roll back one which changed
// nothing may have meant.
func nothingToUndo(ctx context.Context, db postgres.Querier, of *Deployment) error {
	top, err := postgres.One(ctx, db, row, nil, `SELECT `+columns+` FROM deployments
		WHERE live_account_id = $1 AND stripe_product_id = $2 AND tenant_id = $3 AND `+standing+` ORDER BY completed DESC LIMIT 1`,
		of.LiveAccountID, of.StripeProductID, of.TenantID)
	if err != nil {
		return err
	}
	if top == nil {
		return fault.New(fault.InvalidState, "This go-live changed nothing, so there's nothing to undo.")
	}
	return fault.New(fault.InvalidState, "This go-live changed nothing, so there's nothing to undo. Roll back go-live %s by %s of %s instead.",
		top.ID, top.RequestedBy, top.FinishedAt.UTC().Format("2 January 2006, 15:04 MST"))
}

// passedOver are the go-lives that completed since and changed nothing, newest first.
func passedOver(ctx context.Context, db postgres.Querier, of string) ([]string, error) {
	return postgres.All(ctx, db, pgx.RowTo[string], `SELECT e.id::text FROM deployments e JOIN deployments d ON d.id = $1
			AND d.live_account_id = e.live_account_id AND d.stripe_product_id = e.stripe_product_id AND d.tenant_id = e.tenant_id
		WHERE e.completed > d.completed AND e.kind = 'GO_LIVE' AND e.status = 'COMPLETED' AND NOT e.changed_live ORDER BY e.completed DESC`, of)
}

// ToggleRolledBack shows what a completed rollback undid. What that one had
// undone itself stands again, and so on down.
func ToggleRolledBack(ctx context.Context, tx pgx.Tx, id string) error {
	for next := &id; next != nil; {
		below, err := toggle(ctx, tx, *next)
		if err != nil {
			return fmt.Errorf("show %s as rolled back: %w", *next, err)
		}
		next = below
	}
	return nil
}

// Standing is what test held for the newest go-live of a product that was not rolled
// back, nil where there is none.
func Standing(ctx context.Context, db postgres.Querier, productID, liveAccountID string) (*catalog.Snapshot, error) {
	return postgres.One(ctx, db, pgx.RowTo[*catalog.Snapshot], nil, `SELECT test_snapshot FROM deployments
		WHERE product_id = $1 AND live_account_id = $2 AND `+standing+` AND test_snapshot IS NOT NULL
		ORDER BY completed DESC LIMIT 1`, productID, liveAccountID)
}
