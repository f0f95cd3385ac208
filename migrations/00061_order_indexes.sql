-- +goose NO TRANSACTION
-- +goose Up
-- Lists of very many orders, each by an index that has them in its order, and what is looked
-- for by how it begins, in the order of bytes.
DROP INDEX CONCURRENTLY IF EXISTS orders_status;
CREATE INDEX CONCURRENTLY orders_status ON orders (tenant_id, livemode, status, id DESC);
DROP INDEX CONCURRENTLY IF EXISTS orders_reference_begins;
CREATE INDEX CONCURRENTLY orders_reference_begins ON orders (tenant_id, livemode, reference text_pattern_ops, id) WHERE reference IS NOT NULL;

-- +goose Down
DROP INDEX CONCURRENTLY orders_reference_begins;
DROP INDEX CONCURRENTLY orders_status;
