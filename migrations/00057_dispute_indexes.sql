-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS disputes_newest ON disputes (tenant_id, livemode, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS disputes_due ON disputes (due_by) WHERE status IN ('NEEDS_RESPONSE', 'WARNING_NEEDS_RESPONSE');

-- +goose Down
DROP INDEX CONCURRENTLY disputes_due;
DROP INDEX CONCURRENTLY disputes_newest;
