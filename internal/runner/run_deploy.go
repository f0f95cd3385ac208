package runner

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

func callsToMake(n int) string {
	if n == 1 {
		return "1 Stripe call to make"
	}
	return fmt.Sprintf("%d Stripe calls to make", n)
}

// enterDeploying writes the whole journal before the first effect: from here on
// nothing is planned again.
func (r *run) enterDeploying(ctx context.Context, f *deployment.Findings) error {
	n := len(f.Plan.Steps)
	err := postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		m := deployment.Move{
			Status: deployment.Deploying, Message: "All checks passed; " + callsToMake(n), Percentage: percentage(0, n), Steps: upTo(0, n),
			Set: append(planned(f.Plan, f.Evidence.Test.Value), deployment.SetValidation(f.Report)),
		}
		if _, err := deployment.Advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		if err := saveLinks(ctx, tx, r.d, f.Plan.Links); err != nil {
			return err
		}
		if err := journal.Insert(ctx, tx, r.d.TenantID, r.d.ID, f.Plan.Steps, 0, false); err != nil {
			return err
		}
		return record(ctx, tx, r.d, "deployment.started", map[string]any{"planHash": f.Plan.Hash, "steps": n})
	})
	if err := r.ringing(err); err != nil {
		return err
	}
	r.d.Status = deployment.Deploying
	return nil
}

// upTo are the indices of n steps from one on.
func upTo(from, n int) []int {
	indexes := make([]int, n)
	for i := range indexes {
		indexes[i] = from + i
	}
	return indexes
}

// percentage weighs the checks, every step and the reading back alike.
func percentage(done, steps int) int { return 100 * (done + 1) / (steps + 2) }

// planned stores the plan and what it wants; Stripe has answered, so an outage is over.
// A go-live that does not begin takes nothing over, and so has no test.
func planned(p *plan.Plan, test *catalog.Snapshot) []deployment.Set {
	sets := append(deployment.SetStripeAnswered(), deployment.SetPlanned(p)...)
	if test != nil {
		sets = append(sets, deployment.SetTestSnapshot(test))
	}
	return sets
}

// deploy carries out the journal and proves the result.
func (r *run) deploy(ctx context.Context) error {
	way, live, err := r.way(ctx)
	if err != nil {
		return err
	}
	forward, _, err := journal.Read(ctx, r.db, r.d.ID)
	if err != nil {
		return err
	}
	if err := timed(r, Writing, func() error { return way.Forward(ctx, forward) }); err != nil {
		return err
	}
	return timed(r, Verifying, func() error { return r.verify(ctx, live) })
}

// way is the engine for this turn, and the live account that it writes to.
func (r *run) way(ctx context.Context) (*engine.Run, evidence.Stripe, error) {
	live, _, err := r.deployments.Account(ctx, r.d.TenantID, catalog.Live)
	if err != nil {
		return nil, nil, err
	}
	if live == nil {
		return nil, nil, fmt.Errorf("deployment %s: live mode is no longer connected", r.d.ID)
	}
	k, err := evidence.Known(ctx, r.db, r.d.TenantID, r.d.LiveAccountID, r.d.StripeProductID)
	return &engine.Run{
		Gateway: live, Journal: &notes{r}, ProductID: productIn(k, r.d), Links: k.Links,
		Epoch: r.epoch, Backoff: r.runner.Backoff,
	}, live, err
}

// productIn is the id of the live product; before its creation, the one it will get.
func productIn(k plan.Known, d *deployment.Deployment) string {
	if id := k.Links.Product(d.StripeProductID); id != "" {
		return id
	}
	return d.StripeProductID
}
