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
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/seal"
)

// Stripe is one account in one mode, as the checks and the engine need it. Its
// errors are *catalog.Error or the context's.
type Stripe interface {
	engine.Gateway
	Balance(ctx context.Context) (catalog.Balance, error)
	Account(ctx context.Context) (catalog.Account, error)
	WebhookEndpoints(ctx context.Context) ([]catalog.WebhookEndpoint, error)
	// Price returns one price, nil where it is missing.
	Price(ctx context.Context, id string) (*catalog.Price, error)
	// PricesByLookupKeys returns the holders of keys, active or not.
	PricesByLookupKeys(ctx context.Context, keys []string) ([]catalog.Price, error)
}

// Service holds the use cases of deployments.
type Service struct {
	DB          *pgxpool.Pool
	Connections *connection.Service
	Products    *product.Service
	// Keys seal what links in mails carry.
	Keys *seal.Keys
	// Jobs inserts River jobs; whether it also works them is the process's affair.
	Jobs   *river.Client[pgx.Tx]
	Notify *postgres.Notifier
	Hub    *postgres.Hub
	// Open returns the account behind a key; it asks Stripe nothing.
	Open func(mode catalog.Mode, accountID, key string) Stripe
	Log  *slog.Logger
	// Mail sends what people are told; nil where mail is off. All processes of a
	// service agree on that, for who notes what is to be told may be another than
	// who sends it.
	Mail *mail.Sender
	// MailFrom is the sender of mails, "Golive <golive@example.com>".
	MailFrom string
	// PublicURL is where the links in mails lead, without a slash at the end.
	PublicURL string
	// Lease is how long a worker may act without a sign of life.
	Lease time.Duration
	// Backoff bounds the waiting for a Stripe that cannot answer now. Its budget holds
	// for the read of one object, too.
	Backoff engine.Backoff
	// Outages says how long a deployment outlasts a Stripe that is down.
	Outages Outages

	leases     leases
	feeds      feeds
	mailCounts mailCounts
	// keepMailEvery is how often a sender prolongs its claim; tests do not wait for
	// a quarter of it, which 0 is.
	keepMailEvery time.Duration
}

// Outages bounds the waiting of parked deployments.
type Outages struct {
	// Retry is how long one parks before Stripe is tried again.
	Retry time.Duration
	// Budget is how long it is tried before it turns back. Time in which nobody
	// tried does not count.
	Budget time.Duration
}

// What production runs with. A takeover is due within eleven seconds of a death;
// one object is tried for ten minutes, a Stripe that is down for an hour.
var (
	DefaultLease   = 10 * time.Second
	DefaultBackoff = engine.Backoff{
		First: 500 * time.Millisecond, Most: 15 * time.Second, Budget: 10 * time.Minute, Patience: 20 * time.Second,
	}
	DefaultOutages = Outages{Retry: 15 * time.Second, Budget: time.Hour}
)
