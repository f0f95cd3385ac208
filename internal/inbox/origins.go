package inbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// Origins are where a tenant's customers may be sent after they have paid in a mode.
func Origins(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode) ([]string, error) {
	origins, err := postgres.One(ctx, tx, pgx.RowTo[[]string], nil, `SELECT origins FROM payments_modules WHERE tenant_id = $1 AND livemode = $2`,
		tenantID, live(mode))
	return origins, wrap(err, "read origins")
}
