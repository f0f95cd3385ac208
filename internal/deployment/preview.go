package deployment

import (
	"context"

	"github.com/golive-hq/golive/internal/plan"
)

// Validate runs every check now, against test and live. It writes nothing in
// Stripe; the product's live status shows what it saw. Any member may ask.
func (s *Service) Validate(ctx context.Context, productID string, adopt bool) (*Report, error) {
	f, err := s.preview(ctx, productID, adopt)
	if err != nil {
		return nil, err
	}
	return f.report, nil
}

// PlanGoLive says what a go-live would change now. VALIDATION_FAILED where there
// is nothing to compare, or live holds an object that may not be touched.
func (s *Service) PlanGoLive(ctx context.Context, productID string, adopt bool) (*plan.Plan, error) {
	f, err := s.preview(ctx, productID, adopt)
	if err != nil {
		return nil, err
	}
	if f.plan == nil {
		return nil, f.whyNoPlan()
	}
	return f.plan, nil
}

func (s *Service) preview(ctx context.Context, productID string, adopt bool) (*findings, error) {
	p, err := s.Products.Get(ctx, productID)
	if err != nil {
		return nil, err
	}
	f, err := s.examine(ctx, subject{product: p, adopt: adopt})
	if err != nil {
		return nil, err
	}
	return f, s.notice(ctx, p, &f.evidence)
}
