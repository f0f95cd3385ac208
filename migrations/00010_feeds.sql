-- +goose Up
-- Secret addresses of a tenant's calendar. Only the SHA-256 is kept, as of API
-- tokens and for the same reason. Whoever has an address may read what is
-- scheduled, and nothing else.
CREATE TABLE calendar_feeds (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants,
    hash       bytea NOT NULL CONSTRAINT calendar_feeds_hash_key UNIQUE,
    hint       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
CREATE INDEX calendar_feeds_tenant ON calendar_feeds (tenant_id);

-- +goose Down
DROP TABLE calendar_feeds;
