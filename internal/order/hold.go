package order

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// held is an order in the hands of one transaction: what is changed of it in memory is
// written back, told and followed up at once.
type held struct {
	*Order
	was   *Order
	actor string
	now   time.Time // golive_now()
	// clock is the real time, which is Stripe's.
	clock time.Time
	// unheard are calls of which nobody knows how they ended; the oldest began then.
	unheard      int
	unheardSince time.Time
	// unseen are calls that have ended, and whose effect nobody has read since.
	unseen int
	way    []ledger.OrderStatus
	told   []string
	calls  []*call
	// by is what who asks for a payment named it.
	by asked
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// hold locks an order, lets change do so in memory, and writes it back.
func (s *Service) hold(ctx context.Context, orderID string, change func(ctx context.Context, tx pgx.Tx, h *held) error) (*Order, error) {
	var h *held
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		if h, err = s.take(ctx, tx, orderID); err != nil {
			return err
		}
		if err := change(ctx, tx, h); err != nil {
			return err
		}
		return s.write(ctx, tx, h)
	})
	if err != nil {
		return nil, err
	}
	s.Observe.written(ctx, h)
	if h.EventCount > h.was.EventCount || h.Version > h.was.Version {
		s.Notify.Ring(Topic(h.ID), TenantTopic(h.TenantID, h.Mode))
	}
	return h.Order, nil
}

func (s *Service) take(ctx context.Context, tx pgx.Tx, orderID string) (*held, error) {
	o, err := lock(ctx, tx, orderID)
	if err != nil {
		return nil, err
	}
	h := &held{Order: o, was: copied(o), actor: actorOf(ctx)}
	err = tx.QueryRow(ctx, `SELECT golive_now(), now(), count(*) FILTER (WHERE c.state = 'SENT'), coalesce(min(c.begun_at) FILTER (WHERE c.state = 'SENT'), now()),
		count(*) FILTER (WHERE `+isUnseen+`) FROM stripe_calls c JOIN payments p ON p.id = c.payment_id WHERE c.order_id = $1`, orderID).
		Scan(&h.now, &h.clock, &h.unheard, &h.unheardSince, &h.unseen)
	return h, wrap(err, "read the time")
}

// settle follows up what was changed of payments.
func (h *held) settle() { h.went(ledger.Settle(&h.Order.Order)) }

// forgetReason takes back why an order was to be cancelled that was paid before it could be.
func (h *held) forgetReason() {
	if h.Ending == "" && h.was.Ending == ledger.Cancelled && h.Status != ledger.Cancelled {
		h.CancelReason = nil
	}
}

func (h *held) went(way []ledger.OrderStatus) { h.way = append(h.way, way...) }

func (h *held) become(s ledger.OrderStatus) {
	h.Status = s
	h.went([]ledger.OrderStatus{s})
}

func (h *held) tell(message string) { h.told = append(h.told, message) }

// actorOf is who acts: a person, a token, or Golive by itself.
func actorOf(ctx context.Context) string {
	if actor, err := tenant.ActorFrom(ctx); err == nil {
		return actor.Email
	}
	return "golive"
}

// copied is an order with payments, refunds and disputes of its own.
func copied(o *Order) *Order {
	c := *o
	c.Payments = slices.Clone(o.Payments)
	for i, p := range o.Payments {
		own := *p
		own.Refunds, own.Disputes = each(p.Refunds), each(p.Disputes)
		c.Payments[i] = &own
	}
	return &c
}

// each are copies of all.
func each[T any](all []*T) []*T {
	own := slices.Clone(all)
	for i, x := range all {
		c := *x
		own[i] = &c
	}
	return own
}
