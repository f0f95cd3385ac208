-- +goose Up
-- By itself: what holds one busy table must not wait for another one.
-- A mail may be about money on which Stripe and Golive differ: its subject is the tenant; or
-- about a dispute.
ALTER TABLE mails DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK', 'INVITED', 'RECIPIENT_ASKED', 'MEMBER_LOST',
    'LINKS_TAKEN', 'LINKS_RETURNED', 'PAYMENTS_TROUBLE', 'MONEY_MISMATCH', 'DISPUTE_DUE')) NOT VALID;

-- +goose Down
DELETE FROM mails WHERE kind IN ('MONEY_MISMATCH', 'DISPUTE_DUE');
ALTER TABLE mails DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK', 'INVITED', 'RECIPIENT_ASKED', 'MEMBER_LOST',
    'LINKS_TAKEN', 'LINKS_RETURNED', 'PAYMENTS_TROUBLE')) NOT VALID;
