package product

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// addArrivals keeps what is new. A list that changes while it is read shows things twice.
func addArrivals(ctx context.Context, tx pgx.Tx, importID string, rows []arrival) (Added, error) {
	n := len(rows)
	products, resources, ids := make([]string, n), make([]string, n), make([]string, n)
	bodies, sizes, reasons := make([][]byte, n), make([]int, n), make([]string, n)
	for i, r := range rows {
		r = r.kept()
		products[i], resources[i], ids[i] = r.ProductID, r.Resource, r.ID
		bodies[i], sizes[i], reasons[i] = r.Body, len(r.Body), r.Unreadable
	}
	added, err := postgres.One(ctx, tx, pgx.RowToStructByName[Added], nil, `WITH added AS (
			INSERT INTO arrivals (import_id, product_id, resource, id, body, bytes, unreadable)
			SELECT $1, product_id, resource, id, body, bytes, nullif(unreadable, '')
			FROM unnest($2::text[], $3::text[], $4::text[], $5::jsonb[], $6::int[], $7::text[]) AS a (product_id, resource, id, body, bytes, unreadable)
			ON CONFLICT DO NOTHING RETURNING resource, bytes)
		SELECT count(*) AS objects, count(*) FILTER (WHERE resource = 'product') AS products, coalesce(sum(bytes), 0) AS bytes FROM added`,
		importID, products, resources, ids, bodies, sizes, reasons)
	return added, wrap(err, "keep what an import read")
}

// Unseen returns, in their order, up to most ids after the given one, nil for the
// beginning, of which nothing has arrived: of those that were asked for, or where all were
// of those that the last import saw.
func (a *Arrivals) Unseen(ctx context.Context, db postgres.Querier, after *string, most int) ([]string, error) {
	wanted, args := `SELECT stripe_product_id FROM products WHERE tenant_id = $4 AND test_account_id = $5 AND gone_at IS NULL`, []any{a.TenantID, a.AccountID}
	if a.Asked != nil {
		wanted, args = `SELECT DISTINCT unnest($4::text[])`, []any{a.Asked}
	}
	ids, err := postgres.All(ctx, db, pgx.RowTo[string], `SELECT id FROM (`+wanted+`) AS wanted (id)
		WHERE id <> '' AND ($2::text IS NULL OR id > $2)
			AND NOT EXISTS (SELECT FROM arrivals r WHERE r.import_id = $1 AND r.product_id = wanted.id AND resource = 'product')
		ORDER BY id LIMIT $3`, append([]any{a.ImportID, after, most}, args...)...)
	return ids, wrap(err, "look for what an import has not seen")
}

// size is what a product takes with its prices.
type size struct {
	ProductID string `db:"product_id"`
	Bytes     int64  `db:"bytes"`
}

// sizesOf returns some products that are not put together yet.
func sizesOf(ctx context.Context, tx pgx.Tx, importID string) ([]size, error) {
	sizes, err := postgres.All(ctx, tx, pgx.RowToStructByName[size], `SELECT product_id, sum(bytes)::bigint AS bytes FROM arrivals
		WHERE import_id = $1 AND product_id IN (SELECT product_id FROM arrivals
			WHERE import_id = $1 AND resource = 'product' AND digest IS NULL AND unreadable IS NULL ORDER BY product_id LIMIT 100)
		GROUP BY product_id ORDER BY product_id`, importID)
	return sizes, wrap(err, "look for what to put together")
}

func arrivalsOf(ctx context.Context, tx pgx.Tx, importID string, productIDs []string) ([]arrival, error) {
	rows, err := postgres.All(ctx, tx, pgx.RowToStructByPos[arrival], `SELECT product_id, resource, id, coalesce(unreadable, ''), body FROM arrivals
		WHERE import_id = $1 AND product_id = ANY($2) ORDER BY product_id, resource, id`, importID, productIDs)
	return rows, wrap(err, "read what an import read")
}

// putAside notes that a product cannot be stored, and why.
func putAside(ctx context.Context, tx pgx.Tx, importID, productID, why string) error {
	_, err := tx.Exec(ctx, `UPDATE arrivals SET unreadable = $3, body = NULL WHERE import_id = $1 AND product_id = $2 AND resource = 'product'`,
		importID, productID, why)
	return wrap(err, "put a product aside")
}

// readyRows are products as they will be stored.
type readyRows struct {
	ids, newIDs, digests []string
	snapshots            [][]byte
}

