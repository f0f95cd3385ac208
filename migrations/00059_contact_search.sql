-- +goose NO TRANSACTION
-- +goose Up
-- Email addresses are looked for by their hash.
DROP INDEX CONCURRENTLY IF EXISTS order_contacts_email;
CREATE INDEX CONCURRENTLY order_contacts_email ON order_contacts (tenant_id, email_hash) WHERE email_hash IS NOT NULL;

-- +goose Down
DROP INDEX CONCURRENTLY order_contacts_email;
