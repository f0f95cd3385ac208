package deployment

import (
	"context"

	"github.com/golive-hq/golive/internal/plan"
)

// Validate runs every check now, against test and live. It writes nothing in
// Stripe; the product's live status shows what it saw. Any member may ask.
func (s *Service) Validate(ctx context.Context, productID string, adopt bool) (*Report, error) {
	f, err := s.Preview(ctx, productID, adopt)
	if err != nil {
		return nil, err
	}
	return f.Report, nil
}

// PlanGoLive says what a go-live would change now. VALIDATION_FAILED where there
// is nothing to compare, or live holds an object that may not be touched.
func (s *Service) PlanGoLive(ctx context.Context, productID string, adopt bool) (*plan.Plan, error) {
	f, err := s.Preview(ctx, productID, adopt)
	if err != nil {
		return nil, err
	}
	if f.Plan == nil {
		return nil, f.WhyNoPlan()
	}
	return f.Plan, nil
}

// Preview is both from one look at Stripe, so that checks and plan cannot disagree; there
// is no plan where PlanGoLive refuses one.
func (s *Service) Preview(ctx context.Context, productID string, adopt bool) (*Findings, error) {
	p, err := s.Products.Get(ctx, productID)
	if err != nil {
		return nil, err
	}
	f, err := s.Examine(ctx, Subject{Product: p, Adopt: adopt})
	if err != nil {
		return nil, err
	}
	if err := s.Connections.NoteSeen(ctx, p.TenantID, plan.KeysSeen(&f.Evidence)...); err != nil {
		return nil, err
	}
	return f, recordSeen(ctx, s.DB, p, &f.Evidence)
}
