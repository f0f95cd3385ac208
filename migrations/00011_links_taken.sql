-- +goose NO TRANSACTION
-- +goose Up
-- Links of other tenants that a deployment took over or displaced, as they were.
-- Where the deployment is turned or rolled back, its taking over is undone as well.
CREATE TABLE IF NOT EXISTS links_taken (
    taken_by        uuid NOT NULL,
    live_account_id text NOT NULL,
    test_id         text NOT NULL,
    resource        text NOT NULL,
    live_id         text NOT NULL,
    test_product_id text NOT NULL,
    tenant_id       uuid NOT NULL REFERENCES tenants,
    deployment_id   uuid,
    adopted         boolean NOT NULL,
    base            jsonb,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (taken_by, live_account_id, test_id)
);

-- What completed on one live object, whosever it was, is a stack.
DROP INDEX CONCURRENTLY IF EXISTS deployments_live_object;
CREATE INDEX CONCURRENTLY deployments_live_object ON deployments (live_account_id, stripe_product_id);

-- +goose Down
DROP INDEX deployments_live_object;
DROP TABLE links_taken;
