-- +goose Up
-- What a worker must know of to carry the deployment out, as a number that grows with
-- what versions of Golive can do (internal/deployment/row_owner.go). A worker passes
-- over rows that ask for more than it knows, so that in a rolling upgrade an older one
-- never carries out what it does not understand. able_epoch and schedule_epoch say the
-- same to workers of earlier versions, which do not read this one.
ALTER TABLE deployments ADD COLUMN requires int NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE deployments DROP COLUMN requires;
