package deployment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/product"
)

// So many schedules may wait, for their time or, on hold, for a person.
const (
	mostPerProduct = 50
	mostPerTenant  = 5000
)

// mayScheduleMore refuses a schedule too many. Of one tenant, one transaction at a time
// comes past it, so that no two of them count the same last one.
func mayScheduleMore(ctx context.Context, tx pgx.Tx, p *product.Product) error {
	var ofProduct, ofTenant int
	var both pgx.Batch
	both.Queue(`SELECT pg_advisory_xact_lock(hashtextextended('schedules of ' || $1, 0))`, p.TenantID)
	both.Queue(`SELECT count(*) FILTER (WHERE product_id = $2), count(*) FROM deployments WHERE tenant_id = $1 AND status = 'SCHEDULED'`, p.TenantID, p.ID).
		QueryRow(func(row pgx.Row) error { return row.Scan(&ofProduct, &ofTenant) })
	if err := tx.SendBatch(ctx, &both).Close(); err != nil {
		return fmt.Errorf("count schedules: %w", err)
	}
	if ofProduct >= mostPerProduct {
		return fault.New(fault.LimitReached, "This product already has %d scheduled go-lives, including those on hold. Cancel one that's no longer needed.", ofProduct)
	}
	if ofTenant >= mostPerTenant {
		return fault.New(fault.LimitReached, "This tenant already has %d scheduled go-lives, including those on hold. Cancel some that are no longer needed.", ofTenant)
	}
	return nil
}
