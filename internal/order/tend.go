package order

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// sweepLot bounds one sweep, so that no transaction gets long.
const sweepLot = 100

// Queue is the River queue of orders that somebody has to look at.
const Queue = "order"

// CheckArgs is the job that looks at one order. The row is the truth; the job only says
// that somebody should.
type CheckArgs struct {
	OrderID  string `json:"order_id"`
	TenantID string `json:"tenant_id"`
}

// Kind is the job's name in River.
func (CheckArgs) Kind() string { return "order_check" }

// InsertOpts tries once: the sweep makes a new job for an order that still is due.
func (CheckArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: 1}
}

// Sweep gives orders a job that somebody has to look at, and returns how many there were.
// Every worker does so every so often. One whose job dies comes round a minute later, and
// sooner where something is to be found out.
func (s *Service) Sweep(ctx context.Context) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		due, err := postgres.All(ctx, tx, pgx.RowToStructByPos[CheckArgs], `UPDATE orders SET looks = looks + 1,
				next_check_at = golive_now() + least(interval '1 minute', CASE WHEN `+waits+` THEN $2::interval * 2 ^ least(looks, 6) END)
			WHERE id IN (SELECT id FROM orders WHERE next_check_at <= golive_now() ORDER BY next_check_at LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING id::text, tenant_id::text`, sweepLot, knownWithin)
		n = len(due)
		if err != nil || n == 0 {
			return wrap(err, "look for orders that are due")
		}
		jobs := make([]river.InsertManyParams, n)
		for i, args := range due {
			jobs[i] = river.InsertManyParams{Args: args}
		}
		_, err = s.Jobs.InsertManyTx(ctx, tx, jobs)
		return wrap(err, "insert jobs")
	})
	return n, err
}

// Check looks at one order: calls of which nobody has heard are carried out again, payments
// that wait for something are read at Stripe, and deadlines are kept. It may be repeated.
func (s *Service) Check(ctx context.Context, args CheckArgs) error {
	ctx = postgres.For(ctx, args.TenantID)
	calls, err := unheardCalls(ctx, s.DB, args.OrderID)
	if err != nil {
		return err
	}
	var failed error
	for _, c := range calls {
		_, err := journal{s}.carryOut(ctx, c.ID)
		failed = errors.Join(failed, err)
	}
	failed = errors.Join(failed, s.lookAll(ctx, args.OrderID))
	var next planned
	_, err = s.hold(ctx, args.OrderID, func(ctx context.Context, tx pgx.Tx, h *held) error {
		next = planned{}
		if err := remind(ctx, tx, h, s.TellDispute); err != nil {
			return err
		}
		return h.keepDeadlines(ctx, tx, &next)
	})
	if err == nil && next.payment != "" {
		err = s.end(ctx, next)
	}
	return errors.Join(failed, wrap(err, fmt.Sprintf("check order %s", args.OrderID)))
}

// refundLate gives back what came too late and nobody has given back.
func (h *held) refundLate(ctx context.Context, tx pgx.Tx, next *planned) error {
	p, amount, err := h.toRefund(RefundInput{})
	if err != nil {
		return err
	}
	next.payment = p.ID
	if next.call, err = h.refunds(ctx, tx, p, amount, "", asked{}); err != nil {
		return err
	}
	return h.recordOutcome(ctx, tx, "order.refund_requested", map[string]any{"amount": amount, "currency": h.Currency, "refund": *next.call.RefundID})
}

// lookAll reads the payments of an order that may yet change.
func (s *Service) lookAll(ctx context.Context, orderID string) error {
	payments, err := paymentsOf(ctx, s.DB, []string{orderID})
	if err != nil {
		return err
	}
	unseen, err := unseenPayments(ctx, s.DB, orderID)
	for _, p := range payments {
		alone := &ledger.Order{Payments: []*ledger.Payment{p}}
		if p.Status.Live() || !alone.Quiet() || p.Captured > 0 && p.Fee == nil || slices.Contains(unseen, p.ID) {
			err = errors.Join(err, s.lookAt(ctx, p.ID))
		}
	}
	return err
}

// mustEnd tells that a payment is open which nobody is to pay: the order is paid or over, or
// it asks for other money than the order does. A debit on its way nobody can stop.
func (h *held) mustEnd() bool {
	live := h.Live()
	return live != nil && live.Status != ledger.PaymentProcessing && (!h.Status.Unpaid() || live.Mismatch && live.Status == ledger.PaymentOpen)
}

// keepDeadlines does what is due by time. An unpaid order ends by way of its payment, which
// must not be payable any more.
func (h *held) keepDeadlines(ctx context.Context, tx pgx.Tx, next *planned) error {
	in := h.now.Sub(h.StatusSince)
	switch {
	case h.mustEnd():
		return h.planEnd(ctx, tx, next)
	case h.Status.Unpaid() && h.Status != ledger.Authorized && h.Status != ledger.Processing && h.ExpiresAt != nil && !h.now.Before(*h.ExpiresAt):
		if h.Ending == "" {
			h.Ending = ledger.Expired
		}
		h.settle()
		if h.Status.Unpaid() {
			return h.planEnd(ctx, tx, next)
		}
	case h.Status.Unpaid() && h.Ending != "":
		h.settle()
		if live := h.Live(); live != nil && live.Status != ledger.PaymentProcessing {
			return h.planEnd(ctx, tx, next)
		}
	case h.LateAt != nil && h.now.Sub(*h.LateAt) >= ledger.LateTime:
		return h.refundLate(ctx, tx, next)
	case h.Status == ledger.Paid && in >= ledger.UnfulfilledTime && h.mayCancel() == "":
		h.become(ledger.Cancelled)
	case h.Status == ledger.Fulfilled && in >= ledger.ReturnTime && h.Quiet():
		h.become(ledger.Completed)
	}
	return nil
}
