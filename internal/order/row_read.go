package order

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

const mode = `CASE WHEN o.livemode THEN 'LIVE' ELSE 'TEST' END AS mode`

const columns = `o.id, o.tenant_id, o.account_id, ` + mode + `, o.number, o.reference, o.customer, o.status, o.status_since, o.currency,
	o.capture_method, o.subtotal, o.tax, o.total, o.due, o.authorized, o.captured, o.refunded, o.disputed, o.attention, o.ending,
	o.cancel_reason, o.version, o.created_by, o.created_at, o.changed_at, o.expires_at, o.paid_at, o.fulfilled_at, o.completed_at, o.late_at,
	o.events, o.next_check_at, o.looks`

const selectOrder = `SELECT ` + columns + ` FROM orders o `

const selectPayments = `SELECT id, order_id, attempt, status, flow, capture_method, amount, currency, session_id, session_url, intent_id, charge_id,
	method, brand, last4, failure_code, decline_code, failure_message, authorized, captured, fee, fee_currency, mismatch, unreconciled,
	capture_before, expires_at, created_at FROM payments WHERE order_id = ANY($1::uuid[]) ORDER BY order_id, attempt`

const selectRefunds = `SELECT id, payment_id, status, amount, currency, reason, source, stripe_refund_id, failure_reason, requested_by, created_at
	FROM refunds WHERE order_id = ANY($1::uuid[]) ORDER BY order_id, created_at, id`

const selectDisputes = `SELECT id, order_id, payment_id, status, amount, currency, reason, stripe_dispute_id, due_by, submissions, submitted_at, reminded, created_at
	FROM disputes WHERE order_id = ANY($1::uuid[]) ORDER BY order_id, created_at, id`

func errNotFound() error {
	return fault.New(fault.NotFound, "There's no order with this ID.")
}

func byID(ctx context.Context, db postgres.Querier, id string, tenantIDs []string) (*Order, error) {
	o, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[Order], errNotFound(), selectOrder+`WHERE o.id = $1 AND o.tenant_id = ANY($2::uuid[])`, id, tenantIDs)
	if postgres.IsBadID(err) {
		return nil, errNotFound()
	}
	return o, wrap(err, "read order")
}

// lock returns an order, and keeps everybody else from changing it until tx ends.
func lock(ctx context.Context, tx pgx.Tx, id string) (*Order, error) {
	o, err := postgres.One(ctx, tx, pgx.RowToAddrOfStructByName[Order], errNotFound(), selectOrder+`WHERE o.id = $1 FOR NO KEY UPDATE`, id)
	if err != nil {
		return nil, wrap(err, "lock order")
	}
	o.Payments, err = paymentsOf(ctx, tx, []string{id})
	return o, err
}

// paymentsOf are the payments of orders, with their refunds and disputes.
func paymentsOf(ctx context.Context, db postgres.Querier, orderIDs []string) ([]*ledger.Payment, error) {
	payments, err := postgres.All(ctx, db, pgx.RowToAddrOfStructByName[ledger.Payment], selectPayments, orderIDs)
	if err != nil || len(payments) == 0 {
		return payments, wrap(err, "read payments")
	}
	refunds, err := postgres.All(ctx, db, pgx.RowToAddrOfStructByName[ledger.Refund], selectRefunds, orderIDs)
	if err != nil {
		return nil, wrap(err, "read refunds")
	}
	disputes, err := postgres.All(ctx, db, pgx.RowToAddrOfStructByName[ledger.Dispute], selectDisputes, orderIDs)
	byID := map[string]*ledger.Payment{}
	for _, p := range payments {
		byID[p.ID] = p
	}
	for _, r := range refunds {
		byID[r.PaymentID].Refunds = append(byID[r.PaymentID].Refunds, r)
	}
	for _, d := range disputes {
		byID[d.PaymentID].Disputes = append(byID[d.PaymentID].Disputes, d)
	}
	return payments, wrap(err, "read disputes")
}

// wrap says what a statement was for, unless the error is for a person already.
func wrap(err error, doing string) error {
	if err == nil || fault.As(err) != nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
