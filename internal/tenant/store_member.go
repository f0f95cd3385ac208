package tenant

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// present is what a member m who can act now fulfils: by signing in, or by a token.
const present = `m.removed_at IS NULL AND (m.signed_in_at IS NOT NULL
	OR EXISTS (SELECT FROM api_tokens k WHERE k.member_id = m.id AND ` + holds + `))`

const memberColumns = `SELECT m.id::text, m.tenant_id::text, m.email, m.name, m.role, m.created_at AS since FROM members m`

func members(ctx context.Context, db postgres.Querier, tenantID string) ([]Member, error) {
	all, err := postgres.All(ctx, db, pgx.RowToStructByName[Member],
		memberColumns+` WHERE m.tenant_id = $1 AND m.removed_at IS NULL ORDER BY m.email`, tenantID)
	return all, wrap(err, "list members")
}

func memberByID(ctx context.Context, db postgres.Querier, id string) (Member, error) {
	m, err := postgres.One(ctx, db, pgx.RowToStructByName[Member], noMember(),
		memberColumns+` WHERE m.id = $1 AND m.removed_at IS NULL`, id)
	if postgres.IsBadID(err) {
		err = noMember()
	}
	return m, wrap(err, "read member")
}

// memberByToken returns whose a token is, nobody for one of the tenant's own.
func memberByToken(ctx context.Context, db postgres.Querier, tokenID string) (Member, error) {
	m, err := postgres.One(ctx, db, pgx.RowToStructByName[Member], nil,
		memberColumns+` JOIN api_tokens k ON k.member_id = m.id WHERE k.id = $1 AND m.removed_at IS NULL`, tokenID)
	return m, wrap(err, "find a token's member")
}

func roleOfToken(ctx context.Context, db postgres.Querier, tokenID string) (Role, error) {
	role, err := postgres.One(ctx, db, pgx.RowTo[Role], nil, `SELECT role FROM api_tokens WHERE id = $1`, tokenID)
	return role, wrap(err, "find a token's role")
}

func memberIDOf(ctx context.Context, db postgres.Querier, tenantID, email string) (string, error) {
	id, err := postgres.One(ctx, db, pgx.RowTo[string], noMember(),
		`SELECT id::text FROM members WHERE tenant_id = $1 AND email = $2 AND removed_at IS NULL`, tenantID, email)
	return id, wrap(err, "find member")
}

// MemberSQL tells whether one of two spellings of an address is a member's.
func MemberSQL(tenantID, address, spelled string) string {
	return `EXISTS (SELECT FROM members own WHERE own.tenant_id = ` + tenantID + ` AND own.email IN (` + address + `, ` + spelled + `) AND own.removed_at IS NULL)`
}

// LeftSQL tells whether one of two spellings of an address is that of a member who was removed
// after a time, all as SQL.
func LeftSQL(tenantID, address, spelled, after string) string {
	return `EXISTS (SELECT FROM members gone WHERE gone.tenant_id = ` + tenantID + ` AND gone.email IN (` + address + `, ` + spelled + `)
		AND gone.removed_at > ` + after + `)`
}

func addressOf(ctx context.Context, db postgres.Querier, memberID string) (string, error) {
	email, err := postgres.One(ctx, db, pgx.RowTo[string], nil,
		`SELECT email FROM members WHERE id = $1 AND email NOT LIKE '%@`+forgotten+`'`, memberID)
	return email, wrap(err, "find a member's address")
}

// wasMember tells that an address is that of somebody who belonged to the tenant once.
func wasMember(ctx context.Context, db postgres.Querier, tenantID, email string) (bool, error) {
	was, err := postgres.One(ctx, db, pgx.RowTo[bool], nil,
		`SELECT true FROM members WHERE tenant_id = $1 AND email = ANY($2) AND removed_at IS NOT NULL`, tenantID, mailbox.Spellings(email))
	return was, wrap(err, "look for a former member")
}

func isMember(ctx context.Context, db postgres.Querier, tenantID, email string) (bool, error) {
	is, err := postgres.One(ctx, db, pgx.RowTo[bool], nil,
		`SELECT true FROM members WHERE tenant_id = $1 AND email = $2 AND removed_at IS NULL`, tenantID, email)
	return is, wrap(err, "look for a member")
}

func hasOtherAdmin(ctx context.Context, tx pgx.Tx, than Member) (bool, error) {
	has, err := postgres.One(ctx, tx, pgx.RowTo[bool], nil,
		`SELECT true FROM members m WHERE m.tenant_id = $1 AND m.id <> $2 AND m.role = 'ADMIN' AND `+present+` LIMIT 1`, than.TenantID, than.ID)
	return has, wrap(err, "look for another admin")
}

func removeMember(ctx context.Context, tx pgx.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE members SET removed_at = now(), signed_in_at = NULL WHERE id = $1`, id)
	return wrap(err, "remove member")
}

func memberships(ctx context.Context, db postgres.Querier, email string) (all []Membership, unseen bool, err error) {
	type row struct {
		Tenant
		Role   Role `db:"role"`
		Unseen bool `db:"unseen"`
	}
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[row], `SELECT t.id, t.slug, t.name, t.time_zone, m.role, m.signed_in_at IS NULL AS unseen
		FROM members m JOIN tenants t ON t.id = m.tenant_id WHERE m.email = $1 AND m.removed_at IS NULL ORDER BY t.slug`, email)
	all = make([]Membership, len(found))
	for i, r := range found {
		all[i], unseen = Membership{Tenant: r.Tenant, Role: r.Role}, unseen || r.Unseen
	}
	return all, unseen, wrap(err, "list memberships")
}

func membershipsOf(ctx context.Context, db postgres.Querier, emails []string) (map[string][]Membership, error) {
	type row struct {
		Email string `db:"email"`
		Tenant
		Role Role `db:"role"`
	}
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[row], `SELECT m.email, t.id, t.slug, t.name, t.time_zone, m.role
		FROM members m JOIN tenants t ON t.id = m.tenant_id WHERE m.email = ANY($1) AND m.removed_at IS NULL ORDER BY t.slug`, emails)
	of := make(map[string][]Membership, len(emails))
	for _, r := range found {
		of[r.Email] = append(of[r.Email], Membership{Tenant: r.Tenant, Role: r.Role})
	}
	return of, wrap(err, "list memberships of many")
}

func markSignedIn(ctx context.Context, tx pgx.Tx, email string, name *string) ([]Member, error) {
	joined, err := postgres.All(ctx, tx, pgx.RowToStructByName[Member], `UPDATE members m SET signed_in_at = now(), name = coalesce($2, m.name)
		WHERE m.email = $1 AND m.removed_at IS NULL AND m.signed_in_at IS NULL
		RETURNING m.id::text, m.tenant_id::text, m.email, m.name, m.role, m.created_at AS since`, email, name)
	return joined, wrap(err, "note that a person has signed in")
}
