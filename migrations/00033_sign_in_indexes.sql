-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE api_tokens VALIDATE CONSTRAINT api_tokens_owner;
ALTER TABLE api_tokens VALIDATE CONSTRAINT api_tokens_scope;
ALTER TABLE api_tokens VALIDATE CONSTRAINT api_tokens_tenant;
ALTER TABLE mails VALIDATE CONSTRAINT mails_kind_check;
ALTER TABLE mails VALIDATE CONSTRAINT mails_subject;
-- A person's memberships, in all tenants.
DROP INDEX CONCURRENTLY IF EXISTS members_email;
CREATE INDEX CONCURRENTLY members_email ON members (email);
-- A tenant's service tokens act under their own names.
DROP INDEX CONCURRENTLY IF EXISTS api_tokens_service;
CREATE UNIQUE INDEX CONCURRENTLY api_tokens_service ON api_tokens (tenant_id, name) WHERE member_id IS NULL AND revoked_at IS NULL;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS api_tokens_service;
DROP INDEX CONCURRENTLY IF EXISTS members_email;
