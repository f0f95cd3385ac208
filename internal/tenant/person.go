package tenant

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// PersonMembership is what a tenant keeps of a person.
type PersonMembership struct {
	TenantID string    `db:"tenant_id" json:"tenantId"`
	Tenant   string    `db:"slug" json:"tenant"`
	Email    string    `db:"email" json:"email"`
	Role     Role      `db:"role" json:"role"`
	Since    time.Time `db:"created_at" json:"since"`
	// Tokens are the hints of their API tokens.
	Tokens []string `db:"tokens" json:"tokens"`
	Held   bool     `db:"held" json:"onHold"`
}

// OfPerson returns the memberships of a person, whoever asks: it is for operators.
func OfPerson(ctx context.Context, db postgres.Querier, email string) ([]PersonMembership, error) {
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[PersonMembership], `SELECT m.tenant_id::text, t.slug, m.email, m.role, m.created_at,
			ARRAY(SELECT hint FROM api_tokens k WHERE k.member_id = m.id ORDER BY k.id) AS tokens, t.held_since IS NOT NULL AS held
		FROM members m JOIN tenants t ON t.id = m.tenant_id WHERE m.email = ANY($1) ORDER BY t.slug`, mailbox.Spellings(email))
	return found, wrap(err, "memberships of a person")
}

// Forget ends a person's memberships and tokens, and keeps no address of theirs: what
// refers to the member refers to somebody without a name. INVALID_STATE where one of the
// tenants is on hold. It is for operators.
func Forget(ctx context.Context, tx pgx.Tx, email string) error {
	memberships, err := OfPerson(ctx, tx, email)
	if err != nil {
		return err
	}
	for _, m := range memberships {
		if m.Held {
			return fault.New(fault.InvalidState, "Tenant %s is on hold, so nothing is erased. End the hold first: golive tenant release %[1]s", m.Tenant)
		}
	}
	_, err = tx.Exec(ctx, `WITH gone AS (UPDATE members SET email = 'erased-' || id || '@erased.invalid', role = 'VIEWER', name = NULL,
			removed_at = coalesce(removed_at, now()) WHERE email = ANY($1) RETURNING id)
		UPDATE api_tokens SET revoked_at = coalesce(revoked_at, now()) WHERE member_id IN (SELECT id FROM gone)`, mailbox.Spellings(email))
	return wrap(err, "forget a person")
}
