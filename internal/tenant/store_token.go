package tenant

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// servicePrefix begins the names by which service tokens act. No address has it.
const servicePrefix = "service:"

// IsService tells whether somebody acts by a service token, whose name may be any words.
func IsService(actor string) bool { return strings.HasPrefix(actor, servicePrefix) }

// holds is what a token k that works now fulfils.
const holds = `k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())`

// ofToken is SQL of a token's tenant. It is no coalesce(), for which Postgres would use no index
// of a table with row security.
const ofToken = `CASE WHEN k.member_id IS NULL THEN k.tenant_id ELSE m.tenant_id END`

// newToken is what is stored of a token that is made.
type newToken struct {
	id                 string
	memberID, tenantID *string // one of both
	name               *string
	role               Role
	scope              Scope
	createdBy, secret  string
	expiresAt          *time.Time
}

func insertToken(ctx context.Context, tx pgx.Tx, k newToken) error {
	_, err := tx.Exec(ctx, `INSERT INTO api_tokens (id, member_id, tenant_id, name, role, scope, created_by, hash, hint, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		k.id, k.memberID, k.tenantID, k.name, k.role, k.scope, k.createdBy, hashToken(k.secret), Hint(tokenPrefix, k.secret), k.expiresAt)
	if postgres.IsUnique(err, "api_tokens_service") {
		return fault.Wrap(err, fault.InvalidInput, "There's already a service token called %q. Choose another name.", *k.name).At("input", "name")
	}
	return wrap(err, "insert token")
}

// countTokens counts those that work and have the owner that k is to have.
func countTokens(ctx context.Context, tx pgx.Tx, k newToken) (int, error) {
	n, err := postgres.One(ctx, tx, pgx.RowTo[int], nil,
		`SELECT count(*) FROM api_tokens k WHERE (k.member_id = $1 OR k.member_id IS NULL AND k.tenant_id = $2) AND `+holds, k.memberID, k.tenantID)
	return n, wrap(err, "count tokens")
}

const tokenColumns = `SELECT k.id, t.slug AS tenant, k.name, coalesce(m.email, '` + servicePrefix + `' || k.name) AS email, k.role, k.scope,
	k.member_id IS NULL AS service, coalesce(k.created_by, '` + Operator + `') AS created_by, k.hint, k.created_at, k.expires_at, k.last_used_at, k.revoked_at
	FROM api_tokens k LEFT JOIN members m ON m.id = k.member_id JOIN tenants t ON t.id = ` + ofToken

func tokens(ctx context.Context, db postgres.Querier, slug string) ([]Token, error) {
	list, err := postgres.All(ctx, db, pgx.RowToStructByName[Token], tokenColumns+` WHERE $1 IN ('', t.slug) ORDER BY k.id`, slug)
	return list, wrap(err, "list tokens")
}

// tokensOf lists the tenant's tokens, of one member alone where email is not "".
func tokensOf(ctx context.Context, db postgres.Querier, tenantID, email string) ([]Token, error) {
	list, err := postgres.All(ctx, db, pgx.RowToStructByName[Token],
		tokenColumns+` WHERE k.id = ANY(ARRAY(
			SELECT o.id FROM api_tokens o WHERE o.tenant_id = $1
			UNION ALL SELECT o.id FROM members m JOIN api_tokens o ON o.member_id = m.id WHERE m.tenant_id = $1))
		AND $2 IN ('', m.email) ORDER BY k.id`, tenantID, email)
	return list, wrap(err, "list a tenant's tokens")
}

// ownedToken is a token with its tenant.
type ownedToken struct {
	TenantID string `db:"tenant_id"`
	Token
}

func tokenByID(ctx context.Context, db postgres.Querier, id string) (ownedToken, error) {
	t, err := postgres.One(ctx, db, pgx.RowToStructByName[ownedToken], noToken(),
		`SELECT (SELECT coalesce(m.tenant_id, o.tenant_id) FROM api_tokens o LEFT JOIN members m ON m.id = o.member_id WHERE o.id = k.id)::text AS tenant_id,
			k.* FROM (`+tokenColumns+`) AS k WHERE k.id = $1`, id)
	if postgres.IsBadID(err) {
		err = noToken()
	}
	return t, wrap(err, "read token")
}

func lockToken(ctx context.Context, tx pgx.Tx, id string) (tenantID string, revoked bool, err error) {
	type row struct {
		TenantID string `db:"tenant_id"`
		Revoked  bool   `db:"revoked"`
	}
	absent := fault.New(fault.NotFound, "There's no token %q. Run `golive token list` to see token IDs.", id)
	r, err := postgres.One(ctx, tx, pgx.RowToStructByName[row], absent,
		`SELECT coalesce(m.tenant_id, k.tenant_id) AS tenant_id, k.revoked_at IS NOT NULL AS revoked
		FROM api_tokens k LEFT JOIN members m ON m.id = k.member_id WHERE k.id = $1 FOR UPDATE OF k`, id)
	if postgres.IsBadID(err) {
		err = absent
	}
	return r.TenantID, r.Revoked, wrap(err, "lock token")
}

func markRevoked(ctx context.Context, tx pgx.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE api_tokens SET revoked_at = now() WHERE id = $1`, id)
	return wrap(err, "revoke token")
}

