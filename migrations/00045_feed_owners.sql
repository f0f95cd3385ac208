-- +goose NO TRANSACTION
-- +goose Up
-- Whose a calendar address is: it ends with the membership. Those of operators, and of
-- versions before this one, are nobody's.
ALTER TABLE calendar_feeds ADD COLUMN IF NOT EXISTS member_id uuid;
ALTER TABLE calendar_feeds DROP CONSTRAINT IF EXISTS calendar_feeds_member;
ALTER TABLE calendar_feeds ADD CONSTRAINT calendar_feeds_member FOREIGN KEY (member_id) REFERENCES members NOT VALID;
ALTER TABLE calendar_feeds VALIDATE CONSTRAINT calendar_feeds_member;
DROP INDEX CONCURRENTLY IF EXISTS calendar_feeds_by_member;
CREATE INDEX CONCURRENTLY calendar_feeds_by_member ON calendar_feeds (member_id);

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS calendar_feeds_by_member;
ALTER TABLE calendar_feeds DROP CONSTRAINT IF EXISTS calendar_feeds_member;
ALTER TABLE calendar_feeds DROP COLUMN IF EXISTS member_id;
