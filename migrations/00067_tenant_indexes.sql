-- +goose NO TRANSACTION
-- +goose Up
-- What a tenant's products are linked to, in whatever account.
DROP INDEX CONCURRENTLY IF EXISTS links_tenant;
CREATE INDEX CONCURRENTLY links_tenant ON links (tenant_id, test_product_id);
DROP INDEX CONCURRENTLY IF EXISTS api_tokens_tenant;
CREATE INDEX CONCURRENTLY api_tokens_tenant ON api_tokens (tenant_id) WHERE tenant_id IS NOT NULL;

-- +goose Down
DROP INDEX CONCURRENTLY api_tokens_tenant;
DROP INDEX CONCURRENTLY links_tenant;
