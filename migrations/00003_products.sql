-- +goose Up
-- snapshot is the product with all its prices as the last import read them, in
-- Stripe's own field names; digest identifies its content.
CREATE TABLE products (
    id                uuid PRIMARY KEY,
    tenant_id         uuid NOT NULL REFERENCES tenants,
    test_account_id   text NOT NULL,
    stripe_product_id text NOT NULL,
    name              text NOT NULL,
    snapshot          jsonb NOT NULL,
    digest            text NOT NULL,
    imported_at       timestamptz NOT NULL DEFAULT now(),
    gone_at           timestamptz,
    live_account_id   text,
    live_product_id   text,
    -- What the last completed deployment wrote, and whether a check has since
    -- seen live differ from it.
    deployed_digest   text,
    drifted_at        timestamptz,
    CONSTRAINT products_stripe_product_id_key UNIQUE (tenant_id, test_account_id, stripe_product_id),
    CHECK (live_product_id IS NULL OR live_account_id IS NOT NULL)
);
CREATE INDEX products_tenant ON products (tenant_id, name, id);

-- A link pairs a test object with its live one, within one live account; it is
-- the proof that Golive made or adopted the live object and so may change it.
-- base is the live object as the last completed deployment left it.
CREATE TABLE links (
    live_account_id text NOT NULL,
    test_id         text NOT NULL,
    resource        text NOT NULL CHECK (resource IN ('product', 'price')),
    live_id         text NOT NULL,
    -- The test product that the object belongs to (its own id for a product).
    test_product_id text NOT NULL,
    tenant_id       uuid NOT NULL REFERENCES tenants,
    deployment_id   uuid,
    adopted         boolean NOT NULL DEFAULT false,
    base            jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (live_account_id, test_id),
    CONSTRAINT links_live_id_key UNIQUE (live_account_id, live_id)
);
CREATE INDEX links_product ON links (live_account_id, test_product_id);

-- +goose Down
DROP TABLE links, products;
