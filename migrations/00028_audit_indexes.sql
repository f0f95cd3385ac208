-- +goose NO TRANSACTION
-- +goose Up
-- An index whose building was broken off is there and of no use: so each is dropped first.

-- The chain, in its order.
DROP INDEX CONCURRENTLY IF EXISTS audit_log_number;
CREATE UNIQUE INDEX CONCURRENTLY audit_log_number ON audit_log (tenant_id, number) WHERE number IS NOT NULL;
-- What a sweep has to chain: nothing, most of the time.
DROP INDEX CONCURRENTLY IF EXISTS audit_log_unchained;
CREATE INDEX CONCURRENTLY audit_log_unchained ON audit_log (tenant_id, id) WHERE number IS NULL;
-- What people filter by.
DROP INDEX CONCURRENTLY IF EXISTS audit_log_subject;
CREATE INDEX CONCURRENTLY audit_log_subject ON audit_log (tenant_id, subject, id DESC);
DROP INDEX CONCURRENTLY IF EXISTS audit_log_action;
CREATE INDEX CONCURRENTLY audit_log_action ON audit_log (tenant_id, action, id DESC);

-- +goose Down
DROP INDEX audit_log_action;
DROP INDEX audit_log_subject;
DROP INDEX audit_log_unchained;
DROP INDEX audit_log_number;
