-- +goose NO TRANSACTION
-- +goose Up
-- Lists of very many orders, each by an index that has them in its order, and what is looked
-- for by how it begins, in the order of bytes.
DROP INDEX CONCURRENTLY IF EXISTS orders_status;
CREATE INDEX CONCURRENTLY orders_status ON orders (tenant_id, livemode, status, id DESC);
DROP INDEX CONCURRENTLY IF EXISTS orders_reference_begins;
CREATE INDEX CONCURRENTLY orders_reference_begins ON orders (tenant_id, livemode, reference text_pattern_ops, id) WHERE reference IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS payments_session_begins;
CREATE INDEX CONCURRENTLY payments_session_begins ON payments (tenant_id, livemode, session_id text_pattern_ops, order_id) WHERE session_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS payments_intent_begins;
CREATE INDEX CONCURRENTLY payments_intent_begins ON payments (tenant_id, livemode, intent_id text_pattern_ops, order_id) WHERE intent_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS payments_charge_begins;
CREATE INDEX CONCURRENTLY payments_charge_begins ON payments (tenant_id, livemode, charge_id text_pattern_ops, order_id) WHERE charge_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS refunds_stripe_begins;
CREATE INDEX CONCURRENTLY refunds_stripe_begins ON refunds (tenant_id, livemode, stripe_refund_id text_pattern_ops, order_id) WHERE stripe_refund_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS disputes_stripe_begins;
CREATE INDEX CONCURRENTLY disputes_stripe_begins ON disputes (tenant_id, livemode, stripe_dispute_id text_pattern_ops, order_id);
DROP INDEX CONCURRENTLY IF EXISTS disputes_unsettled;
CREATE INDEX CONCURRENTLY disputes_unsettled ON disputes (tenant_id, livemode, id DESC) WHERE status NOT IN ('WON', 'LOST', 'WARNING_CLOSED');
-- What a tenant's products are linked to, in whatever account.
DROP INDEX CONCURRENTLY IF EXISTS links_tenant;
CREATE INDEX CONCURRENTLY links_tenant ON links (tenant_id, test_product_id);
DROP INDEX CONCURRENTLY IF EXISTS api_tokens_tenant;
CREATE INDEX CONCURRENTLY api_tokens_tenant ON api_tokens (tenant_id) WHERE tenant_id IS NOT NULL;
-- Whose an address is that somebody signs in with.
DROP INDEX CONCURRENTLY IF EXISTS people_address;
CREATE INDEX CONCURRENTLY people_address ON people (address) WHERE address <> '';

-- Which of a tenant's products was deployed last: it tells that alone, without a look at rows.
DROP INDEX CONCURRENTLY IF EXISTS deployments_started;
CREATE INDEX CONCURRENTLY deployments_started ON deployments (tenant_id, product_id, started_at) WHERE started_at IS NOT NULL;

-- +goose Down
DROP INDEX CONCURRENTLY deployments_started;
DROP INDEX CONCURRENTLY people_address;
DROP INDEX CONCURRENTLY api_tokens_tenant;
DROP INDEX CONCURRENTLY links_tenant;
DROP INDEX CONCURRENTLY disputes_unsettled;
DROP INDEX CONCURRENTLY disputes_stripe_begins;
DROP INDEX CONCURRENTLY refunds_stripe_begins;
DROP INDEX CONCURRENTLY payments_charge_begins;
DROP INDEX CONCURRENTLY payments_intent_begins;
DROP INDEX CONCURRENTLY payments_session_begins;
DROP INDEX CONCURRENTLY orders_reference_begins;
DROP INDEX CONCURRENTLY orders_status;
