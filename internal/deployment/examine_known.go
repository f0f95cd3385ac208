package deployment

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// recordSeen keeps for lists what a check saw in test and live, unless something has
// been going on meanwhile that knows better.
func recordSeen(ctx context.Context, db postgres.Beginner, p *product.Product, e *plan.Evidence) error {
	if e.ActiveDeployment != "" || e.ActiveElsewhere {
		return nil
	}
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if free, err := product.LockIfFree(ctx, tx, p.ID); err != nil || !free {
			return err
		}
		now, err := product.ForDeployment(ctx, tx, p.ID)
		if err != nil || !now.ImportedAt.Equal(p.ImportedAt) {
			return err
		}
		if e.Test.Err == nil && e.Test.Value != nil && product.Digest(*e.Test.Value) != p.Digest {
			if err := product.Refresh(ctx, tx, p.ID, *e.Test.Value); err != nil {
				return err
			}
		}
		if e.Live.Err != nil {
			return nil
		}
		return errors.Join(product.NoteLive(ctx, tx, p.ID, e.Live.Value), product.MarkDrifted(ctx, tx, p.ID, plan.DriftOf(e).Any()))
	})
}
