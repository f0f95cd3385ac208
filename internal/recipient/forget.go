package recipient

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// Trace is what a tenant has asked a person, and was answered.
type Trace struct {
	TenantID   string     `db:"tenant_id" json:"tenantId"`
	Address    string     `db:"address" json:"address"`
	State      State      `db:"state" json:"state"`
	AskedAt    *time.Time `db:"asked_at" json:"askedAt"`
	AnsweredAt *time.Time `db:"answered_at" json:"answeredAt"`
}

// OfPerson returns what is kept of a person as a recipient. It is for operators.
func OfPerson(ctx context.Context, db postgres.Querier, email string) ([]Trace, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	return postgres.All(ctx, db, pgx.RowToStructByName[Trace], `SELECT tenant_id::text, address, state, asked_at, answered_at
		FROM recipients WHERE address = ANY($1) ORDER BY tenant_id`, mailbox.Spellings(email))
}

// Forget keeps nothing of what a person was asked and has answered, in all tenants. It is for
// operators. Whoever had refused may be asked again: nobody knows any more.
func Forget(ctx context.Context, tx pgx.Tx, email string) error {
	ctx = postgres.Across(ctx, postgres.Operators)
	_, err := tx.Exec(ctx, `DELETE FROM recipients WHERE address = ANY($1)`, mailbox.Spellings(email))
	if err != nil {
		return fmt.Errorf("forget a recipient: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE recipients SET asked_by = NULL WHERE asked_by = ANY($1)`, mailbox.Spellings(email))
	if err != nil {
		return fmt.Errorf("forget who named recipients: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE mail_domains SET confirmed_by = 'erased' WHERE confirmed_by = ANY($1)`, mailbox.Spellings(email))
	if err != nil {
		return fmt.Errorf("forget who confirmed domains: %w", err)
	}
	return nil
}
