-- +goose NO TRANSACTION
-- +goose Up
-- Orders name prices by id or lookup key, wherever they are in a tenant's products.
DROP INDEX CONCURRENTLY IF EXISTS products_prices;
CREATE INDEX CONCURRENTLY products_prices ON products USING gin ((snapshot -> 'prices') jsonb_path_ops);

-- +goose Down
DROP INDEX CONCURRENTLY products_prices;
