-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS disputes_newest;
CREATE INDEX CONCURRENTLY disputes_newest ON disputes (tenant_id, livemode, id DESC);
DROP INDEX CONCURRENTLY IF EXISTS disputes_due;
CREATE INDEX CONCURRENTLY disputes_due ON disputes (due_by) WHERE status IN ('NEEDS_RESPONSE', 'WARNING_NEEDS_RESPONSE');

-- +goose Down
DROP INDEX CONCURRENTLY disputes_due;
DROP INDEX CONCURRENTLY disputes_newest;
