package deployment

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/tenant"
	"github.com/golive-hq/golive/internal/text"
)

// GoLiveInput is what a person asks for.
type GoLiveInput struct {
	ProductID string
	// PlanHash is the plan that the person saw, nil for whatever holds.
	PlanHash       *string
	IdempotencyKey *string
	// Adopt allows taking over live objects that Golive did not create.
	Adopt  bool
	Reason *string
}

// GoLive starts a go-live and returns it as PENDING. It asks Stripe nothing.
//
// The same idempotency key returns the same deployment for ever, other input
// under it is IDEMPOTENCY_KEY_REUSED. With DEPLOYMENT_IN_PROGRESS the deployment
// returned is the one in progress, nil where it is another tenant's.
func (s *Service) GoLive(ctx context.Context, in GoLiveInput) (*Deployment, error) {
	asked := asking{idempotencyKey: in.IdempotencyKey, reason: text.Said(in.Reason)}
	if err := asked.validate(); err != nil {
		return nil, err
	}
	p, err := s.Products.Get(ctx, in.ProductID)
	if err != nil {
		return nil, err
	}
	if err := tenant.Require(ctx, p.TenantID, tenant.RoleDeployer); err != nil {
		return nil, err
	}
	asked.identify(GoLiveInput{ProductID: p.ID, PlanHash: in.PlanHash, Adopt: in.Adopt, Reason: asked.reason}, in.withoutKey())
	asked.prepare = func(_ context.Context, _ pgx.Tx, d *Deployment) error {
		d.Kind, d.ExpectedPlanHash, d.Adopt = GoLive, in.PlanHash, in.Adopt
		return checkHash(in.PlanHash)
	}
	return s.start(ctx, p, asked)
}

func (in GoLiveInput) withoutKey() GoLiveInput {
	in.IdempotencyKey = nil
	return in
}
