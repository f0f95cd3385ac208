-- +goose NO TRANSACTION
-- +goose Up
-- An index whose building was broken off is there and of no use: so each is dropped first.

-- Figures over a span, and the history behind them.
DROP INDEX CONCURRENTLY IF EXISTS deployments_finished;
CREATE INDEX CONCURRENTLY deployments_finished ON deployments (tenant_id, finished_at) WHERE finished_at IS NOT NULL;
-- What of a product goes live next.
DROP INDEX CONCURRENTLY IF EXISTS deployments_next;
CREATE INDEX CONCURRENTLY deployments_next ON deployments (product_id, due_at) WHERE status = 'SCHEDULED';
-- What was left half done, and what of it still is.
DROP INDEX CONCURRENTLY IF EXISTS deployments_partial;
CREATE INDEX CONCURRENTLY deployments_partial ON deployments (tenant_id, id DESC) WHERE live_outcome = 'PARTIAL';
-- What somebody else changed in live.
DROP INDEX CONCURRENTLY IF EXISTS products_drifted;
CREATE INDEX CONCURRENTLY products_drifted ON products (tenant_id, drifted_at) WHERE drifted_at IS NOT NULL;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS products_drifted;
DROP INDEX CONCURRENTLY IF EXISTS deployments_partial;
DROP INDEX CONCURRENTLY IF EXISTS deployments_next;
DROP INDEX CONCURRENTLY IF EXISTS deployments_finished;
