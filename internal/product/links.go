package product

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// Link pairs a test object with its live one, within one live account. It is the
// proof that Golive created or adopted the live object, and so may change it. Its key
// is the account, the kind and the test id: a price may have the id of a product.
type Link struct {
	LiveAccountID string           `db:"live_account_id"`
	TestID        string           `db:"test_id"`
	Resource      catalog.Resource `db:"resource"`
	LiveID        string           `db:"live_id"`
	// TestProductID is the test product that the object belongs to; a product
	// belongs to itself.
	TestProductID string `db:"test_product_id"`
	TenantID      string `db:"tenant_id"`
	// DeploymentID is the deployment that made the link.
	DeploymentID *string `db:"deployment_id"`
	// Adopted tells that Golive took the live object over instead of creating it.
	Adopted bool `db:"adopted"`
	// Base is the live object as the last completed deployment left it, nil before.
	Base      json.RawMessage `db:"base"`
	CreatedAt time.Time       `db:"created_at"`
}

// Links returns the links of a test product and its prices to a live account,
// oldest first.
func Links(ctx context.Context, db postgres.Querier, liveAccountID, testProductID string) ([]Link, error) {
	ctx = postgres.Across(ctx, postgres.LiveObjects)
	links, err := postgres.All(ctx, db, pgx.RowToStructByName[Link],
		`SELECT live_account_id, test_id, resource, live_id, test_product_id, tenant_id, deployment_id, adopted, base, created_at
		FROM links WHERE live_account_id = $1 AND test_product_id = $2 ORDER BY created_at, test_id`, liveAccountID, testProductID)
	return links, wrap(err, "read links")
}

// SaveLink stores l, whose Base and CreatedAt are ignored. A test object has one
// link: saving it with another live object replaces the link and forgets the base;
// saving the same again keeps both. What another tenant had linked has been taken
// over: its link goes, and comes back with ReturnLinks; those are returned.
func SaveLink(ctx context.Context, tx pgx.Tx, l Link) (taken []ChangedHands, err error) {
	ctx = postgres.Across(ctx, postgres.LiveObjects)
	if taken, err = takeLinks(ctx, tx, l); err != nil {
		return nil, wrap(err, "take over "+l.LiveID)
	}
	_, err = tx.Exec(ctx, `INSERT INTO links (live_account_id, test_id, resource, live_id, test_product_id, tenant_id, deployment_id, adopted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (live_account_id, resource, test_id) DO UPDATE SET live_id = EXCLUDED.live_id, test_product_id = EXCLUDED.test_product_id,
			tenant_id = EXCLUDED.tenant_id, deployment_id = EXCLUDED.deployment_id, adopted = EXCLUDED.adopted, base = NULL, created_at = now()
		WHERE links.live_id <> EXCLUDED.live_id`,
		l.LiveAccountID, l.TestID, l.Resource, l.LiveID, l.TestProductID, l.TenantID, l.DeploymentID, l.Adopted)
	return taken, wrap(err, "save link of "+l.TestID)
}

// takeLinks makes room for l where another tenant has linked either of its objects,
// and keeps what goes for as long as l's deployment may be undone.
func takeLinks(ctx context.Context, tx pgx.Tx, l Link) ([]ChangedHands, error) {
	gone, err := postgres.All(ctx, tx, pgx.RowToStructByName[ChangedHands], `WITH gone AS (
			DELETE FROM links WHERE live_account_id = $1 AND resource = $6 AND (live_id = $2 OR test_id = $3) AND tenant_id <> $4
			RETURNING *), kept AS (
		INSERT INTO links_taken (taken_by, live_account_id, test_id, resource, live_id, test_product_id, tenant_id, deployment_id, adopted, base, created_at)
		SELECT $5, live_account_id, test_id, resource, live_id, test_product_id, tenant_id, deployment_id, adopted, base, created_at
		FROM gone WHERE $5::uuid IS NOT NULL)
		SELECT `+changedHandsColumns+` FROM gone h ORDER BY tenant_id, test_id`, l.LiveAccountID, l.LiveID, l.TestID, l.TenantID, l.DeploymentID, l.Resource)
	if err != nil {
		return nil, err
	}
	return gone, recordHands(ctx, tx, "links.taken", gone)
}

