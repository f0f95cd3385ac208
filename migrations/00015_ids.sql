-- +goose NO TRANSACTION
-- +goose Up
-- Each statement can be repeated: nothing takes back those before one that failed.

-- How a step's bytes name the objects that earlier steps create (internal/journal).
-- Versions that do not know the column write form 1.
ALTER TABLE deployment_steps ADD COLUMN IF NOT EXISTS form int NOT NULL DEFAULT 1;

-- A product and a price may have the same id. Links are keyed by kind and id from now
-- on; the primary key and links_live_id_key, which know no kind, stay for workers of
-- the version before, who write ON CONFLICT on them.
DROP INDEX CONCURRENTLY IF EXISTS links_object_key;
CREATE UNIQUE INDEX CONCURRENTLY links_object_key ON links (live_account_id, resource, test_id);

-- Until the old keys go, a link that they have no room for, since an object of another
-- kind has the same id, is kept beside them. Whoever reads, updates or deletes links
-- meets it there, and the trigger puts it there, whatever version inserts it.
CREATE TABLE IF NOT EXISTS links_namesakes (
    PRIMARY KEY (live_account_id, resource, test_id),
    UNIQUE (live_account_id, resource, live_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants
) INHERITS (links);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION links_namesake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM links_namesakes l
            WHERE l.live_account_id = NEW.live_account_id AND l.resource = NEW.resource AND l.test_id = NEW.test_id)
        AND NOT EXISTS (SELECT FROM ONLY links l
            WHERE l.live_account_id = NEW.live_account_id AND l.resource <> NEW.resource AND (l.test_id = NEW.test_id OR l.live_id = NEW.live_id)) THEN
        RETURN NEW;
    END IF;
    INSERT INTO links_namesakes AS l SELECT NEW.*
    ON CONFLICT (live_account_id, resource, test_id) DO UPDATE SET live_id = EXCLUDED.live_id, test_product_id = EXCLUDED.test_product_id,
        tenant_id = EXCLUDED.tenant_id, deployment_id = EXCLUDED.deployment_id, adopted = EXCLUDED.adopted, base = EXCLUDED.base,
        created_at = EXCLUDED.created_at
    WHERE l.live_id <> EXCLUDED.live_id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE OR REPLACE TRIGGER links_namesake BEFORE INSERT ON links FOR EACH ROW EXECUTE FUNCTION links_namesake();

-- Only this version's own statements name what was taken, and none by a conflict.
DROP INDEX CONCURRENTLY IF EXISTS links_taken_object_key;
CREATE UNIQUE INDEX CONCURRENTLY links_taken_object_key ON links_taken (taken_by, live_account_id, resource, test_id);
ALTER TABLE links_taken DROP CONSTRAINT links_taken_pkey,
    ADD CONSTRAINT links_taken_pkey PRIMARY KEY USING INDEX links_taken_object_key;

-- +goose Down
ALTER TABLE links_taken DROP CONSTRAINT links_taken_pkey, ADD PRIMARY KEY (taken_by, live_account_id, test_id);
DROP TRIGGER IF EXISTS links_namesake ON links;
DROP FUNCTION IF EXISTS links_namesake;
DROP TABLE IF EXISTS links_namesakes;
DROP INDEX IF EXISTS links_object_key;
ALTER TABLE deployment_steps DROP COLUMN IF EXISTS form;
