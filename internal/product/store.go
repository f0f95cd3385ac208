package product

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// status derives a product's LiveStatus. What another tenant of the account has taken over is
// live, but not the tenant's. Its own link is gone then: that one's can't be seen from here.
// OFFSET keeps Postgres from reading the links of all tenants at once, to look them up itself.
const status = `CASE
	WHEN p.live_product_id IS NULL OR EXISTS (SELECT FROM links_taken t WHERE t.tenant_id = p.tenant_id AND t.live_account_id = p.live_account_id
			AND t.resource = 'product' AND t.live_id = p.live_product_id OFFSET 0)
		AND NOT EXISTS (SELECT FROM links own WHERE own.tenant_id = p.tenant_id AND own.live_account_id = p.live_account_id
			AND own.resource = 'product' AND own.live_id = p.live_product_id OFFSET 0) THEN 'NOT_LIVE'
	WHEN p.drifted_at IS NOT NULL THEN 'DRIFTED'
	WHEN p.gone_at IS NOT NULL OR p.digest IS DISTINCT FROM p.deployed_digest THEN 'CHANGED'
	ELSE 'LIVE' END`

// selectProduct reads rows whole; selectBrief leaves the snapshots of lists out, which are
// large and asked for by themselves, see ContentsOf.
const (
	selectProduct = `SELECT ` + selected
	selectBrief   = `SELECT ` + brief + `, NULL::jsonb AS snapshot FROM products p `
	selected      = brief + `, p.snapshot FROM products p `
	brief         = `p.id, p.tenant_id, p.test_account_id, p.stripe_product_id, p.name, ` + status + ` AS live_status,
	p.live_account_id, p.live_product_id, p.imported_at, p.gone_at, p.drifted_at, p.digest`
)

var toProduct = pgx.RowToAddrOfStructByName[Product]

func get(ctx context.Context, db postgres.Querier, id string, tenantIDs []string) (*Product, error) {
	p, err := postgres.One(ctx, db, toProduct, errNotFound(), selectProduct+`WHERE p.id = $1 AND p.tenant_id = ANY($2::uuid[])`, id, tenantIDs)
	return p, orNotFound(err, "get product")
}

func load(ctx context.Context, db postgres.Querier, id string) (*Product, error) {
	p, err := postgres.One(ctx, db, toProduct, errNotFound(), selectProduct+`WHERE p.id = $1`, id)
	return p, orNotFound(err, "load product")
}

func getMany(ctx context.Context, db postgres.Querier, ids, tenantIDs []string) ([]*Product, error) {
	found, err := postgres.All(ctx, db, toProduct, selectBrief+`WHERE p.id = ANY($1::uuid[]) AND p.tenant_id = ANY($2::uuid[])`, ids, tenantIDs)
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

// position is where a product stands in a list: by its rank first, where the order has one.
type position struct {
	Rank string `db:"rank"`
	Name string `db:"name"`
	ID   string `db:"id"`
}

func positionOf(ctx context.Context, db postgres.Querier, f Filter, rank string) (position, error) {
	absent := fault.New(fault.InvalidInput, "after must be the endCursor of a previous page for the same tenant.").At("after")
	join, number := ranked(rank)
	at, err := postgres.One(ctx, db, pgx.RowToStructByName[position], absent,
		`SELECT (`+number+`)::text AS rank, name, id FROM products p `+join+`WHERE p.tenant_id = $1 AND p.id = $2`, f.TenantID, *f.After)
	if postgres.IsBadID(err) {
		return at, absent
	}
	return at, wrap(err, "find cursor")
}

// ranked joins products p with their ranks, which a query tells of those that have one, and
// says what each one's is: the others come last.
func ranked(rank string) (join, number string) {
	if rank == "" {
		return "", "0"
	}
	return `LEFT JOIN (` + rank + `) ranks ON ranks.product_id = p.id `, `coalesce(ranks.rank, 'Infinity'::numeric)`
}

// where is SQL of the products that f is for, and its arguments. It says no more than f does,
// because a statement with a condition that may be off is planned anew each time.
func (f Filter) where() (sql string, args []any) {
	sql, args = `WHERE p.tenant_id = $1 `, []any{f.TenantID}
	if len(f.LiveStatus) > 0 {
		args = append(args, f.LiveStatus)
		sql += `AND ` + status + fmt.Sprintf(` = ANY($%d::text[]) `, len(args))
	}
	if pattern := f.pattern(); pattern != "" {
		args = append(args, pattern)
		sql += fmt.Sprintf(`AND (p.name ILIKE $%[1]d OR p.stripe_product_id ILIKE $%[1]d OR p.live_product_id ILIKE $%[1]d OR p.id::text ILIKE $%[1]d) `, len(args))
	}
	return sql, args
}

var literally = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (f Filter) pattern() string {
	if f.Search == nil || strings.TrimSpace(*f.Search) == "" {
		return ""
	}
	return "%" + literally.Replace(strings.TrimSpace(*f.Search)) + "%"
}

// find sorts by rank, as ranked has it, "" for by name alone, which has an index.
func find(ctx context.Context, db postgres.Querier, f Filter, rank string, after *position, limit int) ([]*Product, error) {
	where, args := f.where()
	join, number := ranked(rank)
	order, n := `p.name, p.id`, len(args)
	if after != nil && rank == "" {
		where += fmt.Sprintf(`AND (p.name, p.id) > ($%d, $%d) `, n+1, n+2)
		args = append(args, after.Name, after.ID)
	} else if after != nil {
		where += `AND (` + number + fmt.Sprintf(`, p.name, p.id) > ($%d::numeric, $%d, $%d) `, n+1, n+2, n+3)
		args = append(args, after.Rank, after.Name, after.ID)
	}
	if rank != "" {
		order = number + `, ` + order
	}
	found, err := postgres.All(ctx, db, toProduct, selectBrief+join+where+fmt.Sprintf(`ORDER BY %s LIMIT %d`, order, limit), args...)
	return found, wrap(err, "list products")
}

func count(ctx context.Context, db postgres.Querier, f Filter) (int, error) {
	where, args := f.where()
	n, err := postgres.One(ctx, db, pgx.RowTo[int], nil, `SELECT count(*) FROM products p `+where, args...)
	return n, wrap(err, "count products")
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
