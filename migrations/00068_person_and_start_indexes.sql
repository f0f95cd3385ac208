-- +goose NO TRANSACTION
-- +goose Up
-- Whose an address is that somebody signs in with.
DROP INDEX CONCURRENTLY IF EXISTS people_address;
CREATE INDEX CONCURRENTLY people_address ON people (address) WHERE address <> '';
-- Which of a tenant's products was deployed last: it tells that alone, without a look at rows.
DROP INDEX CONCURRENTLY IF EXISTS deployments_started;
CREATE INDEX CONCURRENTLY deployments_started ON deployments (tenant_id, product_id, started_at) WHERE started_at IS NOT NULL;

-- +goose Down
DROP INDEX CONCURRENTLY deployments_started;
DROP INDEX CONCURRENTLY people_address;
