-- +goose NO TRANSACTION
-- +goose Up
-- Each account that a tenant has sold with has a row of its own, so that what was read of one
-- is still known when it comes back, and a comparison that still runs writes onto no other's.
-- Only that of the account which sells now has a next_at before infinity.
DROP INDEX CONCURRENTLY IF EXISTS reconciliations_account;
CREATE UNIQUE INDEX CONCURRENTLY reconciliations_account ON reconciliations (tenant_id, livemode, account_id);
ALTER TABLE reconciliations DROP CONSTRAINT IF EXISTS reconciliations_pkey,
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY USING INDEX reconciliations_account;

-- Customers' money of which it isn't known yet whose it is, or what its customer was charged.
DROP INDEX CONCURRENTLY IF EXISTS balance_transactions_unknown;
CREATE INDEX CONCURRENTLY balance_transactions_unknown ON balance_transactions (tenant_id, livemode, created_at, id)
    WHERE order_id IS NULL OR category = 'charge' AND coalesce(charged, 0) = 0;
DROP INDEX CONCURRENTLY IF EXISTS balance_transactions_unmatched;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS balance_transactions_unmatched;
CREATE INDEX CONCURRENTLY balance_transactions_unmatched ON balance_transactions (tenant_id, livemode, created_at) WHERE order_id IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS balance_transactions_unknown;
DELETE FROM reconciliations r USING reconciliations o WHERE o.tenant_id = r.tenant_id AND o.livemode = r.livemode
    AND (o.next_at, o.account_id) < (r.next_at, r.account_id);
DROP INDEX CONCURRENTLY IF EXISTS reconciliations_mode;
CREATE UNIQUE INDEX CONCURRENTLY reconciliations_mode ON reconciliations (tenant_id, livemode);
ALTER TABLE reconciliations DROP CONSTRAINT IF EXISTS reconciliations_pkey,
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY USING INDEX reconciliations_mode;