func keepReady(ctx context.Context, tx pgx.Tx, importID string, done []string, ready readyRows) error {
	_, err := tx.Exec(ctx, `UPDATE arrivals a SET new_id = r.new_id, digest = r.digest, body = r.snapshot
		FROM unnest($2::text[], $3::uuid[], $4::text[], $5::jsonb[]) AS r (product_id, new_id, digest, snapshot)
		WHERE a.import_id = $1 AND a.product_id = r.product_id AND resource = 'product'`,
		importID, ready.ids, ready.newIDs, ready.digests, ready.snapshots)
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM arrivals WHERE import_id = $1 AND product_id = ANY($2) AND resource = 'price'`, importID, done)
	}
	return wrap(err, "keep products with their prices")
}

// upsert writes in the order of ids, so that concurrent imports wait for each
// other and do not deadlock. Of two that store a new product at the same time, one
// inserts it, and its row alone has no xmax.
func upsert(ctx context.Context, tx pgx.Tx, a *Arrivals) (ImportResult, error) {
	result, err := postgres.One(ctx, tx, pgx.RowToStructByName[ImportResult], nil,
		`WITH before AS (
			SELECT stripe_product_id, digest, gone_at FROM products WHERE tenant_id = $1 AND test_account_id = $2
		), written AS (
			INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
			SELECT new_id, $1, $2, product_id, coalesce(body #>> '{product,name}', ''), body, digest
			FROM arrivals WHERE import_id = $3 AND resource = 'product' AND unreadable IS NULL
			ORDER BY product_id
			ON CONFLICT ON CONSTRAINT products_stripe_product_id_key DO UPDATE SET name = EXCLUDED.name,
				snapshot = EXCLUDED.snapshot, digest = EXCLUDED.digest, imported_at = EXCLUDED.imported_at, gone_at = NULL
			RETURNING stripe_product_id, digest, xmax = 0 AS inserted
		)
		SELECT count(*) AS imported, count(*) FILTER (WHERE written.inserted) AS added, 0 AS gone,
			count(*) FILTER (WHERE written.inserted OR before.digest <> written.digest OR before.gone_at IS NOT NULL) AS changed
		FROM written LEFT JOIN before USING (stripe_product_id)`,
		a.TenantID, a.AccountID, a.ImportID)
	return result, wrap(err, "store imported products")
}

// arrived is SQL for whether a product with an id has arrived, as far as it can be ours.
const arrived = `EXISTS (SELECT FROM arrivals r WHERE r.import_id = $3 AND r.resource = 'product' AND r.product_id = `

// markOthersGone marks what a complete import did not find, products of an
// account connected earlier among it.
func markOthersGone(ctx context.Context, tx pgx.Tx, a *Arrivals) (int, error) {
	tag, err := tx.Exec(ctx, `UPDATE products SET gone_at = now() WHERE tenant_id = $1 AND gone_at IS NULL
		AND NOT (test_account_id = $2 AND `+arrived+`stripe_product_id))`, a.TenantID, a.AccountID, a.ImportID)
	return int(tag.RowsAffected()), wrap(err, "mark gone products")
}

// markMissingGone marks what was asked for and did not arrive.
func markMissingGone(ctx context.Context, tx pgx.Tx, a *Arrivals) (int, error) {
	tag, err := tx.Exec(ctx, `UPDATE products SET gone_at = now() WHERE tenant_id = $1 AND gone_at IS NULL
		AND test_account_id = $2 AND stripe_product_id = ANY($4::text[]) AND NOT `+arrived+`stripe_product_id)`,
		a.TenantID, a.AccountID, a.ImportID, a.Asked)
	return int(tag.RowsAffected()), wrap(err, "mark gone products")
}

// neverKnown are the asked ids that nobody knows.
func neverKnown(ctx context.Context, tx pgx.Tx, a *Arrivals) ([]string, error) {
	ids, err := postgres.All(ctx, tx, pgx.RowTo[string], `SELECT DISTINCT id FROM unnest($4::text[]) AS asked (id)
		WHERE NOT `+arrived+`asked.id) AND NOT EXISTS (
			SELECT FROM products p WHERE p.tenant_id = $1 AND p.test_account_id = $2 AND p.stripe_product_id = asked.id)
		ORDER BY id`, a.TenantID, a.AccountID, a.ImportID, a.Asked)
	return ids, wrap(err, "look for unknown products")
}

func unreadables(ctx context.Context, tx pgx.Tx, importID string) ([]arrival, error) {
	rows, err := postgres.All(ctx, tx, pgx.RowToStructByPos[arrival], `SELECT product_id, resource, id, unreadable, NULL::jsonb FROM arrivals
		WHERE import_id = $1 AND resource = 'product' AND unreadable IS NOT NULL ORDER BY id`, importID)
	return rows, wrap(err, "read what cannot be imported")
}

// Drop forgets what has arrived.
func (a *Arrivals) Drop(ctx context.Context, db postgres.Execer) error {
	_, err := db.Exec(ctx, `DELETE FROM arrivals WHERE import_id = $1`, a.ImportID)
	return wrap(err, "forget what an import read")
}
