package deployment

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/plan"
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
	e.LiveBalance = readFrom(live, func(a Stripe) (catalog.Balance, error) { return a.Balance(ctx) })
	e.LiveAccount = readFrom(live, func(a Stripe) (catalog.Account, error) { return a.Account(ctx) })
	e.Live = readFrom(live, func(a Stripe) (*catalog.Snapshot, error) { return a.Snapshot(ctx, liveProductID(p, e)) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	touched, err := journal.Touched(ctx, s.DB, of)
	if err != nil {
		return nil, err
	}
	made := plan.Restore(plan.Restoration{Touched: touched, Live: e.Live.Value, Known: e.Known})
	f := &Findings{Evidence: *e}
	why := whyNotRestorable(e, &made)
	made.RollbackOf = of
	if made.PassedOver, err = passedOver(ctx, s.DB, of); err != nil {
		return nil, err
	}
	if why == "" {
		f.Plan = &made
	}
	f.Report = rollbackReport(e, why)
	return f, nil
}

// foreign tells that another tenant has taken over the live product.
func foreign(e *plan.Evidence) bool {
	return e.Live.Value != nil && e.Known.Foreign[e.Live.Value.Product.ID]
}

// rollbackReport keeps of all checks those that concern writing to live, and adds
// why there is no bringing back, if so.
func rollbackReport(e *plan.Evidence, why string) *Report {
	var results []plan.Result
	for _, result := range plan.Check(*e) {
		if rollbackChecks[result.Check] {
			results = append(results, result)
		}
	}
	if why != "" {
		results = append(results, plan.Result{Check: "live_product", Status: plan.CheckFailed, Message: why})
	}
	return &Report{OK: plan.OK(results), Results: results, CheckedAt: time.Now().UTC()}
}

// whyNotRestorable is why the live product cannot be brought back, "" where it can.
func whyNotRestorable(e *plan.Evidence, made *plan.Plan) string {
	switch {
	case e.Live.Err != nil:
		return "Live mode couldn't be read: " + e.Live.Err.Error()
	case foreign(e):
		return "Another tenant has since adopted the live product " + e.Live.Value.Product.ID + ", so it can't be rolled back from here."
	case e.Live.Value == nil && len(made.Changes) > 0:
		return made.Changes[0].Summary
	}
	return ""
}
