package tenant

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
)

// Tenant is one customer of the platform: whoever owns products.
type Tenant struct {
	// ID is a UUIDv7.
	ID string `db:"id"`
	// Slug is the short name in addresses and commands, unique for ever.
	Slug string `db:"slug"`
	Name string `db:"name"`
	// TimeZone is an IANA name, the zone that its people think in.
	TimeZone string `db:"time_zone"`
}

// Membership is what one actor may do in one tenant.
type Membership struct {
	Tenant Tenant
	Role   Role
}

// Service holds the use cases.
type Service struct {
	DB *pgxpool.Pool
	// Door is for finding out who is calling, which must not wait for what others do.
	Door *pgxpool.Pool
}

// RecordEverywhere writes e into the log of every tenant, for what concerns them all.
func RecordEverywhere(ctx context.Context, tx pgx.Tx, e audit.Entry) error {
	ids, err := tenantIDs(ctx, tx)
	if err != nil {
		return err
	}
	return audit.RecordEach(ctx, tx, ids, e)
}

// AuditLog returns a part of a tenant's audit log, as audit.List does. Any member may
// read it, but only an admin what it says of other people's addresses.
func (s *Service) AuditLog(ctx context.Context, f audit.Filter, first int, after string) (audit.Page, error) {
	if err := Require(ctx, f.TenantID, RoleViewer); err != nil {
		return audit.Page{}, err
	}
	page, err := audit.List(ctx, s.DB, f, first, after)
	if err == nil && Require(ctx, f.TenantID, RoleAdmin) != nil {
		actor, _ := ActorFrom(ctx)
		audit.Veil(page.Entries, actor.Email)
	}
	return page, err
}
