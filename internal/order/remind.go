package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/ledger"
)

// remind tells people of disputes that wait for an answer, each time once.
func remind(ctx context.Context, tx pgx.Tx, h *held, tell func(context.Context, pgx.Tx, string, string) error) error {
	for _, p := range h.Payments {
		for _, d := range p.Disputes {
			stage, due := d.ReminderDue(h.now)
			if !due {
				continue
			}
			d.Reminded = &stage
			h.tell("Admins were reminded of the dispute over " + ledger.Words(d.Amount, d.Currency) + " by email.")
			if err := tell(ctx, tx, h.TenantID, d.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
