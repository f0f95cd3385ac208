-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE mails VALIDATE CONSTRAINT mails_kind_check;
ALTER TABLE mails VALIDATE CONSTRAINT mails_subject;
-- What somebody would have been told who had not confirmed yet.
DROP INDEX CONCURRENTLY IF EXISTS mails_dropped;
CREATE INDEX CONCURRENTLY mails_dropped ON mails (tenant_id, recipient, scheduled_for) WHERE state = 'DROPPED';

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS mails_dropped;
