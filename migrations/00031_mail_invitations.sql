-- +goose Up
-- By itself: what holds one busy table must not wait for another one.
-- A mail may be about an invitation.
ALTER TABLE mails ADD COLUMN invitation_id uuid;
ALTER TABLE mails ALTER COLUMN deployment_id DROP NOT NULL;
ALTER TABLE mails DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK', 'INVITED')) NOT VALID;
ALTER TABLE mails ADD CONSTRAINT mails_subject CHECK ((deployment_id IS NULL) = (invitation_id IS NOT NULL)) NOT VALID;

-- +goose Down
DELETE FROM mails WHERE deployment_id IS NULL;
ALTER TABLE mails DROP CONSTRAINT mails_subject, DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK'));
ALTER TABLE mails ALTER COLUMN deployment_id SET NOT NULL;
ALTER TABLE mails DROP COLUMN invitation_id;
