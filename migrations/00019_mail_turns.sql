-- +goose NO TRANSACTION
-- +goose Up
-- Where more mails wait than a sweep looks at, it asks for those of each tenant. An index
-- whose building was cut off stays behind and is of no use, so each is dropped first.
DROP INDEX CONCURRENTLY IF EXISTS mails_turn;
CREATE INDEX CONCURRENTLY mails_turn ON mails (importance, tenant_id, next_at) WHERE state = 'WAITING' AND (digest IS NULL OR digest = id);
-- What somebody is still to be told of one deployment, in its order.
DROP INDEX CONCURRENTLY IF EXISTS mails_entry;
CREATE INDEX CONCURRENTLY mails_entry ON mails (deployment_id, recipient, id) WHERE settled_at IS NULL;
-- Who has an invitation is known until the go-live is over, however early it was sent.
-- mails_old stays for workers of earlier versions.
DROP INDEX CONCURRENTLY IF EXISTS mails_over;
CREATE INDEX CONCURRENTLY mails_over ON mails (greatest(settled_at, scheduled_for)) WHERE settled_at IS NOT NULL;
-- What a small letter is depends on the database's locale, and is no question of ours: only
-- those of ASCII are one mailbox with the capital ones.
ALTER TABLE members DROP CONSTRAINT IF EXISTS members_email_ascii;
ALTER TABLE members ADD CONSTRAINT members_email_ascii CHECK (email = lower(email COLLATE "C")) NOT VALID;
ALTER TABLE members VALIDATE CONSTRAINT members_email_ascii;
ALTER TABLE members DROP CONSTRAINT IF EXISTS members_email_check;
ALTER TABLE mail_preferences DROP CONSTRAINT IF EXISTS mail_preferences_person_ascii;
ALTER TABLE mail_preferences ADD CONSTRAINT mail_preferences_person_ascii CHECK (person = lower(person COLLATE "C")) NOT VALID;
ALTER TABLE mail_preferences VALIDATE CONSTRAINT mail_preferences_person_ascii;
ALTER TABLE mail_preferences DROP CONSTRAINT IF EXISTS mail_preferences_person_check;

-- +goose Down
ALTER TABLE mail_preferences DROP CONSTRAINT mail_preferences_person_ascii;
ALTER TABLE members DROP CONSTRAINT members_email_ascii;
DROP INDEX mails_over, mails_entry, mails_turn;
