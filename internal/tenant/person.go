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
	ctx = postgres.Across(ctx, postgres.Operators)
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[PersonMembership], `SELECT m.tenant_id::text, t.slug, m.email, m.role, m.created_at,
			ARRAY(SELECT hint FROM api_tokens k WHERE k.member_id = m.id ORDER BY k.id) AS tokens, t.held_since IS NOT NULL AS held
		FROM members m JOIN tenants t ON t.id = m.tenant_id WHERE m.email = ANY($1) ORDER BY t.slug`, mailbox.Spellings(email))
	return found, wrap(err, "memberships of a person")
}

// forgotten is the domain of addresses that are none.
const forgotten = "erased.invalid"

// Forget ends a person's memberships, tokens and feeds, and keeps no address of theirs: what
// refers to the member refers to somebody without a name. lost is told of each membership by
// which they could deploy, as Service.Lost is. INVALID_STATE where one of the tenants is on
// hold. It is for operators.
func Forget(ctx context.Context, tx pgx.Tx, email string, lost func(context.Context, pgx.Tx, Member) error) error {
	ctx = postgres.Across(ctx, postgres.Operators)
	memberships, err := OfPerson(ctx, tx, email)
	if err != nil {
		return err
	}
	for _, m := range memberships {
		if m.Held {
			return fault.New(fault.InvalidState, "Tenant %s is on hold, so nothing is erased. End the hold first: golive tenant release %[1]s", m.Tenant)
		}
	}
	gone, err := postgres.All(ctx, tx, pgx.RowToStructByName[Member], `WITH was AS (
			SELECT id, role IN ('DEPLOYER', 'ADMIN') AND removed_at IS NULL AS deploys FROM members WHERE email = ANY($1) FOR UPDATE), gone AS (
			UPDATE members m SET email = 'erased-' || m.id || '@`+forgotten+`', role = 'VIEWER', name = NULL, removed_at = coalesce(m.removed_at, now())
			FROM was WHERE was.id = m.id RETURNING m.*, was.deploys), ended AS (
			UPDATE api_tokens SET revoked_at = coalesce(revoked_at, now()) WHERE member_id IN (SELECT id FROM gone)), unsubscribed AS (
			UPDATE calendar_feeds SET revoked_at = coalesce(revoked_at, now()) WHERE member_id IN (SELECT id FROM gone))
		SELECT m.id::text, m.tenant_id::text, m.email, m.name, m.role, m.created_at AS since FROM gone m WHERE m.deploys ORDER BY m.tenant_id`, mailbox.Spellings(email))
	if err != nil {
		return wrap(err, "forget a person")
	}
	for _, m := range gone {
		if err := lost(ctx, tx, m); err != nil {
			return err
		}
	}
	return nil
}
