package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// filling is a tenant's orders and what hangs on them, as years leave them behind, without
// going through anything that a year of customers would go through: straight into the tables.
type filling struct {
	tenantID, accountID string
	orders              int
}

// Every number of orders has something rare: a status that few are in, a dispute, a refund.
// Ids are those of UUIDv7 at the time that an order is of, one each 25 seconds until now.
const fillOrders = `INSERT INTO orders (id, tenant_id, account_id, livemode, number, reference, customer, status, status_since, currency, capture_method, subtotal,
		total, due, captured, refunded, attention, version, idempotency_key, input_digest, created_by, created_at, changed_at, paid_at, events)
	SELECT pg_temp.id_at(at, 'order' || i || @tenant::uuid), @tenant::uuid, @account::text, true, i, CASE WHEN i % 5 > 0 THEN 'SHOP-' || lpad(i::text, 8, '0') END,
		'customer-' || left(md5((floor(200000 * power(random(), 2)))::text), 12), status, at, 'usd', 'AUTOMATIC', 1900, 1900, 1900, captured, 0,
		CASE WHEN i % 9001 = 0 THEN '{STUCK}'::text[] ELSE '{}' END, 4, 'fill ' || i, '', 'bench', at, at + random() * interval '10 days', CASE WHEN captured > 0 THEN at END, 0
	FROM (SELECT i, now() - (@orders::int - i) * interval '25 seconds' AS at, CASE WHEN i % 100 < 70 THEN 'COMPLETED' WHEN i % 100 < 78 THEN 'FULFILLED' WHEN i % 100 < 88 THEN 'PAID'
			WHEN i % 100 < 94 THEN 'EXPIRED' WHEN i % 100 < 98 THEN 'CANCELLED' WHEN i % 5000 = 99 THEN 'AUTHORIZED' ELSE 'AWAITING_PAYMENT' END AS status,
			CASE WHEN i % 100 < 88 THEN 1900 ELSE 0 END AS captured FROM generate_series(1, @orders::int) AS i) AS made`

const fillPayments = `INSERT INTO payments (id, order_id, tenant_id, account_id, livemode, attempt, flow, status, amount, currency, capture_method, idempotency_key, input_digest,
		session_id, intent_id, charge_id, method, brand, last4, captured, fee, fee_currency, created_at)
	SELECT pg_temp.id_at(o.created_at, 'payment' || o.number || o.tenant_id), o.id, o.tenant_id, o.account_id, true, 1, 'HOSTED', CASE WHEN o.captured > 0 THEN 'CAPTURED' ELSE 'EXPIRED' END, 1900, 'usd', 'AUTOMATIC', 'fill', '',
		'cs_live_' || md5('session' || o.number), 'pi_' || left(md5('intent' || o.number), 24), 'ch_' || left(md5('charge' || o.number), 24), 'card', 'visa', '4242', o.captured, 85, 'usd', o.created_at
	FROM orders o WHERE o.tenant_id = @tenant::uuid AND o.livemode`

const fillContacts = `INSERT INTO order_contacts (order_id, tenant_id, account_id, livemode, sealed, seal_version, email_hash)
	SELECT o.id, o.tenant_id, o.account_id, true, @sealed::bytea, 1, CASE WHEN o.number % 50000 = 7 THEN @hash::bytea ELSE sha256(o.customer::bytea) END FROM orders o WHERE o.tenant_id = @tenant::uuid AND o.livemode`

const fillRefunds = `INSERT INTO refunds (id, payment_id, order_id, tenant_id, account_id, livemode, status, amount, currency, source, stripe_refund_id, created_at)
	SELECT pg_temp.id_at(p.created_at, 'refund' || o.number || o.tenant_id), p.id, o.id, o.tenant_id, o.account_id, true, 'SUCCEEDED', 1900, 'usd', 'OURS', 're_' || left(md5('refund' || o.number), 24), p.created_at
	FROM orders o JOIN payments p ON p.order_id = o.id WHERE o.tenant_id = @tenant::uuid AND o.livemode AND o.number % 20 = 3`

const fillDisputes = `INSERT INTO disputes (id, payment_id, order_id, tenant_id, account_id, livemode, status, amount, currency, reason, stripe_dispute_id, created_at)
	SELECT pg_temp.id_at(p.created_at, 'dispute' || o.number || o.tenant_id), p.id, o.id, o.tenant_id, o.account_id, true,
		CASE WHEN o.number % 3000 = 1 THEN 'UNDER_REVIEW' WHEN o.number % 2 = 0 THEN 'WON' ELSE 'LOST' END, 1900, 'usd', 'fraudulent', 'dp_' || left(md5('dispute' || o.number), 24), p.created_at
	FROM orders o JOIN payments p ON p.order_id = o.id WHERE o.tenant_id = @tenant::uuid AND o.livemode AND o.number % 5 = 1`

const fillPayouts = `INSERT INTO payouts (id, tenant_id, account_id, livemode, stripe_payout_id, status, amount, currency, automatic, reconciliation_status, arrival_date, created_at, residual)
	SELECT gen_random_uuid(), @tenant::uuid, @account::text, true, 'po_' || left(md5('payout' || i), 24), 'paid', 190000, 'usd', true, 'completed', (now() - i * interval '5 minutes')::date, now() - i * interval '5 minutes', 0
	FROM generate_series(1, @orders::int / 5) AS i`

const fillEvents = `INSERT INTO stripe_events (id, tenant_id, account_id, livemode, event_id, type, kind, object_id, order_id, api_version, created_at, received_at, applied_at, source, status)
	SELECT pg_temp.id_at(o.created_at, 'event' || o.number || o.tenant_id), o.tenant_id, o.account_id, true, 'evt_' || left(md5('event' || o.number), 24), 'charge.succeeded', 'charge', 'ch_' || left(md5('charge' || o.number), 24), o.id,
		'2023-10-16', o.created_at, o.created_at, o.created_at, 'WEBHOOK', CASE WHEN o.number % 7000 = 5 THEN 'DEAD' WHEN o.number % 10 = 5 THEN 'IGNORED' ELSE 'APPLIED' END
	FROM orders o WHERE o.tenant_id = @tenant::uuid AND o.livemode AND o.number % 2 = 1`

// fill writes it all, as the tables' owner, without looking up what each row refers to: a
// million orders in a minute or two.
func (f filling) fill(ctx context.Context, s *stack, sealed, hash []byte) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica;
			CREATE FUNCTION pg_temp.id_at(at timestamptz, seed text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
				SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || left(md5(seed), 3) || '8' || right(md5(seed), 15))::uuid $$`)
		if err != nil {
			return fmt.Errorf("get ready to fill: %w", err)
		}
		named := pgx.NamedArgs{"tenant": f.tenantID, "account": f.accountID, "orders": f.orders, "sealed": sealed, "hash": hash}
		for _, sql := range []string{fillOrders, fillPayments, fillContacts, fillRefunds, fillDisputes, fillPayouts, fillEvents} {
			if _, err := tx.Exec(ctx, sql, named); err != nil {
				return fmt.Errorf("%s: %w", strings.SplitN(sql, "(", 2)[0], err)
			}
		}
		_, err = tx.Exec(ctx, `DROP FUNCTION pg_temp.id_at`)
		return err
	})
}
