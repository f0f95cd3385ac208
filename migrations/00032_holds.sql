-- +goose Up
-- By itself: what holds one busy table must not wait for another one.
-- Since when and why retention takes nothing of a tenant's away, and nobody is forgotten.
ALTER TABLE tenants ADD COLUMN held_since timestamptz, ADD COLUMN hold_reason text;

-- +goose Down
ALTER TABLE tenants DROP COLUMN held_since, DROP COLUMN hold_reason;
