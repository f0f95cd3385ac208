-- +goose Up
-- The number of the lifeline under which a deployment's owner took it: a database
-- session that lives as long as the owner's process and holds an advisory lock on this
-- number (internal/postgres/lifeline.go). Whoever can have the lock takes over at once.
-- The number counts under its own epoch only: workers of earlier versions take over
-- without writing either, and what is theirs waits for the end of their lease.
ALTER TABLE deployments ADD COLUMN lifeline bigint, ADD COLUMN lifeline_epoch bigint;

-- +goose Down
ALTER TABLE deployments DROP COLUMN lifeline, DROP COLUMN lifeline_epoch;
