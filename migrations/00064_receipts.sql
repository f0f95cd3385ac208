-- +goose Up
-- By itself: what holds one busy table must not wait for another one.
-- A mail may be a customer's receipt: its subject is an order or a refund, and its recipient
-- no address, which lies sealed with the order.
ALTER TABLE mails DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK', 'INVITED', 'RECIPIENT_ASKED', 'MEMBER_LOST',
    'LINKS_TAKEN', 'LINKS_RETURNED', 'PAYMENTS_TROUBLE', 'MONEY_MISMATCH', 'DISPUTE_DUE', 'ORDER_PAID', 'ORDER_REFUNDED')) NOT VALID;

-- +goose Down
DELETE FROM mails WHERE kind IN ('ORDER_PAID', 'ORDER_REFUNDED');
ALTER TABLE mails DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK', 'INVITED', 'RECIPIENT_ASKED', 'MEMBER_LOST',
    'LINKS_TAKEN', 'LINKS_RETURNED', 'PAYMENTS_TROUBLE', 'MONEY_MISMATCH', 'DISPUTE_DUE')) NOT VALID;
