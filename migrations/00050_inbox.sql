-- +goose Up
-- Orders and payments of a tenant in one mode: off until somebody enables them. The row has
-- the webhook endpoint that Stripe sends events to, of the account that was connected then.
CREATE TABLE payments_modules (
    tenant_id     uuid NOT NULL REFERENCES tenants,
    livemode      boolean NOT NULL,
    account_id    text NOT NULL,
    enabled       boolean NOT NULL DEFAULT false,
    -- Since when it is enabled, null while it is not.
    since         timestamptz,
    -- SHA-256 of the secret end of the endpoint's address.
    path_hash     bytea UNIQUE,
    -- Null from before the call that makes it until its id and its secret are noted.
    endpoint_id   text,
    origins       text[] NOT NULL DEFAULT '{}',
    -- What keeps events away, for people; told once.
    problem       text,
    -- Who enables it right now, and until when that one is believed to.
    turn          uuid,
    turn_until    timestamptz,
    -- What was missed is looked for from newest_event on, and now and then further back.
    next_round_at timestamptz,
    newest_event  timestamptz,
    looked_back   timestamptz,
    -- Where a list of events that no round has read to its end goes on.
    bookmark      jsonb,
    PRIMARY KEY (tenant_id, livemode),
    CONSTRAINT payments_modules_since CHECK (enabled = (since IS NOT NULL)),
    CONSTRAINT payments_modules_ready CHECK (NOT enabled OR path_hash IS NOT NULL)
);
CREATE INDEX payments_modules_round ON payments_modules (next_round_at) WHERE path_hash IS NOT NULL;

-- What an endpoint's events are signed with. An old secret signs until a time, beside the
-- one that took its place.
CREATE TABLE webhook_secrets (
    tenant_id    uuid NOT NULL,
    livemode     boolean NOT NULL,
    number       int NOT NULL CHECK (number BETWEEN 1 AND 3),
    sealed       bytea NOT NULL,
    seal_version int NOT NULL,
    until        timestamptz,
    PRIMARY KEY (tenant_id, livemode, number),
    FOREIGN KEY (tenant_id, livemode) REFERENCES payments_modules
);

-- Events as Stripe sent them. Tenants may share an account; each has its own endpoint, and
-- so its own row of an event. No foreign keys: each would lock a row that all events share.
CREATE TABLE stripe_events (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL,
    account_id  text NOT NULL,
    livemode    boolean NOT NULL,
    event_id    text NOT NULL,
    endpoint_id text,
    type        text NOT NULL,
    -- What it is about; null where that is nothing that orders are made of.
    kind        text,
    object_id   text,
    -- The order that the object's stamp names.
    order_id    uuid,
    api_version text NOT NULL,
    created_at  timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_at  timestamptz,
    source      text NOT NULL CHECK (source IN ('WEBHOOK', 'BACKFILL', 'REPLAY')),
    deliveries  int NOT NULL DEFAULT 1,
    status      text NOT NULL CHECK (status IN ('RECEIVED', 'APPLIED', 'IGNORED', 'FOREIGN', 'QUARANTINED', 'DEAD')),
    attempts    int NOT NULL DEFAULT 0,
    -- The read of the object that was begun after this event had come.
    fetch_epoch bigint,
    error       text,
    CONSTRAINT stripe_events_object CHECK ((kind IS NULL) = (object_id IS NULL)),
    CONSTRAINT stripe_events_once UNIQUE (tenant_id, account_id, livemode, event_id)
);
CREATE INDEX stripe_events_list ON stripe_events (tenant_id, livemode, id);
CREATE INDEX stripe_events_open ON stripe_events (tenant_id, account_id, livemode, kind, object_id) WHERE status IN ('RECEIVED', 'DEAD');
CREATE INDEX stripe_events_oldest ON stripe_events (received_at) WHERE status = 'RECEIVED';
CREATE INDEX stripe_events_status ON stripe_events (tenant_id, livemode, status, id);
CREATE INDEX stripe_events_aside ON stripe_events (livemode, status) WHERE status IN ('DEAD', 'QUARANTINED');
CREATE INDEX stripe_events_over ON stripe_events (received_at) WHERE status IN ('APPLIED', 'IGNORED', 'FOREIGN');
CREATE INDEX stripe_events_order ON stripe_events (order_id) WHERE order_id IS NOT NULL;

-- What they said, sealed, since it has people in it.
CREATE TABLE stripe_payloads (
    event_id     uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    sealed       bytea NOT NULL,
    seal_version int NOT NULL
);
CREATE INDEX stripe_payloads_age ON stripe_payloads (received_at);

-- The objects that events are about. One is dirty while dirty_seq, which counts its events,
-- is ahead of clean_seq, which is as far as a read has seen. fetch_epoch counts reads as they
-- begin: what an older one finds is of no use once a newer one has begun.
CREATE TABLE stripe_objects (
    tenant_id   uuid NOT NULL,
    account_id  text NOT NULL,
    livemode    boolean NOT NULL,
    kind        text NOT NULL,
    id          text NOT NULL,
    dirty_seq   bigint NOT NULL DEFAULT 1,
    clean_seq   bigint NOT NULL DEFAULT 0,
    -- When it was last read.
    clean_since timestamptz,
    -- dirty_seq when the object was last given a job for being clean.
    woken_seq   bigint NOT NULL DEFAULT 1,
    fetch_epoch bigint NOT NULL DEFAULT 0,
    -- Reads that failed, since the object became dirty.
    attempts    int NOT NULL DEFAULT 0,
    -- Since when it is stamped as ours without a row of ours.
    waits_since timestamptz,
    next_try_at timestamptz,
    dead        boolean NOT NULL DEFAULT false,
    error       text,
    job_id      bigint,
    -- The session of the worker that reads it, see Lifeline.
    lifeline    bigint,
    PRIMARY KEY (tenant_id, account_id, livemode, kind, id)
) WITH (fillfactor = 80);
CREATE INDEX stripe_objects_dirty ON stripe_objects (next_try_at) WHERE dirty_seq > clean_seq AND NOT dead;
CREATE INDEX stripe_objects_clean ON stripe_objects (clean_since) WHERE dirty_seq = clean_seq;
CREATE INDEX stripe_objects_read ON stripe_objects (lifeline) WHERE lifeline IS NOT NULL;

CALL keep_apart('payments_modules', 'tenant_id', '{door,sweeps,operators}');
CALL keep_apart('webhook_secrets', 'tenant_id', '{door,operators}');
CALL keep_apart('stripe_events', 'tenant_id', '{sweeps,retention}');
CALL keep_apart('stripe_payloads', 'tenant_id', '{retention,operators}');
CALL keep_apart('stripe_objects', 'tenant_id', '{sweeps,retention}');

-- +goose Down
DROP TABLE stripe_objects;
DROP TABLE stripe_payloads;
DROP TABLE stripe_events;
DROP TABLE webhook_secrets;
DROP TABLE payments_modules;
