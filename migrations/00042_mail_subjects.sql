-- +goose Up
-- By itself: what holds one busy table must not wait for another one.
-- A mail may be about something else of a tenant's: a recipient who is asked, a member who
-- may deploy no longer, a product whose links changed hands. Its kind says what. Versions
-- before this one leave such mails to others.
ALTER TABLE mails ADD COLUMN subject_id uuid;
ALTER TABLE mails DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK', 'INVITED', 'RECIPIENT_ASKED', 'MEMBER_LOST',
    'LINKS_TAKEN', 'LINKS_RETURNED')) NOT VALID;
ALTER TABLE mails DROP CONSTRAINT mails_subject;
ALTER TABLE mails ADD CONSTRAINT mails_subject CHECK (num_nonnulls(deployment_id, invitation_id, subject_id) = 1) NOT VALID;

-- +goose Down
DELETE FROM mails WHERE subject_id IS NOT NULL;
ALTER TABLE mails DROP CONSTRAINT mails_subject, DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK', 'INVITED')) NOT VALID;
ALTER TABLE mails ADD CONSTRAINT mails_subject CHECK ((deployment_id IS NULL) = (invitation_id IS NOT NULL)) NOT VALID;
ALTER TABLE mails DROP COLUMN subject_id;
