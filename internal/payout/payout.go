package payout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
)

// Payout is what Stripe paid out of an account's balance.
type Payout struct {
	// ID is a UUIDv7.
	ID             string       `db:"id"`
	TenantID       string       `db:"tenant_id"`
	AccountID      string       `db:"account_id"`
	Mode           catalog.Mode `db:"mode"`
	StripePayoutID string       `db:"stripe_payout_id"`
	// Status is Stripe's: pending, in_transit, paid, failed or canceled; paid may yet fail.
	Status   string `db:"status"`
	Amount   int64  `db:"amount"`
	Currency string `db:"currency"`
	// Automatic ones alone can be explained.
	Automatic            bool   `db:"automatic"`
	ReconciliationStatus string `db:"reconciliation_status"`
	// ArrivalDate is a day, nil where Stripe knows none.
	ArrivalDate *time.Time `db:"arrival_date"`
	CreatedAt   time.Time  `db:"created_at"`
	// Fees are Stripe's for what it pays out.
	Fees int64 `db:"fees"`
	// Transactions is how many it pays out.
	Transactions int `db:"transactions"`
	// Residual is what no transaction explains: all of it until they have been read.
	Residual int64 `db:"residual"`
	// ReconciledAt is when they explained all of it, nil before.
	ReconciledAt *time.Time `db:"reconciled_at"`
	// ReadTo is the last of them that has been read, nil before and after.
	ReadTo *string `db:"read_to"`
}

// explainable tells that Stripe says which transactions it pays out.
func (p *Payout) explainable() bool {
	return p.Automatic && p.ReconciliationStatus == "completed"
}

// Transaction is one movement of an account's balance.
type Transaction struct {
	// ID is a UUIDv7.
	ID          string     `db:"id"`
	StripeID    string     `db:"stripe_id"`
	Type        string     `db:"type"`
	Category    string     `db:"category"`
	Gross       int64      `db:"amount"`
	Fee         int64      `db:"fee"`
	Net         int64      `db:"net"`
	Currency    string     `db:"currency"`
	AvailableOn *time.Time `db:"available_on"`
	// OrderID is that of the order whose money it is, nil where no order knows of it.
	OrderID *string `db:"order_id"`
}

// Stripe is one mode of a tenant's account. What it reads is nil where it doesn't exist.
type Stripe interface {
	Payout(ctx context.Context, id string) (*ledger.StripePayout, error)
	PayoutsCreated(ctx context.Context, from, to time.Time) ([]ledger.StripePayout, error)
	PayoutTransactions(ctx context.Context, payoutID, after string) (page []ledger.StripeTransaction, more bool, err error)
	TransactionsCreated(ctx context.Context, from, to time.Time, after string) (page []ledger.StripeTransaction, more bool, err error)
	WholeIntentsCreated(ctx context.Context, from, to time.Time) ([]ledger.Intent, error)
	RefundsCreated(ctx context.Context, from, to time.Time) ([]ledger.StripeRefund, error)
	DisputesCreated(ctx context.Context, from, to time.Time) ([]ledger.StripeDispute, error)
	Intent(ctx context.Context, id string) (*ledger.Intent, error)
	Refund(ctx context.Context, id string) (*ledger.StripeRefund, error)
	Dispute(ctx context.Context, id string) (*ledger.StripeDispute, error)
}

// Deps is what a Service needs.
type Deps struct {
	DB          *pgxpool.Pool
	Connections *connection.Service
	Inbox       *inbox.Service
	Orders      order.Comparisons
	Jobs        *river.Client[pgx.Tx]
	Log         *slog.Logger
	// Open gives access to the account behind a key; it asks Stripe nothing.
	Open func(mode catalog.Mode, accountID, key string) Stripe
	// TellMismatch tells those who run a tenant that Stripe and Golive differ.
	TellMismatch func(ctx context.Context, tx pgx.Tx, tenantID string) error
}

// Service holds the use cases.
type Service struct{ Deps }

// New returns a Service that is whole.
func New(deps Deps) *Service { return &Service{deps} }

// account is one mode of a tenant's Stripe account.
type account struct {
	TenantID  string
	AccountID string
	Mode      catalog.Mode
}

func (a account) live() bool { return a.Mode == catalog.Live }

func (a account) object(kind inbox.Kind, id string) inbox.Object {
	return inbox.Object{TenantID: a.TenantID, AccountID: a.AccountID, Mode: a.Mode, Kind: kind, ID: id}
}

func (s *Service) open(ctx context.Context, a account) (Stripe, error) {
	key, connected, err := s.Connections.StripeKey(ctx, s.DB, a.TenantID, a.Mode)
	if err != nil {
		return nil, err
	}
	if connected != a.AccountID {
		return nil, fault.New(fault.InvalidState, "Payments were made with the Stripe account %s, but %s is connected. Connect %s again first.",
			a.AccountID, connected, a.AccountID)
	}
	return s.Open(a.Mode, a.AccountID, key), nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func instant(seconds int64) *time.Time {
	if seconds == 0 {
		return nil
	}
	t := time.Unix(seconds, 0).UTC()
	return &t
}

// wrap says what a statement was for, unless the error is for a person already.
func wrap(err error, doing string) error {
	if err == nil || fault.As(err) != nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
