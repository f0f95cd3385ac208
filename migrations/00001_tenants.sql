-- +goose Up
CREATE TABLE tenants (
    id         uuid PRIMARY KEY,
    slug       text NOT NULL CONSTRAINT tenants_slug_key UNIQUE
               CONSTRAINT tenants_slug_check CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name       text NOT NULL CHECK (name <> ''),
    time_zone  text NOT NULL DEFAULT 'UTC',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE members (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants,
    email      text NOT NULL CHECK (email = lower(email)),
    role       text NOT NULL CHECK (role IN ('VIEWER', 'DEPLOYER', 'ADMIN')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT members_email_key UNIQUE (tenant_id, email)
);

-- Only the SHA-256 of a token is kept: tokens carry 256 bits of randomness, so
-- a slow password hash would add cost to every request and no safety.
-- A token acts with the lesser of its own role and its member's: an admin can
-- give a script a viewer's token, and a member's new role raises no old token.
CREATE TABLE api_tokens (
    id         uuid PRIMARY KEY,
    member_id  uuid NOT NULL REFERENCES members,
    role       text NOT NULL CHECK (role IN ('VIEWER', 'DEPLOYER', 'ADMIN')),
    hash       bytea NOT NULL CONSTRAINT api_tokens_hash_key UNIQUE,
    hint       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
CREATE INDEX api_tokens_member ON api_tokens (member_id);

-- sealed_key is AEAD ciphertext bound to tenant, column and version: a row
-- copied to another tenant does not open.
CREATE TABLE stripe_connections (
    tenant_id    uuid NOT NULL REFERENCES tenants,
    mode         text NOT NULL CHECK (mode IN ('TEST', 'LIVE')),
    account_id   text NOT NULL,
    sealed_key   bytea NOT NULL,
    seal_version int NOT NULL DEFAULT 1,
    key_hint     text NOT NULL,
    connected_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, mode)
);

-- Append-only: the trigger refuses what the application never asks for.
CREATE TABLE audit_log (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor     text NOT NULL,
    action    text NOT NULL,
    subject   text NOT NULL,
    details   jsonb
);
CREATE INDEX audit_log_tenant ON audit_log (tenant_id, id DESC);

-- +goose StatementBegin
CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only();

-- +goose Down
DROP TABLE audit_log;
DROP FUNCTION audit_log_append_only;
DROP TABLE stripe_connections, api_tokens, members, tenants;
