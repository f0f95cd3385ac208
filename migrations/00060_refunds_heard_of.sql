-- Of a refund that failed Stripe's charge says nothing any more. That one was heard of is kept,
-- so that every read that begins after that reads refunds, too, whoever rang for it.

-- +goose Up
ALTER TABLE payments ADD COLUMN refund_heard boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE payments DROP COLUMN refund_heard;
