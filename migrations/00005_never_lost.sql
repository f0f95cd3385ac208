-- +goose Up
ALTER TABLE deployments
    -- Once UNDO, never FORWARD again: the trigger below holds it.
    ADD COLUMN direction           text NOT NULL DEFAULT 'FORWARD' CHECK (direction IN ('FORWARD', 'UNDO')),
    -- Whether the steps that undo have been written into the journal.
    ADD COLUMN undo_planned        boolean NOT NULL DEFAULT false,
    ADD COLUMN cancel_requested_at timestamptz,
    ADD COLUMN cancel_requested_by text,
    -- When a parked deployment is taken up again; null is at once.
    ADD COLUMN retry_at            timestamptz,
    -- How long this deployment has been trying against a Stripe that is down.
    ADD COLUMN outage              interval NOT NULL DEFAULT '0',
    ADD COLUMN rollback_of         uuid REFERENCES deployments;
CREATE INDEX deployments_rollback_of ON deployments (rollback_of) WHERE rollback_of IS NOT NULL;
-- For the sweeps. Not on lease_until, so that heartbeats stay heap-only updates.
CREATE INDEX deployments_active ON deployments (id) WHERE status IN ('PENDING', 'VALIDATING', 'DEPLOYING');

ALTER TABLE deployment_steps
    ADD COLUMN undo     boolean NOT NULL DEFAULT false,
    ADD COLUMN key_from jsonb;

-- +goose StatementBegin
CREATE FUNCTION deployments_never_forward_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'deployment % has turned back', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'deployments_never_forward_again';
END $$;
-- +goose StatementEnd
CREATE TRIGGER deployments_never_forward_again BEFORE UPDATE OF direction ON deployments
    FOR EACH ROW WHEN (OLD.direction = 'UNDO' AND NEW.direction = 'FORWARD')
    EXECUTE FUNCTION deployments_never_forward_again();

-- One row while an operator has stopped the world, none otherwise.
CREATE TABLE standstill (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    since     timestamptz NOT NULL DEFAULT clock_timestamp(),
    paused_by text NOT NULL,
    reason    text NOT NULL
);

-- +goose Down
DROP TABLE standstill;
DROP TRIGGER deployments_never_forward_again ON deployments;
DROP FUNCTION deployments_never_forward_again;
ALTER TABLE deployment_steps DROP COLUMN key_from, DROP COLUMN undo;
ALTER TABLE deployments DROP COLUMN rollback_of, DROP COLUMN outage, DROP COLUMN retry_at, DROP COLUMN cancel_requested_by,
    DROP COLUMN cancel_requested_at, DROP COLUMN undo_planned, DROP COLUMN direction;
