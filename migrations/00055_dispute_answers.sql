-- +goose Up
-- Whether the last comparison with Stripe found something else there.
ALTER TABLE payments ADD COLUMN unreconciled boolean NOT NULL DEFAULT false;

-- What is to be answered to a dispute: sealed, since it has people in it. reminded is the
-- reminder that was last told, in minutes before the answer is due.
ALTER TABLE disputes
    ADD COLUMN evidence bytea,
    ADD COLUMN seal_version int,
    ADD COLUMN submitted_at timestamptz,
    ADD COLUMN reminded int,
    ADD CONSTRAINT disputes_sealed CHECK ((evidence IS NULL) = (seal_version IS NULL)) NOT VALID;

ALTER TABLE stripe_calls ADD COLUMN dispute_id uuid;
ALTER TABLE stripe_calls DROP CONSTRAINT stripe_calls_step_check;
ALTER TABLE stripe_calls ADD CONSTRAINT stripe_calls_step_check
    CHECK (step IN ('checkout', 'intent', 'expire', 'cancel', 'capture', 'refund', 'draft', 'submission')) NOT VALID;

-- +goose Down
DELETE FROM stripe_calls WHERE step IN ('draft', 'submission');
ALTER TABLE stripe_calls DROP CONSTRAINT stripe_calls_step_check;
ALTER TABLE stripe_calls ADD CONSTRAINT stripe_calls_step_check
    CHECK (step IN ('checkout', 'intent', 'expire', 'cancel', 'capture', 'refund')) NOT VALID;
ALTER TABLE stripe_calls DROP COLUMN dispute_id;
ALTER TABLE disputes DROP COLUMN reminded, DROP COLUMN submitted_at, DROP COLUMN seal_version, DROP COLUMN evidence;
ALTER TABLE payments DROP COLUMN unreconciled;
