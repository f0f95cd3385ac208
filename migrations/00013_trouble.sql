-- +goose Up
-- The part of an outage in which Stripe did answer, but for one object: it is waited
-- for less long. Whatever came between ends it, which outage does not show, since
-- that also prolongs the grace of a schedule.
ALTER TABLE deployments ADD COLUMN trouble interval NOT NULL DEFAULT '0';

-- +goose Down
ALTER TABLE deployments DROP COLUMN trouble;
