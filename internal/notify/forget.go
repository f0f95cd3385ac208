package notify

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// Forget keeps nothing of what a person wants to be told, in all tenants. It is for operators.
func Forget(ctx context.Context, tx pgx.Tx, email string) error {
	ctx = postgres.Across(ctx, postgres.Operators)
	if _, err := tx.Exec(ctx, `DELETE FROM mail_preferences WHERE person = ANY($1)`, mailbox.Spellings(email)); err != nil {
		return fmt.Errorf("forget what a person wants to be told: %w", err)
	}
	return nil
}
