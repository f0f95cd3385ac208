package inbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// Account is a Stripe account with which a tenant sells in a mode, or has sold.
type Account struct {
	TenantID, AccountID string
	Mode                catalog.Mode
}

// Accounts are those of all tenants, for whoever looks after all of them.
func Accounts(ctx context.Context, db postgres.Querier) ([]Account, error) {
	found, err := postgres.All(postgres.Across(ctx, postgres.Sweeps), db, func(row pgx.CollectableRow) (a Account, err error) {
		var livemode bool
		err = row.Scan(&a.TenantID, &a.AccountID, &livemode)
		a.Mode = modeOf(livemode)
		return a, err
	}, `SELECT tenant_id::text, account_id, livemode FROM payments_modules`)
	return found, wrap(err, "read the accounts of payments")
}
