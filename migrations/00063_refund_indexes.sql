-- +goose NO TRANSACTION
-- +goose Up
-- And by those of its refunds and disputes; of disputes those that go on are listed.
DROP INDEX CONCURRENTLY IF EXISTS refunds_stripe_begins;
CREATE INDEX CONCURRENTLY refunds_stripe_begins ON refunds (tenant_id, livemode, stripe_refund_id text_pattern_ops, order_id) WHERE stripe_refund_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS disputes_stripe_begins;
CREATE INDEX CONCURRENTLY disputes_stripe_begins ON disputes (tenant_id, livemode, stripe_dispute_id text_pattern_ops, order_id);
DROP INDEX CONCURRENTLY IF EXISTS disputes_unsettled;
CREATE INDEX CONCURRENTLY disputes_unsettled ON disputes (tenant_id, livemode, id DESC) WHERE status NOT IN ('WON', 'LOST', 'WARNING_CLOSED');

-- +goose Down
DROP INDEX CONCURRENTLY disputes_unsettled;
DROP INDEX CONCURRENTLY disputes_stripe_begins;
DROP INDEX CONCURRENTLY refunds_stripe_begins;