func revokeTokensOf(ctx context.Context, tx pgx.Tx, memberID string) error {
	_, err := tx.Exec(ctx, `UPDATE api_tokens SET revoked_at = now() WHERE member_id = $1 AND revoked_at IS NULL`, memberID)
	return wrap(err, "revoke a member's tokens")
}

// key is a token that works now, with whom it acts for.
type key struct {
	TokenID    string  `db:"token_id"`
	Email      string  `db:"email"`
	MemberName *string `db:"member_name"`
	Role       Role    `db:"role"`
	MemberRole Role    `db:"member_role"`
	Scope      Scope   `db:"scope"`
	// Unnoted tells that its use wants noting.
	Unnoted bool `db:"unnoted"`
	Tenant
}

const keys = `SELECT k.id::text AS token_id, coalesce(m.email, '` + servicePrefix + `' || k.name) AS email, coalesce(m.name, k.name) AS member_name,
		k.role, coalesce(m.role, k.role) AS member_role, k.scope,
		k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS unnoted, t.id, t.slug, t.name, t.time_zone
	FROM api_tokens k LEFT JOIN members m ON m.id = k.member_id JOIN tenants t ON t.id = ` + ofToken + `
	WHERE m.removed_at IS NULL AND ` + holds

func keyBySecret(ctx context.Context, db postgres.Querier, hash []byte) (key, error) {
	k, err := postgres.One(ctx, db, pgx.RowToStructByName[key], errToken(), keys+` AND k.hash = $1`, hash)
	return k, wrap(err, "authenticate")
}

func keysByID(ctx context.Context, db postgres.Querier, ids []string) ([]key, error) {
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[key], keys+` AND k.id = ANY($1::uuid[])`, ids)
	return found, wrap(err, "look for tokens")
}

func (k key) actor() Actor {
	if k.TokenID == "" {
		return Actor{}
	}
	return Actor{
		Kind: audit.Token, Email: k.Email, Name: k.MemberName, Principal: TokenKind + "/" + k.TokenID, Scope: k.Scope,
		Memberships: []Membership{{Tenant: k.Tenant, Role: lesser(k.Role, k.MemberRole)}},
	}
}

// noteTokenUsed waits for nobody who has the token locked: that one notes it, or ends it.
func noteTokenUsed(ctx context.Context, db postgres.Execer, id string) error {
	_, err := db.Exec(ctx, `UPDATE api_tokens SET last_used_at = now() WHERE id = (SELECT id FROM api_tokens
		WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute') FOR NO KEY UPDATE SKIP LOCKED)`, id)
	return wrap(err, "note that a token was used")
}
