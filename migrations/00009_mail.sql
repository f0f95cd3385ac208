-- +goose Up
-- One row for each mail that somebody is to get, written in the transaction of
-- what it tells of. due_at and next_at are in the time of golive_now(); claims are
-- in real time.
CREATE TABLE mails (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id      uuid NOT NULL REFERENCES tenants,
    deployment_id  uuid NOT NULL REFERENCES deployments,
    -- The deployment's version that it tells of, from which calendars number too.
    version        int NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED', 'REMINDER', 'HELD',
                                                 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK')),
    -- How long before the due time a reminder comes; 0 for all others.
    remind_minutes int NOT NULL DEFAULT 0,
    recipient      text NOT NULL,
    -- The due time of that version, null where it was not scheduled.
    scheduled_for  timestamptz,
    -- Who did what it tells of, '' for Golive itself.
    actor          text NOT NULL,
    -- No switch keeps it from its recipient, who is responsible.
    required       boolean NOT NULL,
    -- 1 goes out first.
    importance     smallint NOT NULL CHECK (importance BETWEEN 1 AND 5),
    due_at         timestamptz NOT NULL,
    next_at        timestamptz NOT NULL,
    state          text NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING', 'QUEUED', 'SENT', 'REFUSED', 'DROPPED')),
    -- The row whose mail tells of this one too; its own id where it is that row.
    digest         bigint,
    -- As for deployments: the only job that may send it, and how many it had.
    job_id         bigint,
    dispatch       int NOT NULL DEFAULT 0,
    claimed_until  timestamptz,
    attempts       int NOT NULL DEFAULT 0,
    -- How many of them ended without the server's answer to the whole mail.
    unanswered     int NOT NULL DEFAULT 0,
    last_error     text,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at     timestamptz,
    CONSTRAINT mails_once UNIQUE (deployment_id, version, kind, remind_minutes, recipient),
    CONSTRAINT mails_settled CHECK ((settled_at IS NULL) = (state IN ('WAITING', 'QUEUED')))
) WITH (fillfactor = 80);
CREATE INDEX mails_waiting ON mails (importance, next_at) WHERE state = 'WAITING';
CREATE INDEX mails_queued ON mails (tenant_id, recipient, kind) WHERE state = 'QUEUED';
-- What somebody is to be told of one kind and has not been.
CREATE INDEX mails_pile ON mails (tenant_id, recipient, kind, due_at, id) WHERE state = 'WAITING' AND digest IS NULL AND dispatch = 0;
CREATE INDEX mails_digest ON mails (digest) WHERE digest IS NOT NULL;
-- How much of a kind somebody got of late.
CREATE INDEX mails_recent ON mails (tenant_id, recipient, kind, settled_at) WHERE state = 'SENT';
-- All whose time has come, whether put off or not: for metrics.
CREATE INDEX mails_due ON mails (due_at) WHERE settled_at IS NULL;
CREATE INDEX mails_old ON mails (settled_at) WHERE settled_at IS NOT NULL;

-- One row while the mail server cannot be used: then one mail at a time finds out
-- whether it can again.
CREATE TABLE mail_outage (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    since     timestamptz NOT NULL,
    until     timestamptz NOT NULL,
    tries     int NOT NULL,
    probe     bigint,
    error     text NOT NULL
);

-- What people want to be told. person '' is a tenant's choice for those who made
-- none of their own; no row is Golive's default.
CREATE TABLE mail_preferences (
    tenant_id uuid NOT NULL REFERENCES tenants,
    person    text NOT NULL CHECK (person = lower(person)),
    kind      text NOT NULL,
    wanted    boolean NOT NULL,
    PRIMARY KEY (tenant_id, person, kind)
);

-- +goose Down
DROP TABLE mail_preferences, mail_outage, mails;
