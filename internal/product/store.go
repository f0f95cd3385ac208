package product

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// status derives a product's LiveStatus.
const status = `CASE
	WHEN p.live_product_id IS NULL THEN 'NOT_LIVE'
	WHEN p.drifted_at IS NOT NULL THEN 'DRIFTED'
	WHEN p.gone_at IS NOT NULL OR p.digest IS DISTINCT FROM p.deployed_digest THEN 'CHANGED'
	ELSE 'LIVE' END`

// selectProduct reads rows. A price may be linked before the product's first
// deployment has completed; its account is then the one that is connected.
var selectProduct = `SELECT ` + selected

var selected = `p.id, p.tenant_id, p.test_account_id, p.stripe_product_id, p.name, ` + status + ` AS live_status,
	p.live_account_id, p.live_product_id, p.imported_at, p.gone_at, p.snapshot, p.digest,
	(SELECT coalesce(jsonb_object_agg(l.test_id, l.live_id), '{}') FROM links l
		WHERE l.tenant_id = p.tenant_id AND l.test_product_id = p.stripe_product_id AND l.resource = 'price' AND l.live_account_id = coalesce(p.live_account_id,
			` + connection.AccountSQL(catalog.Live, "p.tenant_id") + `)) AS live_ids
	FROM products p `

type row struct {
	Product
	LiveIDs map[string]string `db:"live_ids"`
}

func toProduct(r pgx.CollectableRow) (*Product, error) {
	read, err := pgx.RowToStructByName[row](r)
	if err != nil {
		return nil, err
	}
	read.Prices = pricesOf(read.Snapshot, read.LiveIDs)
	return &read.Product, nil
}

func get(ctx context.Context, db postgres.Querier, id string, tenantIDs []string) (*Product, error) {
	p, err := postgres.One(ctx, db, toProduct, errNotFound(), selectProduct+`WHERE p.id = $1 AND p.tenant_id = ANY($2::uuid[])`, id, tenantIDs)
	return p, orNotFound(err, "get product")
}

func load(ctx context.Context, db postgres.Querier, id string) (*Product, error) {
	p, err := postgres.One(ctx, db, toProduct, errNotFound(), selectProduct+`WHERE p.id = $1`, id)
	return p, orNotFound(err, "load product")
}

func getMany(ctx context.Context, db postgres.Querier, ids, tenantIDs []string) ([]*Product, error) {
	found, err := postgres.All(ctx, db, toProduct, selectProduct+`WHERE p.id = ANY($1::uuid[]) AND p.tenant_id = ANY($2::uuid[])`, ids, tenantIDs)
	return found, wrap(err, "get products")
}

// byStripeID prefers the product that is in test over one of the same id that was
// imported from an account connected earlier.
func byStripeID(ctx context.Context, db postgres.Querier, tenantID, stripeProductID string) (*Product, error) {
	p, err := postgres.One(ctx, db, toProduct, errNotFound(), selectProduct+`WHERE p.tenant_id = $1 AND p.stripe_product_id = $2
		ORDER BY p.gone_at IS NULL DESC, p.imported_at DESC LIMIT 1`, tenantID, stripeProductID)
	return p, wrap(err, "get product by Stripe ID")
}

// byAnyStripeID has at most one product of each tenant by its id in test, as byStripeID
// does, before those by their id in live.
func byAnyStripeID(ctx context.Context, db postgres.Querier, stripeID string, tenantIDs []string) ([]*Product, error) {
	found, err := postgres.All(ctx, db, toProduct, `SELECT * FROM (SELECT DISTINCT ON (p.tenant_id, p.stripe_product_id) `+selected+`
		WHERE p.tenant_id = ANY($2::uuid[]) AND (p.stripe_product_id = $1 OR p.live_product_id = $1)
		ORDER BY p.tenant_id, p.stripe_product_id, p.gone_at IS NULL DESC, p.imported_at DESC) named
		ORDER BY stripe_product_id = $1 DESC, id`, stripeID, tenantIDs)
	return found, wrap(err, "find product by Stripe ID")
}

// position is where a product stands in a list.
type position struct {
	Name string `db:"name"`
	ID   string `db:"id"`
}

func positionOf(ctx context.Context, db postgres.Querier, tenantID, cursor string) (position, error) {
	absent := fault.New(fault.InvalidInput, "after must be the endCursor of a previous page for the same tenant.").At("after")
	at, err := postgres.One(ctx, db, pgx.RowToStructByName[position], absent,
		`SELECT name, id FROM products WHERE id = $1 AND tenant_id = $2`, cursor, tenantID)
	if postgres.IsBadID(err) {
		return at, absent
	}
	return at, wrap(err, "find cursor")
}

// filtered takes the tenant, the statuses and the pattern.
const filtered = `WHERE p.tenant_id = $1
	AND (cardinality($2::text[]) = 0 OR ` + status + ` = ANY($2))
	AND ($3 = '' OR p.name ILIKE $3 OR p.stripe_product_id ILIKE $3 OR p.live_product_id ILIKE $3 OR p.id::text ILIKE $3) `

