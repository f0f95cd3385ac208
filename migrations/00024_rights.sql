-- +goose Up
-- Who started a schedule early, by whose right a deployment is carried out (whoever asked
-- for it, where nobody is named), and the token or session by which it was asked to begin
-- at once: what is withdrawn before it begins withdraws it, too.
ALTER TABLE deployments ADD COLUMN started_by text, ADD COLUMN responsible text, ADD COLUMN credential text;

-- +goose Down
ALTER TABLE deployments DROP COLUMN started_by, DROP COLUMN responsible, DROP COLUMN credential;
