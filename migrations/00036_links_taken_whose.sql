-- +goose NO TRANSACTION
-- +goose Up
-- Whether a product of a tenant's is another one's by now.
DROP INDEX CONCURRENTLY IF EXISTS links_taken_whose;
CREATE INDEX CONCURRENTLY links_taken_whose ON links_taken (tenant_id, live_account_id, live_id);

-- +goose Down
DROP INDEX links_taken_whose;
