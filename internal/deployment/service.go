package deployment

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// Stripe is one account in one mode, as the checks and the engine need it. Its
// errors are *catalog.Error or the context's.
type Stripe interface {
	engine.Gateway
	Balance(ctx context.Context) (catalog.Balance, error)
	Account(ctx context.Context) (catalog.Account, error)
	WebhookEndpoints(ctx context.Context) ([]catalog.WebhookEndpoint, error)
	// PricesByLookupKeys returns the holders of keys, active or not.
	PricesByLookupKeys(ctx context.Context, keys []string) ([]catalog.Price, error)
}

// Deps are what a Service needs.
type Deps struct {
	DB          *pgxpool.Pool
	Connections *connection.Service
	Products    *product.Service
	// Jobs inserts River jobs; whether it also works them is the process's affair.
	Jobs   *river.Client[pgx.Tx]
	Notify *postgres.Notifier
	// Open returns the account behind a key; it asks Stripe nothing.
	Open func(mode catalog.Mode, accountID, key string) Stripe
	Log  *slog.Logger
	// Observe hears what this process did.
	Observe Observer
	// SweepTime bounds one lot of a sweep.
	SweepTime time.Duration
}

// Service holds the use cases of deployments.
type Service struct {
	Deps
	lookout fair.Lookout
}

// New returns a Service that is whole.
func New(deps Deps) *Service { return &Service{Deps: deps} }
