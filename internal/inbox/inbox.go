package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// Kind is the kind of a Stripe object that events are about, as Stripe calls it.
type Kind string

// The kinds.
const (
	Session Kind = "checkout.session"
	Intent  Kind = "payment_intent"
	Charge  Kind = "charge"
	Refund  Kind = "refund"
	Dispute Kind = "dispute"
	Payout  Kind = "payout"
)

// Object is one Stripe object whose events are doorbells.
type Object struct {
	TenantID  string
	AccountID string
	Mode      catalog.Mode
	Kind      Kind
	// ID is Stripe's.
	ID string
}

func (o Object) String() string { return string(o.Kind) + " " + o.ID }

// Verdict is what came of reading an object again.
type Verdict string

const (
	// Applied tells that what was read is now what Golive knows.
	Applied Verdict = "APPLIED"
	// Ignored tells that the object is ours and says nothing that matters.
	Ignored Verdict = "IGNORED"
	// Foreign tells that the object is of somebody else's making.
	Foreign Verdict = "FOREIGN"
	// Waiting tells that it is stamped as ours, but there is no row of ours yet. It is read
	// again for an hour.
	Waiting Verdict = "WAITING"
)

// Settle tells whether a read is still the newest. It has to be called in the transaction
// that applies the read; where it isn't, nothing may be applied.
type Settle func(ctx context.Context, tx pgx.Tx) (newest bool, err error)

// Refresh reads an object from Stripe, outside of any transaction, and applies the difference
// in a transaction that calls settle.
type Refresh func(ctx context.Context, o Object, settle Settle) (Verdict, error)

// Whole returns the object whose read tells all of a payment that part, an intent or a charge,
// is stamped as a piece of; or part itself where there is no such payment, or nobody knows
// that object yet.
type Whole func(ctx context.Context, db postgres.Querier, part Object, paymentID string) (Object, error)

// Stripe is one mode of an account.
type Stripe interface {
	// Endpoints reads all webhook endpoints, enabled or not.
	Endpoints(ctx context.Context) ([]Endpoint, error)
	// Endpoint reads one of them, nil where there is none with that id.
	Endpoint(ctx context.Context, id string) (*Endpoint, error)
	// DeleteEndpoint deletes one; one that is gone is no error.
	DeleteEndpoint(ctx context.Context, id string) error
	// Send performs one write, once.
	Send(ctx context.Context, w catalog.Write) (catalog.Written, error)
	// Events reads one page of the events created at or after a time, newest first: the one
	// after the event with that id, or the first for "".
	Events(ctx context.Context, since time.Time, after string) (events [][]byte, more bool, err error)
	// Undelivered reads those of them that some endpoint of the account has not got.
	Undelivered(ctx context.Context, since time.Time, after string) (events [][]byte, more bool, err error)
}

// Observer hears what becomes of events, for metrics. What is nil hears nothing.
type Observer struct {
	// Applied is told how old an event was when its object had been read and applied.
	Applied func(mode catalog.Mode, age time.Duration)
	// Backfilled is told of an event that no webhook had brought.
	Backfilled func(mode catalog.Mode)
}

// Deps is what a Service needs.
type Deps struct {
	DB          *pgxpool.Pool
	Connections *connection.Service
	Keys        *seal.Keys
	Jobs        *river.Client[pgx.Tx]
	Lifeline    *postgres.Lifeline
	Log         *slog.Logger
	// Open gives access to the account behind a key.
	Open func(mode catalog.Mode, accountID, key string) Stripe
	// Refresh and Whole are whoever owns payments.
	Refresh Refresh
	Whole   Whole
	// TellTrouble tells a tenant's admins that events of a mode do not come, in the
	// transaction that notes it.
	TellTrouble func(ctx context.Context, tx pgx.Tx, tenantID string) error
	// PublicURL is where Stripe reaches Golive, and StripeBase where Golive reaches Stripe,
	// both without a slash at the end.
	PublicURL, StripeBase string
	Observe               Observer
}

// Service holds the use cases.
type Service struct{ Deps }

// New returns a Service.
func New(deps Deps) *Service { return &Service{Deps: deps} }

// live is how the tables say a mode.
func live(mode catalog.Mode) bool { return mode == catalog.Live }

func modeOf(livemode bool) catalog.Mode {
	if livemode {
		return catalog.Live
	}
	return catalog.Test
}

// stripe is the tenant's account in a mode, as long as it is still the one connected.
func (s *Service) stripe(ctx context.Context, tenantID string, mode catalog.Mode, accountID string) (Stripe, error) {
	key, connected, err := s.Connections.StripeKey(ctx, s.DB, tenantID, mode)
	if err != nil {
		return nil, err
	}
	if connected != accountID {
		return nil, fault.New(fault.InvalidState, "Stripe account %s is no longer connected. %s is.", accountID, connected)
	}
	return s.Open(mode, accountID, key), nil
}

// wrap says what a statement was for, unless the error is for a person already.
func wrap(err error, doing string) error {
	if err == nil || errors.Is(err, errOlder) || fault.As(err) != nil {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
