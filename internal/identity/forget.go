package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Trace is what signing in has left of a person.
type Trace struct {
	Email     string    `json:"email"`
	Address   string    `json:"address"`
	Name      *string   `json:"name"`
	CreatedAt time.Time `json:"createdAt" db:"created_at"`
	// Browsers are those of the sessions.
	Browsers []string `json:"browsers"`
}

// OfPerson returns what signing in has left of whoever has an address. It is for operators.
func OfPerson(ctx context.Context, db postgres.Querier, email string) ([]Trace, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	return postgres.All(ctx, db, pgx.RowToStructByName[Trace], `SELECT email, address, name, created_at,
			ARRAY(SELECT user_agent FROM sessions s WHERE s.person_id = p.id ORDER BY created_at) AS browsers
		FROM people p WHERE email = ANY($1) OR address = ANY($1) ORDER BY email`, mailbox.Spellings(email))
}

// Forget ends a person's sessions and keeps nothing of them, nor of what waits for them to
// sign in. It is for operators.
func Forget(ctx context.Context, tx pgx.Tx, email string) error {
	ctx = postgres.Across(ctx, postgres.Operators)
	for _, sql := range []string{
		`DELETE FROM sessions WHERE person_id IN (SELECT id FROM people WHERE email = ANY($1) OR address = ANY($1))`,
		`DELETE FROM people WHERE email = ANY($1) OR address = ANY($1)`,
		`UPDATE invitations SET settled_at = coalesce(settled_at, now()), email = 'erased-' || id || '@erased.invalid' WHERE email = ANY($1)`,
		`UPDATE invitations SET invited_by = 'erased' WHERE invited_by = ANY($1)`,
		`DELETE FROM sign_in_links WHERE email = ANY($1)`,
		`UPDATE sign_in_failures SET email = NULL WHERE email = ANY($1)`,
	} {
		if _, err := tx.Exec(ctx, sql, mailbox.Spellings(email)); err != nil {
			return fmt.Errorf("forget who signed in: %w", err)
		}
	}
	return tenant.Withdrawn(ctx, tx)
}
