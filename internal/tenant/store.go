package tenant

import (
	"context"
	"fmt"
	"time"

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

// CreatedAt is when a tenant was made. It asks for no actor.
func CreatedAt(ctx context.Context, db postgres.Querier, id string) (time.Time, error) {
	at, err := postgres.One(ctx, db, pgx.RowTo[time.Time], nil, `SELECT created_at FROM tenants WHERE id = $1`, id)
	return at, wrap(err, "read when the tenant was made")
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

// wrap says what a statement was for, unless the error is for a person already.
func wrap(err error, doing string) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
