-- +goose Up
-- Who, from where, why, and what it was before: workers of earlier versions leave these
-- empty. number is an entry's place in the chain of its tenant's log, and hash the HMAC
-- of the entry and of the hash before it. Both are empty until the entry is chained: at
-- once by whoever has the sealing keys, else by a worker's sweep (internal/audit/sweep.go).
ALTER TABLE audit_log ADD COLUMN actor_kind text, ADD COLUMN reason text, ADD COLUMN request_id text, ADD COLUMN remote_address text,
    ADD COLUMN before jsonb, ADD COLUMN after jsonb, ADD COLUMN number bigint, ADD COLUMN hash bytea;

-- The end of each tenant's chain, and the key under which it is made, sealed. A row is
-- locked as the last thing in a transaction, and so written at every change: half of a
-- page is left for that.
CREATE TABLE audit_heads (
    tenant_id     uuid PRIMARY KEY REFERENCES tenants,
    sealed_key    bytea NOT NULL,
    seal_version  int NOT NULL,
    -- The number and the hash of the newest entry.
    entries       bigint NOT NULL DEFAULT 0,
    hash          bytea NOT NULL DEFAULT '',
    -- The same of the newest entry that retention has taken away.
    cut           bigint NOT NULL DEFAULT 0,
    cut_hash      bytea NOT NULL DEFAULT '',
    -- How much of it the worker's log has named.
    anchored      bigint NOT NULL DEFAULT 0,
    anchored_at   timestamptz,
    -- What the last look at the whole chain found; broken_at is the id of an entry.
    verified_at   timestamptz,
    broken_at     text
) WITH (fillfactor = 50);

-- What stands in entries in place of people's addresses. To forget somebody is to delete
-- these rows, and to name their ids in an entry: the others, and so the chain, stay as
-- they are.
CREATE TABLE audit_aliases (
    id        uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    -- The e-mail address of whom this tells something, in small letters; empty for nobody.
    person    text NOT NULL,
    -- What the alias stands for: that address as it was written, or one of the network.
    value     text NOT NULL,
    -- The HMAC of all that, under the key of the tenant's chain.
    hash      bytea NOT NULL
);
CREATE INDEX audit_aliases_value ON audit_aliases (tenant_id, value);
CREATE INDEX audit_aliases_person ON audit_aliases (person);

-- Only an entry that is not chained yet may change, once; only retention may delete, and
-- says so by a setting of its transaction. Whoever can go round this is found out by the
-- chain.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.number IS NULL AND NEW.number IS NOT NULL
        AND (NEW.id, NEW.tenant_id, NEW.at, NEW.action) = (OLD.id, OLD.tenant_id, OLD.at, OLD.action) THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND current_setting('golive.audit_cut', true) = OLD.tenant_id::text THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
DROP TRIGGER audit_log_append_only ON audit_log;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_append_only();
CREATE TRIGGER audit_log_never_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only();

-- +goose Down
DROP TRIGGER audit_log_never_emptied ON audit_log;
DROP TRIGGER audit_log_append_only ON audit_log;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only();
DROP TABLE audit_aliases;
DROP TABLE audit_heads;
ALTER TABLE audit_log DROP COLUMN actor_kind, DROP COLUMN reason, DROP COLUMN request_id, DROP COLUMN remote_address,
    DROP COLUMN before, DROP COLUMN after, DROP COLUMN number, DROP COLUMN hash;
