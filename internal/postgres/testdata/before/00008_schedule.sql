-- +goose Up
-- Where development or a test lets due times come round sooner: one row, and none
-- in production. Every process reads it, so all agree on what time it is.
CREATE TABLE clock (
    singleton    boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    clock_offset interval NOT NULL
);

-- The time by which go-lives, reminders and mails are due. STABLE, so that an index
-- can answer "due by now": a volatile clock is asked again for every row. Leases and
-- retries keep clock_timestamp(), which nobody can move.
-- +goose StatementBegin
CREATE FUNCTION golive_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT now() + coalesce((SELECT clock_offset FROM clock), interval '0')
$$;
-- +goose StatementEnd

-- The row is the schedule. due_at is what sweeps read; where a person chose a wall
-- time, it follows from local_time, time_zone and disambiguation by the time zone
-- data of tzdata_version, and is worked out again when newer data come.
ALTER TABLE deployments
    ADD COLUMN due_at          timestamptz,
    ADD COLUMN local_time      timestamp,
    ADD COLUMN time_zone       text,
    ADD COLUMN time_resolution text CHECK (time_resolution IN ('UNIQUE', 'GAP_SHIFTED', 'OVERLAP_EARLIER', 'OVERLAP_LATER')),
    ADD COLUMN disambiguation  text CHECK (disambiguation IN ('REJECT', 'COMPATIBLE', 'EARLIER', 'LATER')),
    ADD COLUMN tzdata_version  text,
    ADD COLUMN if_changed      text CHECK (if_changed IN ('HOLD', 'DEPLOY_LATEST')),
    ADD COLUMN notifications   jsonb,
    -- What in live was not as Golive had left it when a person last looked, as a
    -- digest; '' where everything was. What test wanted then is test_snapshot.
    ADD COLUMN drift_seen      text,
    -- The last change of the schedule, for those who meant an earlier version.
    ADD COLUMN changed_by      text,
    ADD COLUMN changed_at      timestamptz,
    ADD COLUMN last_change     text,
    -- As able_epoch, for workers that know of schedules: see below.
    ADD COLUMN schedule_epoch  bigint NOT NULL DEFAULT 0,

    ADD CONSTRAINT deployments_schedule_whole CHECK (
        num_nulls(due_at, time_zone, if_changed, notifications, drift_seen) IN (0, 5)),
    ADD CONSTRAINT deployments_schedule_wall_time CHECK (
        num_nulls(local_time, time_resolution, disambiguation, tzdata_version) IN (0, 4)
        AND (local_time IS NULL OR due_at IS NOT NULL)),
    ADD CONSTRAINT deployments_schedule_of_go_live CHECK (due_at IS NULL OR kind = 'GO_LIVE'),
    ADD CONSTRAINT deployments_schedule_trigger CHECK (trigger = 'IMMEDIATE' OR due_at IS NOT NULL),
    -- Waiting for its time, or held until a person says what shall become of it.
    ADD CONSTRAINT deployments_schedule_status CHECK (
        (status = 'SCHEDULED') = (coalesce(wait_reason, '') IN ('DUE_TIME', 'MISSED', 'CHANGED_SINCE_SCHEDULED'))
        AND (status <> 'SCHEDULED' OR trigger = 'SCHEDULED' AND job_id IS NULL AND lease_until IS NULL)),
    ADD CONSTRAINT deployments_changed CHECK (num_nulls(changed_by, changed_at, last_change) IN (0, 3));

-- What the sweeps read, five times a second: nothing that is held is in it.
CREATE INDEX deployments_due ON deployments (due_at, id) WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME';
-- What people look at, held ones included.
CREATE INDEX deployments_upcoming ON deployments (tenant_id, due_at, id) WHERE status = 'SCHEDULED';
-- What newer time zone data may move.
CREATE INDEX deployments_wall_time ON deployments (tzdata_version)
    WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND local_time IS NOT NULL;

-- A worker of the version before knows able_epoch, and nothing of schedules: it
-- would start late what must be held, deploy what has changed since, and let a
-- rollback be undone by a schedule made before it. So it takes over neither a
-- scheduled deployment nor a rollback.
-- +goose StatementBegin
CREATE FUNCTION deployments_able_to_schedule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER deployments_able_to_schedule BEFORE UPDATE OF owner ON deployments
    FOR EACH ROW WHEN (NEW.epoch <> OLD.epoch AND NEW.owner IS NOT NULL AND NEW.schedule_epoch <> NEW.epoch
        AND (OLD.due_at IS NOT NULL OR OLD.kind = 'ROLLBACK'))
    EXECUTE FUNCTION deployments_able_to_schedule();

-- +goose Down
DROP TRIGGER deployments_able_to_schedule ON deployments;
DROP FUNCTION deployments_able_to_schedule;
DROP INDEX deployments_due, deployments_upcoming, deployments_wall_time;
ALTER TABLE deployments
    DROP CONSTRAINT deployments_changed, DROP CONSTRAINT deployments_schedule_status, DROP CONSTRAINT deployments_schedule_trigger,
    DROP CONSTRAINT deployments_schedule_of_go_live, DROP CONSTRAINT deployments_schedule_wall_time, DROP CONSTRAINT deployments_schedule_whole,
    DROP COLUMN schedule_epoch, DROP COLUMN last_change, DROP COLUMN changed_at, DROP COLUMN changed_by, DROP COLUMN drift_seen,
    DROP COLUMN notifications, DROP COLUMN if_changed, DROP COLUMN tzdata_version, DROP COLUMN disambiguation,
    DROP COLUMN time_resolution, DROP COLUMN time_zone, DROP COLUMN local_time, DROP COLUMN due_at;
DROP FUNCTION golive_now;
DROP TABLE clock;