func (f Filter) args() []any {
	statuses := make([]string, len(f.LiveStatus))
	for i, s := range f.LiveStatus {
		statuses[i] = string(s)
	}
	return []any{f.TenantID, statuses, f.pattern()}
}

var literally = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (f Filter) pattern() string {
	if f.Search == nil || strings.TrimSpace(*f.Search) == "" {
		return ""
	}
	return "%" + literally.Replace(strings.TrimSpace(*f.Search)) + "%"
}

func find(ctx context.Context, db postgres.Querier, f Filter, after *position, limit int) ([]*Product, error) {
	where, args := filtered, f.args()
	if after != nil {
		where += `AND (p.name, p.id) > ($4, $5) `
		args = append(args, after.Name, after.ID)
	}
	found, err := postgres.All(ctx, db, toProduct, selectProduct+where+fmt.Sprintf(`ORDER BY p.name, p.id LIMIT %d`, limit), args...)
	return found, wrap(err, "list products")
}

func count(ctx context.Context, db postgres.Querier, f Filter) (int, error) {
	n, err := postgres.One(ctx, db, pgx.RowTo[int], nil, `SELECT count(*) FROM products p `+filtered, f.args()...)
	return n, wrap(err, "count products")
}

// upsert writes in the order of ids, so that concurrent imports wait for each
// other and do not deadlock.
func upsert(ctx context.Context, tx pgx.Tx, in *incoming) (imported, changed int, err error) {
	type counts struct {
		Imported int `db:"imported"`
		Changed  int `db:"changed"`
	}
	n, err := postgres.One(ctx, tx, pgx.RowToStructByName[counts], nil,
		`WITH before AS (
			SELECT stripe_product_id, digest, gone_at FROM products WHERE tenant_id = $1 AND test_account_id = $2
		), written AS (
			INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
			SELECT id, $1, $2, stripe_product_id, name, snapshot, digest
			FROM unnest($3::uuid[], $4::text[], $5::text[], $6::jsonb[], $7::text[]) AS i (id, stripe_product_id, name, snapshot, digest)
			ORDER BY stripe_product_id
			ON CONFLICT ON CONSTRAINT products_stripe_product_id_key DO UPDATE SET name = EXCLUDED.name,
				snapshot = EXCLUDED.snapshot, digest = EXCLUDED.digest, imported_at = EXCLUDED.imported_at, gone_at = NULL
			RETURNING stripe_product_id, digest
		)
		SELECT count(*) AS imported, count(*) FILTER (WHERE before.digest <> written.digest OR before.gone_at IS NOT NULL) AS changed
		FROM written LEFT JOIN before USING (stripe_product_id)`,
		in.TenantID, in.AccountID, in.IDs, in.StripeIDs, in.Names, in.Snapshots, in.Digests)
	return n.Imported, n.Changed, wrap(err, "store imported products")
}

// markOthersGone marks what a complete import did not find, products of an
// account connected earlier among it.
func markOthersGone(ctx context.Context, tx pgx.Tx, in *incoming) (int, error) {
	tag, err := tx.Exec(ctx, `UPDATE products SET gone_at = now() WHERE tenant_id = $1 AND gone_at IS NULL
		AND NOT (test_account_id = $2 AND stripe_product_id = ANY($3::text[]))`, in.TenantID, in.AccountID, notNil(in.StripeIDs))
	return int(tag.RowsAffected()), wrap(err, "mark gone products")
}

func markGone(ctx context.Context, tx pgx.Tx, in *incoming, stripeIDs []string) (int, error) {
	tag, err := tx.Exec(ctx, `UPDATE products SET gone_at = now() WHERE tenant_id = $1 AND gone_at IS NULL
		AND test_account_id = $2 AND stripe_product_id = ANY($3::text[])`, in.TenantID, in.AccountID, notNil(stripeIDs))
	return int(tag.RowsAffected()), wrap(err, "mark gone products")
}

func neverKnown(ctx context.Context, tx pgx.Tx, in *incoming, stripeIDs []string) ([]string, error) {
	ids, err := postgres.All(ctx, tx, pgx.RowTo[string], `SELECT id FROM unnest($3::text[]) AS asked (id) WHERE NOT EXISTS (
			SELECT FROM products p WHERE p.tenant_id = $1 AND p.test_account_id = $2 AND p.stripe_product_id = asked.id)
		ORDER BY id`, in.TenantID, in.AccountID, notNil(stripeIDs))
	return ids, wrap(err, "look for unknown products")
}

// notNil keeps a nil slice from becoming NULL, with which nothing compares.
func notNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// orNotFound takes a text that is no id for the id of nothing.
func orNotFound(err error, doing string) error {
	if postgres.IsBadID(err) {
		return errNotFound()
	}
	return wrap(err, doing)
}

// wrap says what a statement was for, unless the error is for a person already.
func wrap(err error, doing string) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
