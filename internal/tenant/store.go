package tenant

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

func insertTenant(ctx context.Context, tx pgx.Tx, t Tenant) error {
	_, err := tx.Exec(ctx, `INSERT INTO tenants (id, slug, name, time_zone) VALUES ($1, $2, $3, $4)`,
		t.ID, t.Slug, t.Name, t.TimeZone)
	if postgres.IsUnique(err, "tenants_slug_key") {
		return fault.Wrap(err, fault.InvalidInput, "A tenant %q already exists. Choose another slug.", t.Slug).At("slug")
	}
	return wrap(err, "insert tenant")
}

func tenantBySlug(ctx context.Context, db postgres.Querier, slug string) (Tenant, error) {
	absent := fault.New(fault.NotFound, "There's no tenant %q. Create it with `golive tenant create`.", slug)
	t, err := postgres.One(ctx, db, pgx.RowToStructByName[Tenant], absent,
		`SELECT id, slug, name, time_zone FROM tenants WHERE slug = $1`, slug)
	return t, wrap(err, "tenant by slug")
}

func allTenants(ctx context.Context, db postgres.Querier) ([]Tenant, error) {
	all, err := postgres.All(ctx, db, pgx.RowToStructByName[Tenant], `SELECT id, slug, name, time_zone FROM tenants ORDER BY slug`)
	return all, wrap(err, "list tenants")
}

// Load returns a tenant whoever asks, else NOT_FOUND: for the domain's own work,
// such as mail, that no actor is waiting for.
func Load(ctx context.Context, db postgres.Querier, id string) (Tenant, error) {
	t, err := postgres.One(ctx, db, pgx.RowToStructByName[Tenant], fault.New(fault.NotFound, "There's no tenant with this ID."),
		`SELECT id, slug, name, time_zone FROM tenants WHERE id = $1`, id)
	return t, wrap(err, "load tenant")
}

func tenantIDs(ctx context.Context, tx pgx.Tx) ([]string, error) {
	ids, err := postgres.All(ctx, tx, pgx.RowTo[string], `SELECT id::text FROM tenants ORDER BY id`)
	return ids, wrap(err, "list tenants")
}

// Lock makes whoever else Locks the tenant wait for tx to end: for changes of what a
// tenant has, the first of which have no row of their own to lock yet.
func Lock(ctx context.Context, tx pgx.Tx, id string) error {
	_, err := tx.Exec(ctx, `SELECT FROM tenants WHERE id = $1 FOR NO KEY UPDATE`, id)
	return wrap(err, "lock tenant")
}

type member struct {
	ID   string `db:"id"`
	Role Role   `db:"role"`
}

// upsertMember returns the member with that address and locks it; role counts
// only where it is new.
func upsertMember(ctx context.Context, tx pgx.Tx, id, tenantID, email string, role Role) (string, Role, error) {
	m, err := postgres.One(ctx, tx, pgx.RowToStructByName[member], nil,
		`INSERT INTO members (id, tenant_id, email, role) VALUES ($1, $2, $3, $4)
		ON CONFLICT ON CONSTRAINT members_email_key DO UPDATE SET email = EXCLUDED.email, removed_at = NULL,
			role = CASE WHEN members.removed_at IS NULL THEN members.role ELSE EXCLUDED.role END,
			created_at = CASE WHEN members.removed_at IS NULL THEN members.created_at ELSE now() END
		RETURNING id, role`, id, tenantID, email, role)
	return m.ID, m.Role, wrap(err, "upsert member")
}

func setMemberRole(ctx context.Context, tx pgx.Tx, id string, role Role) error {
	_, err := tx.Exec(ctx, `UPDATE members SET role = $2 WHERE id = $1`, id, role)
	return wrap(err, "set member's role")
}

func insertFeed(ctx context.Context, tx pgx.Tx, id, tenantID string, hash []byte, hint string) error {
	_, err := tx.Exec(ctx, `INSERT INTO calendar_feeds (id, tenant_id, hash, hint) VALUES ($1, $2, $3, $4)`, id, tenantID, hash, hint)
	return wrap(err, "insert feed")
}

func feeds(ctx context.Context, db postgres.Querier, slug string) ([]Feed, error) {
	list, err := postgres.All(ctx, db, pgx.RowToStructByName[Feed],
		`SELECT f.id, t.slug AS tenant, f.hint, f.created_at, f.revoked_at
		FROM calendar_feeds f JOIN tenants t ON t.id = f.tenant_id
		WHERE $1 IN ('', t.slug) ORDER BY f.id`, slug)
	return list, wrap(err, "list feeds")
}

// revokeFeed returns whose feed it has just revoked, "" where it was before.
func revokeFeed(ctx context.Context, tx pgx.Tx, id string) (tenantID string, err error) {
	absent := fault.New(fault.NotFound, "There's no calendar %q. Run `golive calendar list` to see calendar IDs.", id)
	revoked, err := postgres.One(ctx, tx, pgx.RowTo[bool], absent,
		`SELECT revoked_at IS NOT NULL FROM calendar_feeds WHERE id = $1 FOR UPDATE`, id)
	if postgres.IsBadID(err) {
		err = absent
	}
	if err != nil || revoked {
		return "", wrap(err, "lock feed")
	}
	tenantID, err = postgres.One(ctx, tx, pgx.RowTo[string], nil,
		`UPDATE calendar_feeds SET revoked_at = now() WHERE id = $1 RETURNING tenant_id::text`, id)
	return tenantID, wrap(err, "revoke feed")
}

func tenantByFeed(ctx context.Context, db postgres.Querier, hash []byte, absent error) (Tenant, error) {
	t, err := postgres.One(ctx, db, pgx.RowToStructByName[Tenant], absent,
		`SELECT t.id, t.slug, t.name, t.time_zone FROM calendar_feeds f JOIN tenants t ON t.id = f.tenant_id
		WHERE f.hash = $1 AND f.revoked_at IS NULL`, hash)
	return t, wrap(err, "tenant by feed")
}

// wrap says what a statement was for, unless the error is for a person already.
func wrap(err error, doing string) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
