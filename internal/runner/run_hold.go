package runner

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// hold ends the run before anything was written: the deployment waits for a person.
func (r *run) hold(ctx context.Context, h deployment.Holding) error {
	r.lease.setEnding()
	err := postgres.InTx(ctx, r.db, func(tx pgx.Tx) error { return deployment.HoldForPerson(ctx, tx, r.d, &r.epoch, h) })
	return r.ringing(err)
}

// holdChanged holds the deployment where it is not what was scheduled any more.
func (r *run) holdChanged(ctx context.Context, f *deployment.Findings) (held bool, err error) {
	h, err := deployment.ChangedSince(ctx, r.db, r.d, &f.Evidence)
	if h == nil || err != nil {
		return false, err
	}
	// What people are told now is what the next run compares with.
	h.Set = []deployment.Set{
		deployment.SetTestSnapshot(f.Evidence.Test.Value), deployment.SetDriftSeen(plan.DriftDigest(&f.Evidence)), deployment.SetValidation(f.Report), deployment.SetPlan(f.Plan),
	}
	return true, r.hold(ctx, *h)
}
