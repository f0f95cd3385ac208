-- +goose Up
-- By itself: what holds one busy table must not wait for another one.
-- A service token has a tenant and no member. Versions before this one take it for no
-- token at all.
ALTER TABLE api_tokens ADD COLUMN tenant_id uuid, ADD COLUMN name text, ADD COLUMN created_by text,
    ADD COLUMN scope text NOT NULL DEFAULT 'ALL', ADD COLUMN expires_at timestamptz, ADD COLUMN last_used_at timestamptz;
ALTER TABLE api_tokens ALTER COLUMN member_id DROP NOT NULL;
ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_owner CHECK ((member_id IS NULL) = (tenant_id IS NOT NULL)) NOT VALID;
ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_scope CHECK (scope IN ('ALL', 'ORDERS')) NOT VALID;
ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_tenant FOREIGN KEY (tenant_id) REFERENCES tenants NOT VALID;

-- +goose Down
DELETE FROM api_tokens WHERE member_id IS NULL;
ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_tenant, DROP CONSTRAINT api_tokens_scope, DROP CONSTRAINT api_tokens_owner;
ALTER TABLE api_tokens ALTER COLUMN member_id SET NOT NULL;
ALTER TABLE api_tokens DROP COLUMN tenant_id, DROP COLUMN name, DROP COLUMN created_by, DROP COLUMN scope, DROP COLUMN expires_at, DROP COLUMN last_used_at;
