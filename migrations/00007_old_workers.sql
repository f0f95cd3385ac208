-- +goose Up
-- While workers of two versions run side by side, those of the first one know
-- nothing of turning back, of rollbacks, of cancels and of pauses: they would carry
-- such a deployment forward. A worker that knows writes the epoch which it takes
-- into able_epoch too; a taking over by any other leaves such a row as it is, and
-- for that worker it is as if somebody else held the lease.
ALTER TABLE deployments ADD COLUMN able_epoch bigint NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE FUNCTION deployments_able() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.direction = 'UNDO' OR OLD.kind = 'ROLLBACK' OR OLD.cancel_requested_at IS NOT NULL
        OR EXISTS (SELECT FROM standstill) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER deployments_able BEFORE UPDATE OF owner ON deployments
    FOR EACH ROW WHEN (NEW.epoch <> OLD.epoch AND NEW.owner IS NOT NULL AND NEW.able_epoch <> NEW.epoch)
    EXECUTE FUNCTION deployments_able();

-- A worker of the first version that is at work does not hear of a cancel. It may
-- not complete after one; it lets go, and one that knows turns back.
-- +goose StatementBegin
CREATE FUNCTION deployments_cancel_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'deployment % was cancelled before it completed', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'deployments_cancel_first';
END $$;
-- +goose StatementEnd
CREATE TRIGGER deployments_cancel_first BEFORE UPDATE OF status ON deployments
    FOR EACH ROW WHEN (NEW.status = 'COMPLETED' AND OLD.finished_at IS NULL
        AND (OLD.cancel_requested_at IS NOT NULL OR OLD.direction = 'UNDO'))
    EXECUTE FUNCTION deployments_cancel_first();

-- +goose Down
DROP TRIGGER deployments_cancel_first ON deployments;
DROP FUNCTION deployments_cancel_first;
DROP TRIGGER deployments_able ON deployments;
DROP FUNCTION deployments_able;
ALTER TABLE deployments DROP COLUMN able_epoch;
