-- +goose NO TRANSACTION
-- +goose Up
-- An order is looked for by how the ids of its payments begin, in the order of bytes.
DROP INDEX CONCURRENTLY IF EXISTS payments_session_begins;
CREATE INDEX CONCURRENTLY payments_session_begins ON payments (tenant_id, livemode, session_id text_pattern_ops, order_id) WHERE session_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS payments_intent_begins;
CREATE INDEX CONCURRENTLY payments_intent_begins ON payments (tenant_id, livemode, intent_id text_pattern_ops, order_id) WHERE intent_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS payments_charge_begins;
CREATE INDEX CONCURRENTLY payments_charge_begins ON payments (tenant_id, livemode, charge_id text_pattern_ops, order_id) WHERE charge_id IS NOT NULL;

-- +goose Down
DROP INDEX CONCURRENTLY payments_charge_begins;
DROP INDEX CONCURRENTLY payments_intent_begins;
DROP INDEX CONCURRENTLY payments_session_begins;
