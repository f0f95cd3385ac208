package product

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// NeededAccount returns an account other than the given one that products of the
// tenant rely on in that mode, "" for none: by having gone live, or in test by being
// underway. underway are the ids of products with a deployment that has not ended.
// Links know no test account; the imported product does.
func NeededAccount(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode, accountID string, underway []string) (string, error) {
	sql, args := `SELECT live_account_id FROM links WHERE tenant_id = $1 AND live_account_id <> $2
		UNION ALL
		SELECT live_account_id FROM products WHERE tenant_id = $1 AND live_account_id <> $2
		LIMIT 1`, []any{tenantID, accountID}
	if mode == catalog.Test {
		sql = `SELECT p.test_account_id FROM products p WHERE p.tenant_id = $1 AND p.test_account_id <> $2 AND (
			p.live_account_id IS NOT NULL
			OR EXISTS (SELECT FROM links l WHERE l.tenant_id = $1 AND l.test_product_id = p.stripe_product_id)
			OR p.id = ANY($3::uuid[]))
		LIMIT 1`
		args = append(args, notNil(underway))
	}
	account, err := postgres.One(ctx, tx, pgx.RowTo[string], nil, sql, args...)
	return account, wrap(err, "look for the account in use")
}
