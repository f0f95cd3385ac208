package order

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/ledger"
)

// asked is what the one who asked for something called it, and a digest of what it was.
type asked struct{ key, digest string }

func (h writer) insertPayment(ctx context.Context, tx pgx.Tx, p *ledger.Payment) error {
	_, err := tx.Exec(ctx, `INSERT INTO payments (id, order_id, tenant_id, account_id, livemode, attempt, flow, status, amount, currency,
			capture_method, idempotency_key, input_digest, expires_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		p.ID, h.ID, h.TenantID, h.AccountID, h.live(), p.Attempt, p.Flow, p.Status, p.Amount, p.Currency,
		p.Capture, h.by.key, h.by.digest, p.ExpiresAt, p.CreatedAt)
	return wrap(err, "insert payment")
}

// insertOrder gives the order its number as the last thing: whoever asks for the tenant's
// next one waits for this transaction.
func insertOrder(ctx context.Context, tx pgx.Tx, o *Order, by asked) error {
	err := tx.QueryRow(ctx, `INSERT INTO order_numbers AS n (tenant_id, livemode, next) VALUES ($1, $2, 2)
		ON CONFLICT (tenant_id, livemode) DO UPDATE SET next = n.next + 1 RETURNING next - 1`, o.TenantID, o.live()).Scan(&o.Seq)
	if err != nil {
		return wrap(err, "number an order")
	}
	err = tx.QueryRow(ctx, `INSERT INTO orders (id, tenant_id, account_id, livemode, number, reference, customer, currency, capture_method,
			subtotal, total, due, idempotency_key, input_digest, created_by, expires_at, next_check_at, events)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, $11, $12, $13, golive_now() + $14::interval, golive_now() + $14::interval, 1)
		RETURNING created_at, expires_at`,
		o.ID, o.TenantID, o.AccountID, o.live(), o.Seq, o.Reference, o.Customer, o.Currency, o.Capture,
		o.Total, by.key, by.digest, o.CreatedBy, ledger.UnpaidTime).Scan(&o.CreatedAt, &o.ExpiresAt)
	if err != nil {
		return fmt.Errorf("insert order: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO order_events (order_id, sequence, tenant_id, account_id, livemode, status, message, actor)
		VALUES ($1, 1, $2, $3, $4, 'CREATED', $5, $6)`, o.ID, o.TenantID, o.AccountID, o.live(),
		"The order over "+ledger.Words(o.Total, o.Currency)+" was created.", o.CreatedBy)
	return wrap(err, "tell of an order")
}

func insertLines(ctx context.Context, tx pgx.Tx, o *Order, lines []Line) error {
	b, err := json.Marshal(lines)
	if err != nil {
		return fmt.Errorf("encode lines: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO order_lines (order_id, index, tenant_id, account_id, livemode, price_id, test_price_id, lookup_key, name,
			quantity, unit_amount_decimal, amount)
		SELECT $1, l."Index", $2, $3, $4, l."PriceID", l."TestPriceID", l."LookupKey", l."Name", l."Quantity", l."UnitAmount", l."Amount"
		FROM jsonb_to_recordset($5) AS l ("Index" int, "PriceID" text, "TestPriceID" text, "LookupKey" text, "Name" text,
			"Quantity" int, "UnitAmount" text, "Amount" bigint)`,
		o.ID, o.TenantID, o.AccountID, o.live(), b)
	return wrap(err, "insert lines")
}
