package deployment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// NeededAccount returns an account other than the given one that what went live or
// is on its way relies on in that mode, "" for none: what connecting another account
// has to know.
//
// Deployments are asked before links: one that ends between the two statements has
// left its links by then, and new ones cannot lock an account that is being changed.
func NeededAccount(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode, accountID string) (string, error) {
	underway, err := unfinished(ctx, tx, tenantID)
	if err != nil {
		return "", err
	}
	products := make([]string, len(underway))
	for i, u := range underway {
		products[i] = u.ProductID
	}
	needed, err := product.NeededAccount(ctx, tx, tenantID, mode, accountID, products)
	if err != nil || needed != "" || mode == catalog.Test {
		return needed, err
	}
	for _, u := range underway {
		if u.LiveAccountID != accountID {
			return u.LiveAccountID, nil
		}
	}
	return "", nil
}

// Unfinished tells whether a deployment of the tenant has not ended.
func Unfinished(ctx context.Context, tx pgx.Tx, tenantID string) (bool, error) {
	found, err := postgres.One(ctx, tx, pgx.RowTo[bool], nil,
		`SELECT EXISTS (SELECT FROM deployments WHERE tenant_id = $1 AND finished_at IS NULL)`, tenantID)
	if err != nil {
		return false, fmt.Errorf("look for unfinished deployments: %w", err)
	}
	return found, nil
}

// underway is what unfinished deployments are of, and into which account.
type underway struct {
	ProductID     string `db:"product_id"`
	LiveAccountID string `db:"live_account_id"`
}

func unfinished(ctx context.Context, tx pgx.Tx, tenantID string) ([]underway, error) {
	found, err := postgres.All(ctx, tx, pgx.RowToStructByName[underway],
		`SELECT DISTINCT product_id::text, live_account_id FROM deployments WHERE tenant_id = $1 AND finished_at IS NULL`, tenantID)
	if err != nil {
		return nil, fmt.Errorf("look for accounts of unfinished deployments: %w", err)
	}
	return found, nil
}
