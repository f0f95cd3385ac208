package tenant

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// newFeed is what is stored of a feed that is made; memberID nil is the operators'.
type newFeed struct {
	id, tenantID string
	memberID     *string
	secret       string
}

func insertFeed(ctx context.Context, tx pgx.Tx, f newFeed) error {
	_, err := tx.Exec(ctx, `INSERT INTO calendar_feeds (id, tenant_id, member_id, hash, hint) VALUES ($1, $2, $3, $4, $5)`,
		f.id, f.tenantID, f.memberID, hashToken(f.secret), Hint(feedPrefix, f.secret))
	return wrap(err, "insert feed")
}

func countFeeds(ctx context.Context, tx pgx.Tx, memberID string) (int, error) {
	n, err := postgres.One(ctx, tx, pgx.RowTo[int], nil,
		`SELECT count(*) FROM calendar_feeds WHERE member_id = $1 AND revoked_at IS NULL`, memberID)
	return n, wrap(err, "count feeds")
}

const feedColumns = `SELECT f.id, t.slug AS tenant, coalesce(m.email, '` + Operator + `') AS created_by, f.hint, f.created_at, f.revoked_at
	FROM calendar_feeds f JOIN tenants t ON t.id = f.tenant_id LEFT JOIN members m ON m.id = f.member_id`

func feeds(ctx context.Context, db postgres.Querier, slug string) ([]Feed, error) {
	list, err := postgres.All(ctx, db, pgx.RowToStructByName[Feed], feedColumns+` WHERE $1 IN ('', t.slug) ORDER BY f.id`, slug)
	return list, wrap(err, "list feeds")
}

// feedsOf lists the tenant's feeds, of one member alone where email is not "".
func feedsOf(ctx context.Context, db postgres.Querier, tenantID, email string) ([]Feed, error) {
	list, err := postgres.All(ctx, db, pgx.RowToStructByName[Feed],
		feedColumns+` WHERE t.id = $1 AND $2 IN ('', m.email) ORDER BY f.id`, tenantID, email)
	return list, wrap(err, "list a tenant's feeds")
}

// ownedFeed is a feed with its tenant.
type ownedFeed struct {
	TenantID string `db:"tenant_id"`
	Feed
}

func feedByID(ctx context.Context, db postgres.Querier, id string) (ownedFeed, error) {
	f, err := postgres.One(ctx, db, pgx.RowToStructByName[ownedFeed], noFeed(),
		`SELECT (SELECT tenant_id::text FROM calendar_feeds WHERE id = f.id) AS tenant_id, f.* FROM (`+feedColumns+`) AS f WHERE f.id = $1`, id)
	if postgres.IsBadID(err) {
		err = noFeed()
	}
	return f, wrap(err, "read feed")
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

func revokeFeedsOf(ctx context.Context, tx pgx.Tx, memberID string) error {
	_, err := tx.Exec(ctx, `UPDATE calendar_feeds SET revoked_at = now() WHERE member_id = $1 AND revoked_at IS NULL`, memberID)
	return wrap(err, "revoke a member's feeds")
}

// tenantByFeed looks at the member, too: a version before this one removes members without
// their feeds.
func tenantByFeed(ctx context.Context, db postgres.Querier, hash []byte, absent error) (Tenant, error) {
	t, err := postgres.One(ctx, db, pgx.RowToStructByName[Tenant], absent,
		`SELECT t.id, t.slug, t.name, t.time_zone FROM calendar_feeds f JOIN tenants t ON t.id = f.tenant_id
			LEFT JOIN members m ON m.id = f.member_id
		WHERE f.hash = $1 AND f.revoked_at IS NULL AND m.removed_at IS NULL`, hash)
	return t, wrap(err, "tenant by feed")
}
