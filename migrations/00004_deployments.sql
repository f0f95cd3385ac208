-- +goose Up
CREATE TABLE deployments (
    id                  uuid PRIMARY KEY,
    tenant_id           uuid NOT NULL REFERENCES tenants,
    product_id          uuid NOT NULL REFERENCES products,
    live_account_id     text NOT NULL,
    stripe_product_id   text NOT NULL,
    kind                text NOT NULL CHECK (kind IN ('GO_LIVE', 'ROLLBACK')),
    trigger             text NOT NULL CHECK (trigger IN ('IMMEDIATE', 'SCHEDULED')),
    status              text NOT NULL CHECK (status IN ('PENDING', 'SCHEDULED', 'VALIDATING', 'DEPLOYING',
                                                        'COMPLETED', 'FAILED', 'ROLLED_BACK', 'CANCELLED')),
    wait_reason         text,
    requested_by        text NOT NULL,
    reason              text,
    idempotency_key     text,
    input_digest        text NOT NULL,
    expected_plan_hash  text,
    adopt               boolean NOT NULL DEFAULT false,
    version             int NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at          timestamptz,
    finished_at         timestamptz,

    -- Who may act. job_id names the only River job that may work this row;
    -- dispatch counts the jobs inserted for it; epoch grows with every owner,
    -- and a write that does not match it belongs to a stale one.
    job_id              bigint,
    dispatch            int NOT NULL DEFAULT 0,
    epoch               bigint NOT NULL DEFAULT 0,
    owner               text,
    lease_until         timestamptz,

    last_sequence       int NOT NULL DEFAULT 0,
    progress_percentage int NOT NULL DEFAULT 0 CHECK (progress_percentage BETWEEN 0 AND 100),
    progress_message    text NOT NULL DEFAULT '',

    test_snapshot       jsonb,
    validation          jsonb,
    plan                jsonb,
    error               jsonb,
    live_outcome        text CHECK (live_outcome IN ('UNCHANGED', 'RESTORED', 'PARTIAL')),

    CONSTRAINT deployments_idempotency_key UNIQUE (tenant_id, idempotency_key),
    CONSTRAINT deployments_finished CHECK ((finished_at IS NOT NULL) =
        (status IN ('COMPLETED', 'FAILED', 'ROLLED_BACK', 'CANCELLED'))),
    CONSTRAINT deployments_complete_is_100 CHECK ((progress_percentage = 100) = (status IN ('COMPLETED', 'ROLLED_BACK')))
) WITH (fillfactor = 70);

-- One active deployment per live object, whoever asks: this index decides, not code.
CREATE UNIQUE INDEX deployments_one_active ON deployments (live_account_id, stripe_product_id)
    WHERE status IN ('PENDING', 'VALIDATING', 'DEPLOYING');
CREATE INDEX deployments_tenant ON deployments (tenant_id, id DESC);
CREATE INDEX deployments_product ON deployments (product_id, id DESC);

-- The same table as deployment.Transitions; a test holds them together.
-- +goose StatementBegin
CREATE FUNCTION deployments_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('SCHEDULED', 'PENDING'), ('SCHEDULED', 'CANCELLED'),
        ('PENDING', 'VALIDATING'), ('PENDING', 'SCHEDULED'), ('PENDING', 'CANCELLED'), ('PENDING', 'FAILED'),
        ('VALIDATING', 'DEPLOYING'), ('VALIDATING', 'SCHEDULED'), ('VALIDATING', 'COMPLETED'),
        ('VALIDATING', 'CANCELLED'), ('VALIDATING', 'FAILED'),
        ('DEPLOYING', 'COMPLETED'), ('DEPLOYING', 'CANCELLED'), ('DEPLOYING', 'FAILED'),
        ('COMPLETED', 'ROLLED_BACK'), ('ROLLED_BACK', 'COMPLETED')
    ) THEN
        RAISE EXCEPTION 'deployment % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'deployments_transition';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER deployments_transition BEFORE UPDATE OF status ON deployments
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION deployments_transition();

-- The journal: written whole before the first effect. body holds the exact
-- bytes to send, with {test_id} where an earlier step yields the live id.
CREATE TABLE deployment_steps (
    deployment_id     uuid NOT NULL REFERENCES deployments,
    index             int NOT NULL,
    change            int NOT NULL,
    action            text NOT NULL CHECK (action IN ('CREATE', 'UPDATE', 'ARCHIVE', 'REACTIVATE')),
    resource          text NOT NULL,
    test_id           text NOT NULL,
    live_id           text,
    summary           text NOT NULL,
    method            text NOT NULL,
    path              text NOT NULL,
    body              text NOT NULL,
    after             int[] NOT NULL,
    stamp             text NOT NULL,
    idempotency_key   text NOT NULL CONSTRAINT deployment_steps_idempotency_key UNIQUE,
    api_version       text NOT NULL,
    want              jsonb NOT NULL,
    before            jsonb,
    status            text NOT NULL DEFAULT 'PENDING'
                      CHECK (status IN ('PENDING', 'RUNNING', 'DONE', 'SKIPPED', 'FAILED', 'UNDONE')),
    attempts          int NOT NULL DEFAULT 0,
    stripe_request_id text,
    started_at        timestamptz,
    finished_at       timestamptz,
    PRIMARY KEY (deployment_id, index)
);

-- Gap-free: sequence comes from deployments.last_sequence in the same transaction.
CREATE TABLE deployment_events (
    deployment_id uuid NOT NULL REFERENCES deployments,
    sequence      int NOT NULL,
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    status        text NOT NULL,
    percentage    int NOT NULL,
    message       text NOT NULL,
    terminal      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (deployment_id, sequence)
);

-- +goose Down
DROP TABLE deployment_events, deployment_steps, deployments;
DROP FUNCTION deployments_transition;
