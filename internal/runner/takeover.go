package runner

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// TakeOver gives a new job to deployments that nobody works on although somebody
// should, then to those for which their account has a place, and returns how many there
// were. Every worker does it; there is no leader to lose.
func (w *Runner) TakeOver(ctx context.Context) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	ctx, cancel := context.WithTimeout(ctx, w.Lease)
	defer cancel()
	err = postgres.InTx(ctx, w.Deployments.DB, func(tx pgx.Tx) (err error) {
		n, err = w.Deployments.Redispatch(ctx, tx, w.Lease)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	placed, err := w.Deployments.FillAll(ctx)
	return n + placed, err
}
