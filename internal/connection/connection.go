package connection

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

// Connection is a tenant's access to one mode of a Stripe account. The key
// itself is not in it.
type Connection struct {
	Mode        catalog.Mode `db:"mode"`
	AccountID   string       `db:"account_id"`
	KeyHint     string       `db:"key_hint"`
	ConnectedAt time.Time    `db:"connected_at"`
	// AccountName is what Stripe calls the account, nil where that is not known.
	AccountName *string `db:"account_name"`
	// PublishableKey is for browsers, nil where nobody gave one.
	PublishableKey *string `db:"publishable_key"`
	// Problem is why the key cannot be used, since ProblemAt, as far as Stripe has said;
	// nil both where there is none.
	Problem   *string    `db:"problem"`
	ProblemAt *time.Time `db:"problem_at"`
}

// Proof is what Stripe says of a secret key.
type Proof struct {
	Account  catalog.Account
	Livemode bool
}

// Deps are what the use cases need, all of it.
type Deps struct {
	DB   *pgxpool.Pool
	Keys *seal.Keys
	// Prove asks Stripe for the mode (GET /v1/balance) and the account (GET
	// /v1/account) of key. What Stripe refused is a *catalog.Error.
	Prove func(ctx context.Context, key string) (Proof, error)
	// NeededAccount returns an account other than the given one that what went live
	// or is on its way relies on in that mode, "" for none. It looks at what relies
	// rather than at what is connected, so that disconnecting first is no way around.
	NeededAccount func(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode, accountID string) (string, error)
	// Unfinished tells whether a deployment of the tenant has not ended.
	Unfinished func(ctx context.Context, tx pgx.Tx, tenantID string) (bool, error)
	// Connected is told of each key that is connected, in the transaction that does so:
	// what paused for want of a good one goes on.
	Connected func(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode, accountID string) error
	// Paying returns an account in which money of the tenant's orders in that mode is on
	// its way, "" for none: without its key nobody could find out what becomes of that.
	Paying func(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode) (string, error)
}

// Service holds the use cases.
type Service struct {
	deps Deps
}

// New returns the use cases. It panics where something of deps is missing: a
// guard that nobody wired would let every account through.
func New(deps Deps) *Service {
	if deps.DB == nil || deps.Keys == nil || deps.Prove == nil || deps.NeededAccount == nil || deps.Unfinished == nil || deps.Connected == nil || deps.Paying == nil {
		panic("connection.New: all of Deps is required")
	}
	return &Service{deps: deps}
}

// List returns a tenant's connections, test before live. Any member may see them.
func (s *Service) List(ctx context.Context, tenantID string) ([]Connection, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	return connections(ctx, s.deps.DB, tenantID)
}

// In returns a tenant's connection in one mode, nil where there is none.
func (s *Service) In(ctx context.Context, tenantID string, mode catalog.Mode) (*Connection, error) {
	all, err := s.List(ctx, tenantID)
	for i := range all {
		if all[i].Mode == mode {
			return &all[i], nil
		}
	}
	return nil, err
}