// ChangedHands is a link that another tenant took over, or gave back.
type ChangedHands struct {
	// TenantID is the tenant that lost it, or has it again.
	TenantID string `db:"tenant_id"`
	// ProductID is that tenant's product, nil where it is there no more, and DeploymentID the
	// deployment by which it had the link.
	ProductID     *string          `db:"product_id"`
	DeploymentID  *string          `db:"deployment_id"`
	LiveAccountID string           `db:"live_account_id"`
	Resource      catalog.Resource `db:"resource"`
	TestID        string           `db:"test_id"`
	TestProductID string           `db:"test_product_id"`
	LiveID        string           `db:"live_id"`
}

const changedHandsColumns = `h.tenant_id, h.live_account_id, h.resource, h.test_id, h.test_product_id, h.live_id, h.deployment_id::text,
	(SELECT p.id::text FROM products p WHERE p.tenant_id = h.tenant_id AND p.stripe_product_id = h.test_product_id
		ORDER BY p.gone_at IS NULL DESC, p.imported_at DESC LIMIT 1) AS product_id`

// recordHands tells the tenants that the links were of, and not whose doing it was: that
// is another tenant's affair.
func recordHands(ctx context.Context, tx pgx.Tx, action string, links []ChangedHands) error {
	for _, l := range links {
		err := audit.Record(postgres.For(ctx, l.TenantID), tx, audit.Entry{
			TenantID: l.TenantID, Actor: "golive", Action: action, Subject: l.TestProductID,
			Details: map[string]any{"account": l.LiveAccountID, "resource": l.Resource, "testId": l.TestID, "liveId": l.LiveID},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ReturnLinks gives other tenants back what a deployment, now undone, had taken
// over from them, and returns it.
func ReturnLinks(ctx context.Context, tx pgx.Tx, deploymentID string) ([]ChangedHands, error) {
	ctx = postgres.Across(ctx, postgres.LiveObjects)
	for _, id := range []string{"live_id", "test_id"} { // an index finds each, and none both
		_, err := tx.Exec(ctx, `DELETE FROM links l USING links_taken t WHERE t.taken_by = $1
			AND l.live_account_id = t.live_account_id AND l.resource = t.resource AND l.`+id+` = t.`+id, deploymentID)
		if err != nil {
			return nil, wrap(err, "make room for links")
		}
	}
	back, err := postgres.All(ctx, tx, pgx.RowToStructByName[ChangedHands], `WITH back AS (DELETE FROM links_taken WHERE taken_by = $1 RETURNING *), given AS (
		INSERT INTO links (live_account_id, test_id, resource, live_id, test_product_id, tenant_id, deployment_id, adopted, base, created_at)
		SELECT live_account_id, test_id, resource, live_id, test_product_id, tenant_id, deployment_id, adopted, base, created_at
		FROM back)
		SELECT `+changedHandsColumns+` FROM back h ORDER BY tenant_id, test_id`, deploymentID)
	if err != nil {
		return nil, wrap(err, "return links")
	}
	return back, wrap(recordHands(ctx, tx, "links.returned", back), "return links")
}

// DropAdopted forgets what a deployment of this test product into this live account,
// now undone, had adopted: nothing has changed hands. What it had adopted from
// another tenant is that one's again by ReturnLinks.
func DropAdopted(ctx context.Context, tx pgx.Tx, deploymentID, liveAccountID, testProductID string) error {
	_, err := tx.Exec(ctx, `DELETE FROM links WHERE deployment_id = $1 AND adopted AND live_account_id = $2 AND test_product_id = $3`,
		deploymentID, liveAccountID, testProductID)
	return wrap(err, "forget what was adopted")
}

// SaveBase keeps the live object of a link as a completed deployment left it.
func SaveBase(ctx context.Context, tx pgx.Tx, liveAccountID string, resource catalog.Resource, testID string, base json.RawMessage) error {
	tag, err := tx.Exec(ctx, `UPDATE links SET base = $4 WHERE live_account_id = $1 AND resource = $2 AND test_id = $3`,
		liveAccountID, resource, testID, base)
	return exactlyOne(tag.RowsAffected(), err, "save base of "+testID)
}

// MarkDeployed notes that live now holds the content that digest (see Digest)
// identifies, and that nothing has drifted since.
func MarkDeployed(ctx context.Context, tx pgx.Tx, productID, liveAccountID, liveProductID, digest string) error {
	tag, err := tx.Exec(ctx, `UPDATE products SET live_account_id = $2, live_product_id = $3, deployed_digest = $4, drifted_at = NULL
		WHERE id = $1`, productID, liveAccountID, liveProductID, digest)
	return exactlyOne(tag.RowsAffected(), err, "mark deployed")
}

// MarkNotLive notes that nothing of the product is for sale in live any more. Its
// links stay: the archived objects are still ours.
func MarkNotLive(ctx context.Context, tx pgx.Tx, productID string) error {
	tag, err := tx.Exec(ctx, `UPDATE products SET live_account_id = NULL, live_product_id = NULL, deployed_digest = NULL, drifted_at = NULL
		WHERE id = $1`, productID)
	return exactlyOne(tag.RowsAffected(), err, "mark not live")
}

// MarkDrifted notes whether live was seen to differ from what the last completed
// deployment left; the time of the first such sight is kept.
func MarkDrifted(ctx context.Context, tx pgx.Tx, productID string, drifted bool) error {
	tag, err := tx.Exec(ctx, `UPDATE products SET drifted_at = CASE WHEN $2 THEN coalesce(drifted_at, now()) END WHERE id = $1`, productID, drifted)
	return exactlyOne(tag.RowsAffected(), err, "mark drifted")
}

// Refresh stores a newer snapshot of a product, as an import of it alone would:
// for whoever read test afresh, so that the live status compares with the newest.
func Refresh(ctx context.Context, tx pgx.Tx, productID string, s catalog.Snapshot) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode snapshot of %s: %w", s.Product.ID, err)
	}
	tag, err := tx.Exec(ctx, `UPDATE products SET name = $2, snapshot = $3, digest = $4, imported_at = now(), gone_at = NULL WHERE id = $1`,
		productID, s.Product.Name, b, Digest(s))
	return exactlyOne(tag.RowsAffected(), err, "refresh")
}

// LockForDeployment makes everything that would start a deployment of the product
// wait for tx to end; NOT_FOUND where there is no product.
func LockForDeployment(ctx context.Context, tx pgx.Tx, productID string) error {
	tag, err := tx.Exec(ctx, `SELECT FROM products WHERE id = $1 FOR NO KEY UPDATE`, productID)
	if err == nil && tag.RowsAffected() == 0 {
		return errNotFound()
	}
	return orNotFound(err, "lock product")
}

// LockIfFree is LockForDeployment for what can be left: not free is a product that
// somebody else holds, or that is gone.
func LockIfFree(ctx context.Context, tx pgx.Tx, productID string) (free bool, err error) {
	tag, err := tx.Exec(ctx, `SELECT FROM products WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED`, productID)
	return tag.RowsAffected() > 0, wrap(err, "lock product")
}

// exactlyOne turns an update that met no row into an error: its caller would
// believe that something is written.
func exactlyOne(rows int64, err error, doing string) error {
	if err == nil && rows != 1 {
		return fmt.Errorf("%s: %d rows", doing, rows)
	}
	return wrap(err, doing)
}
