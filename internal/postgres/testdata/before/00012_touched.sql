-- +goose Up
-- When people last had something new to see of a deployment: an event, or a status
-- that came without one. Dashboards ask by it, however long a tenant's history is.
-- A stable default first: a volatile one would rewrite the table.
ALTER TABLE deployments ADD COLUMN touched_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE deployments ALTER COLUMN touched_at SET DEFAULT clock_timestamp();
CREATE INDEX deployments_touched ON deployments (tenant_id, touched_at);

-- +goose StatementBegin
CREATE FUNCTION deployments_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.touched_at := clock_timestamp();
    RETURN NEW;
END $$;
-- +goose StatementEnd
-- Not at every heartbeat: those stay heap-only updates.
CREATE TRIGGER deployments_touch BEFORE UPDATE OF last_sequence, status ON deployments
    FOR EACH ROW WHEN (NEW.last_sequence <> OLD.last_sequence OR NEW.status <> OLD.status)
    EXECUTE FUNCTION deployments_touch();

-- +goose Down
DROP TRIGGER deployments_touch ON deployments;
DROP FUNCTION deployments_touch;
ALTER TABLE deployments DROP COLUMN touched_at;
