-- +goose NO TRANSACTION
-- +goose Up
-- Without a transaction, and each statement safe to repeat: no two tables are locked at
-- the same time.

-- Live as a check or a deployment saw it last, so that people see what is there without a
-- question to Stripe; JSON's null where it was not there.
ALTER TABLE products ADD COLUMN IF NOT EXISTS live_seen jsonb, ADD COLUMN IF NOT EXISTS live_seen_at timestamptz;

-- Workers of earlier versions deploy without a note of what they saw: then it is unknown
-- again, and what the links hold counts. Newer ones note it right afterwards.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION products_live_unseen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.live_seen := NULL;
    NEW.live_seen_at := NULL;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE OR REPLACE TRIGGER products_live_unseen BEFORE UPDATE OF deployed_digest ON products
    FOR EACH ROW EXECUTE FUNCTION products_live_unseen();

-- The steps that an event tells of, and why the deployment waits from then on; null in
-- events that earlier versions wrote.
ALTER TABLE deployment_events ADD COLUMN IF NOT EXISTS step_indexes int[], ADD COLUMN IF NOT EXISTS wait_reason text;

-- When a schedule was last held because it missed its time: it may have run since.
ALTER TABLE deployments ADD COLUMN IF NOT EXISTS missed_at timestamptz;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deployments_miss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.missed_at := clock_timestamp();
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE OR REPLACE TRIGGER deployments_miss BEFORE UPDATE OF wait_reason ON deployments
    FOR EACH ROW WHEN (NEW.wait_reason = 'MISSED' AND OLD.wait_reason IS DISTINCT FROM 'MISSED')
    EXECUTE FUNCTION deployments_miss();

-- What people see of a key: whose account it opens, and what is wrong with it, as Stripe
-- said when it was last asked.
ALTER TABLE stripe_connections ADD COLUMN IF NOT EXISTS account_name text, ADD COLUMN IF NOT EXISTS publishable_key text,
    ADD COLUMN IF NOT EXISTS problem text, ADD COLUMN IF NOT EXISTS problem_at timestamptz;

-- Versions before this one connect another account or key and know nothing of these.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stripe_connections_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.account_id <> OLD.account_id AND NEW.publishable_key IS NOT DISTINCT FROM OLD.publishable_key THEN
        NEW.publishable_key := NULL;
    END IF;
    IF NEW.account_id <> OLD.account_id AND NEW.account_name IS NOT DISTINCT FROM OLD.account_name THEN
        NEW.account_name := NULL;
    END IF;
    IF NEW.problem_at IS NOT DISTINCT FROM OLD.problem_at THEN
        NEW.problem := NULL;
        NEW.problem_at := NULL;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE OR REPLACE TRIGGER stripe_connections_anew BEFORE UPDATE OF connected_at ON stripe_connections
    FOR EACH ROW EXECUTE FUNCTION stripe_connections_anew();

-- How far dialogs got, without who opened them.
CREATE TABLE IF NOT EXISTS journeys (
    tenant_id  uuid NOT NULL REFERENCES tenants,
    id         uuid NOT NULL,
    stage      text NOT NULL CHECK (stage IN ('OPENED', 'CHECKED', 'PLAN_SEEN', 'CONFIRMED', 'ENDED')),
    product_id uuid NOT NULL REFERENCES products,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id, stage)
);
CREATE INDEX IF NOT EXISTS journeys_at ON journeys (tenant_id, at) INCLUDE (stage);
CREATE INDEX IF NOT EXISTS journeys_old ON journeys (at);
CALL keep_apart('journeys', 'tenant_id', '{retention}');

-- +goose Down
DROP TABLE journeys;
DROP TRIGGER stripe_connections_anew ON stripe_connections;
DROP FUNCTION stripe_connections_anew;
ALTER TABLE stripe_connections DROP COLUMN problem_at, DROP COLUMN problem, DROP COLUMN publishable_key, DROP COLUMN account_name;
DROP TRIGGER deployments_miss ON deployments;
DROP FUNCTION deployments_miss;
ALTER TABLE deployments DROP COLUMN missed_at;
ALTER TABLE deployment_events DROP COLUMN wait_reason, DROP COLUMN step_indexes;
DROP TRIGGER products_live_unseen ON products;
DROP FUNCTION products_live_unseen;
ALTER TABLE products DROP COLUMN live_seen_at, DROP COLUMN live_seen;
