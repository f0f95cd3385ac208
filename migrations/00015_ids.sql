-- +goose NO TRANSACTION
-- +goose Up
-- How a step's bytes name the objects that earlier steps create (internal/journal).
-- Versions that do not know the column write form 1.
ALTER TABLE deployment_steps ADD COLUMN IF NOT EXISTS form int NOT NULL DEFAULT 1;

-- +goose Down
ALTER TABLE deployment_steps DROP COLUMN IF EXISTS form;
