package deployment

import (
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// Deps are what a Service needs.
type Deps struct {
	DB          *pgxpool.Pool
	Connections *connection.Service
	Products    *product.Service
	// Jobs inserts River jobs; whether it also works them is the process's affair.
	Jobs   *river.Client[pgx.Tx]
	Notify *postgres.Notifier
	// Open returns the account behind a key; it asks Stripe nothing.
	Open func(mode catalog.Mode, accountID, key string) evidence.Stripe
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
	fillers fair.Crew
}

// New returns a Service that is whole.
func New(deps Deps) *Service { return &Service{Deps: deps} }
