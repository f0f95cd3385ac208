package tenant

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/seal"
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

// Connection is a tenant's access to one mode of a Stripe account. The key
// itself is not in it.
type Connection struct {
	Mode        catalog.Mode `db:"mode"`
	AccountID   string       `db:"account_id"`
	KeyHint     string       `db:"key_hint"`
	ConnectedAt time.Time    `db:"connected_at"`
}

// Proof is what Stripe says of a secret key.
type Proof struct {
	Account  catalog.Account
	Livemode bool
}

// Service holds the use cases. Keys and Prove are needed only by those that
// touch Stripe keys.
type Service struct {
	DB   *pgxpool.Pool
	Keys *seal.Keys
	// Prove asks Stripe for the mode (GET /v1/balance) and the account (GET
	// /v1/account) of key. What Stripe refused is a *catalog.Error.
	Prove func(ctx context.Context, key string) (Proof, error)
}

// Connections returns a tenant's connections, test before live. Any member may
// see them.
func (s *Service) Connections(ctx context.Context, tenantID string) ([]Connection, error) {
	if err := Require(ctx, tenantID, RoleViewer); err != nil {
		return nil, err
	}
	return connections(ctx, s.DB, tenantID)
}

// AuditLog returns a part of a tenant's audit log, as audit.List does. Any
// member may read it.
func (s *Service) AuditLog(ctx context.Context, tenantID string, first int, after string) (audit.Page, error) {
	if err := Require(ctx, tenantID, RoleViewer); err != nil {
		return audit.Page{}, err
	}
	return audit.List(ctx, s.DB, tenantID, first, after)
}
