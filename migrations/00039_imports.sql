-- +goose Up
-- Imports from Stripe's test mode: at most one of a tenant runs at a time, by a job, and
-- place says how far it has read.
CREATE TABLE imports (
    id             uuid PRIMARY KEY,
    tenant_id      uuid NOT NULL REFERENCES tenants,
    account_id     text NOT NULL,
    -- The ids that were asked for, null for all.
    asked          text[],
    requested_by   text NOT NULL,
    -- The token or session by whose right it runs, and what the audit log tells of the request.
    credential     text NOT NULL,
    actor_kind     text NOT NULL,
    request_id     text NOT NULL,
    remote_address text NOT NULL,
    started_at     timestamptz NOT NULL DEFAULT now(),
    begun_at       timestamptz,
    finished_at    timestamptz,
    place          jsonb NOT NULL DEFAULT '{}',
    read           int NOT NULL DEFAULT 0,
    bytes          bigint NOT NULL DEFAULT 0,
    imported       int NOT NULL DEFAULT 0,
    added          int NOT NULL DEFAULT 0,
    changed        int NOT NULL DEFAULT 0,
    gone           int NOT NULL DEFAULT 0,
    error_code     text,
    error          text,
    error_field    text[],
    job_id         bigint,
    dispatch       int NOT NULL DEFAULT 0,
    epoch          bigint NOT NULL DEFAULT 0,
    lease_until    timestamptz,
    CONSTRAINT imports_error CHECK ((error_code IS NULL) = (error IS NULL))
);
CREATE UNIQUE INDEX imports_running ON imports (tenant_id) WHERE finished_at IS NULL;
CREATE INDEX imports_newest ON imports (tenant_id, started_at);

-- What a running import has read: products and prices, and once all is read, products
-- with their prices as they are going to be stored. Nothing of an import is seen before
-- all of it is.
CREATE TABLE arrivals (
    import_id  uuid NOT NULL,
    product_id text NOT NULL,
    resource   text NOT NULL CHECK (resource IN ('product', 'price')),
    id         text NOT NULL,
    body       jsonb,
    unreadable text,
    bytes      int NOT NULL,
    new_id     uuid,
    digest     text,
    PRIMARY KEY (import_id, product_id, resource, id)
);

CALL keep_apart('imports', 'tenant_id', '{sweeps,retention,operators}');
CALL keep_apart('arrivals', '(SELECT i.tenant_id FROM imports i WHERE i.id = import_id)', '{sweeps}');

-- +goose Down
DROP TABLE arrivals;
DROP TABLE imports;
