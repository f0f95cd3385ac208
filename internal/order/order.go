package order

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// Order is an order as people see it.
type Order struct {
	// ID is a UUIDv7.
	ID        string `db:"id"`
	TenantID  string `db:"tenant_id"`
	AccountID string `db:"account_id"`
	// Seq counts the tenant's orders of the mode, from 1.
	Seq int64 `db:"number"`
	// Reference is the host's own number, nil where it gave none.
	Reference *string `db:"reference"`
	// Customer is the host's id of who buys.
	Customer string `db:"customer"`
	ledger.Order
	StatusSince  time.Time  `db:"status_since"`
	Version      int        `db:"version"`
	CancelReason *string    `db:"cancel_reason"`
	CreatedBy    string     `db:"created_by"`
	CreatedAt    time.Time  `db:"created_at"`
	ChangedAt    time.Time  `db:"changed_at"`
	ExpiresAt    *time.Time `db:"expires_at"`
	FulfilledAt  *time.Time `db:"fulfilled_at"`
	CompletedAt  *time.Time `db:"completed_at"`
	// LateAt is since when it has money that came too late, nil where it has none.
	LateAt *time.Time `db:"late_at"`
	// EventCount is the sequence of its newest event.
	EventCount  int        `db:"events"`
	NextCheckAt *time.Time `db:"next_check_at"`
	Looks       int        `db:"looks"`
}

// Number is how people call it.
func (o *Order) Number() string { return fmt.Sprintf("%06d", o.Seq) }

// Line is one thing that was bought.
type Line struct {
	OrderID string `db:"order_id"`
	Index   int    `db:"index"`
	Name    string `db:"name"`
	// PriceID is what is charged; TestPriceID the test price that it went live from, or itself.
	PriceID     string          `db:"price_id"`
	TestPriceID string          `db:"test_price_id"`
	LookupKey   *string         `db:"lookup_key"`
	Quantity    int             `db:"quantity"`
	UnitAmount  catalog.Decimal `db:"unit_amount_decimal"`
	Amount      int64           `db:"amount"`
	Currency    string          `db:"currency"`
}

// Event is one entry of an order's gap-free history.
type Event struct {
	OrderID string `db:"order_id"`
	// Sequence counts from 1.
	Sequence int                `db:"sequence"`
	At       time.Time          `db:"at"`
	Status   ledger.OrderStatus `db:"status"`
	Message  string             `db:"message"`
	Actor    string             `db:"actor"`
}

// Stripe is one mode of a tenant's account.
type Stripe interface {
	// Send performs one write, once.
	Send(ctx context.Context, w catalog.Write) (catalog.Written, error)
	// What follows reads; nil is for what does not exist.
	Session(ctx context.Context, id string) (*ledger.Session, error)
	Intent(ctx context.Context, id string) (*ledger.Intent, error)
	Charge(ctx context.Context, id string) (*ledger.Charge, error)
	Refund(ctx context.Context, id string) (*ledger.StripeRefund, error)
	Dispute(ctx context.Context, id string) (*ledger.StripeDispute, error)
	RefundsOf(ctx context.Context, intentID string) ([]ledger.StripeRefund, error)
	DisputesOf(ctx context.Context, intentID string) ([]ledger.StripeDispute, error)
	SessionsCreated(ctx context.Context, from, to time.Time) ([]ledger.Session, error)
	IntentsCreated(ctx context.Context, from, to time.Time) ([]ledger.Intent, error)
}

// Deps is what a Service needs.
type Deps struct {
	DB          *pgxpool.Pool
	Connections *connection.Service
	Keys        *seal.Keys
	Jobs        *river.Client[pgx.Tx]
	Notify      *postgres.Notifier
	Log         *slog.Logger
	// Open gives access to the account behind a key; it asks Stripe nothing.
	Open func(mode catalog.Mode, accountID, key string) Stripe
	// TellDispute tells those who run a tenant of a dispute that waits for an answer.
	TellDispute func(ctx context.Context, tx pgx.Tx, tenantID, disputeID string) error
	// TellCustomer sends the receipt of an order, or of a refund of it; refundID is "" for none.
	TellCustomer func(ctx context.Context, tx pgx.Tx, tenantID, orderID, refundID string) error
	// PublicURL is where Golive is, without a slash at the end.
	PublicURL string
	Observe   Observer
}

// Service holds the use cases.
type Service struct{ Deps }

// New returns a Service that is whole.
func New(deps Deps) *Service { return &Service{deps} }

// Topic rings when an order has changed, TenantTopic when one of a tenant and mode has.
func Topic(orderID string) string { return "order/" + orderID }

// TenantTopic is for those who watch all orders of a tenant in a mode.
func TenantTopic(tenantID string, mode catalog.Mode) string {
	return "orders/" + tenantID + "/" + string(mode)
}

// account is the Stripe account that an order is of.
func (s *Service) account(ctx context.Context, tenantID, accountID string, mode catalog.Mode) (Stripe, error) {
	key, connected, err := s.Connections.StripeKey(ctx, s.DB, tenantID, mode)
	if err != nil {
		return nil, err
	}
	if connected != accountID {
		return nil, errOtherAccount(accountID, connected)
	}
	return s.Open(mode, accountID, key), nil
}
