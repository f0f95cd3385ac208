package tenant

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// RequireNow is Require for one who has waited, and may have lost the role meanwhile. Call
// it after Lock: whoever changes roles has then ended, or comes later.
func RequireNow(ctx context.Context, tx pgx.Tx, tenantID string, need Role) error {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return err
	}
	now, err := RoleNow(ctx, tx, tenantID, actor.Email, actor.Principal)
	if err == nil && !now.Covers(need) {
		err = fault.New(fault.Forbidden, "Your permissions have changed. Try again.")
	}
	return err
}

// RoleNow returns the most that somebody may do in a tenant now, whatever it was before:
// of a member who has signed in, the role; of one who never has, what a token allows that
// works now; of a service token, its own role. "", which covers nothing, is for all
// others. Where principal names a token that one alone counts, where it names a session the
// member alone; whether the session has ended package identity knows. It is for what acts
// later for somebody: withdrawing the rights withdraws that too.
func RoleNow(ctx context.Context, db postgres.Querier, tenantID, email, principal string) (Role, error) {
	type pair struct {
		Token  Role `db:"token"`
		Member Role `db:"member"`
	}
	pairs, err := postgres.All(ctx, db, pgx.RowToStructByName[pair], `
		SELECT m.role AS token, m.role AS member FROM members m
			WHERE m.tenant_id = $1 AND m.email = $2 AND m.signed_in_at IS NOT NULL AND m.removed_at IS NULL
				AND $3 NOT LIKE '`+TokenKind+`/%'
		UNION ALL SELECT k.role, m.role FROM members m JOIN api_tokens k ON k.member_id = m.id
			WHERE m.tenant_id = $1 AND m.email = $2 AND m.removed_at IS NULL AND k.scope = 'ALL' AND `+holds+` AND $3 IN ('', '`+TokenKind+`/' || k.id)
		UNION ALL SELECT k.role, k.role FROM api_tokens k
			WHERE k.member_id IS NULL AND k.tenant_id = $1 AND '`+servicePrefix+`' || k.name = $2 AND k.scope = 'ALL' AND `+holds+` AND $3 IN ('', '`+TokenKind+`/' || k.id)`,
		tenantID, email, principal)
	var most Role
	for _, p := range pairs {
		if role := lesser(p.Token, p.Member); role.Covers(most) {
			most = role
		}
	}
	return most, wrap(err, "read a person's role")
}
