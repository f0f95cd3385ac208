-- +goose Up
-- When Stripe was last asked for events that it could deliver to nobody.
ALTER TABLE payments_modules ADD COLUMN undelivered_at timestamptz;

-- +goose Down
ALTER TABLE payments_modules DROP COLUMN undelivered_at;
