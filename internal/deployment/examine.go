package deployment

import (
	"context"
	"errors"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/quota"
)

// Subject is the product that evidence is gathered on.
type Subject struct {
	Product *product.Product
	Adopt   bool
	// Deployment is the one that asks, "" for a preview.
	Deployment string
}

// Findings are the evidence with what follows from it.
type Findings struct {
	Subject
	Evidence plan.Evidence
	Report   *Report
	// Plan is nil where the evidence does not allow one.
	Plan *plan.Plan
}

// Examine reads test and live, runs every check and makes the plan. It writes
// nothing. Its error is ours; what Stripe cannot tell becomes a failed check.
func (s *Service) Examine(ctx context.Context, on Subject) (*Findings, error) {
	e, test, live, err := s.ledger(ctx, on)
	if err != nil {
		return nil, err
	}
	evidence.Read(ctx, on.Product, e, test, live)
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	f := &Findings{Subject: on, Evidence: *e}
	if p, ok := evidence.Plan(e, on.Product.TenantID); ok {
		f.Plan = &p
		f.Evidence.Plan = &p
	}
	results := plan.Check(f.Evidence)
	f.Report = &Report{OK: plan.OK(results), Results: results, CheckedAt: time.Now().UTC()}
	return f, nil
}

// ledger gathers what our own database knows. An account that is not connected
// comes back nil, and its reads with the reason.
func (s *Service) ledger(ctx context.Context, on Subject) (e *plan.Evidence, test, live evidence.Stripe, err error) {
	p := on.Product
	e = &plan.Evidence{StripeProductID: p.StripeProductID, StampOwner: p.TenantID, Adopt: on.Adopt}
	if test, e.TestAccountID, err = s.Account(ctx, p.TenantID, catalog.Test); err != nil {
		return nil, nil, nil, err
	}
	if live, e.LiveAccountID, err = s.Account(ctx, p.TenantID, catalog.Live); err != nil {
		return nil, nil, nil, err
	}
	if test != nil || live != nil {
		if err := quota.ToAskStripe(ctx, s.DB, p.TenantID); err != nil {
			return nil, nil, nil, err
		}
	}
	// Whoever connected two accounts was asked, and said that this is meant.
	e.DifferentAccountAllowed = e.TestAccountID != e.LiveAccountID
	if e.Known, err = evidence.Known(ctx, s.DB, p.TenantID, e.LiveAccountID, p.StripeProductID); err != nil {
		return nil, nil, nil, err
	}
	active, err := activeOn(ctx, s.DB, e.LiveAccountID, p.StripeProductID)
	if err != nil {
		return nil, nil, nil, err
	}
	switch {
	case active == nil || active.ID == on.Deployment:
	case active.TenantID != p.TenantID:
		e.ActiveElsewhere = true
	default:
		e.ActiveDeployment = active.ID
	}
	return e, test, live, nil
}

// Account opens one mode's account, nil where it is not connected.
func (s *Service) Account(ctx context.Context, tenantID string, mode catalog.Mode) (evidence.Stripe, string, error) {
	key, accountID, err := s.Connections.StripeKey(ctx, s.DB, tenantID, mode)
	if fault.CodeOf(err) == fault.StripeNotConnected {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return s.Open(mode, accountID, key), accountID, nil
}

// WhyNoPlan says why a plan cannot be made, in the words of the check that failed.
func (f *Findings) WhyNoPlan() error {
	for _, r := range f.Report.Results {
		if r.Status == plan.CheckFailed {
			return fault.New(fault.ValidationFailed, "There's no plan yet. %s: %s", r.Check, r.Message)
		}
	}
	return errors.New("no plan although every check passed")
}
