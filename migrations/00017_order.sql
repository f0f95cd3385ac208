-- +goose NO TRANSACTION
-- Every statement may be repeated: one that gave up leaves those before it applied.
-- +goose Up
-- Which deployment is later is counted, never read from clocks or ids.
ALTER TABLE deployments
    -- The how-manyth of its product's deployments it is, as they were asked for: the
    -- product is locked then.
    ADD COLUMN IF NOT EXISTS made bigint,
    -- The how-manyth that completed on its live object, whosever it is: one is active
    -- there at a time. Null as long as it has not completed.
    ADD COLUMN IF NOT EXISTS completed bigint,
    -- Whether it changed anything, in live or in what is known to be whose: only such
    -- a go-live can be rolled back. A rollback changes what stands, whatever it found to
    -- do in live. Null as long as it has not completed.
    ADD COLUMN IF NOT EXISTS changed_live boolean;

DROP INDEX CONCURRENTLY IF EXISTS deployments_made;
CREATE INDEX CONCURRENTLY deployments_made ON deployments (product_id, made DESC);
DROP INDEX CONCURRENTLY IF EXISTS deployments_completed;
CREATE INDEX CONCURRENTLY deployments_completed ON deployments (live_account_id, stripe_product_id, completed DESC) WHERE completed IS NOT NULL;

-- Workers and servers of earlier versions count without knowing. Where older rows have
-- no number yet, those count that will get one.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deployments_count_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.made := 1 + coalesce(
        (SELECT d.made FROM deployments d WHERE d.product_id = NEW.product_id AND d.made IS NOT NULL ORDER BY d.made DESC LIMIT 1),
        (SELECT count(*) FROM deployments d WHERE d.product_id = NEW.product_id));
    RETURN NEW;
END $$;
-- +goose StatementEnd
DROP TRIGGER IF EXISTS deployments_count_made ON deployments;
CREATE TRIGGER deployments_count_made BEFORE INSERT ON deployments
    FOR EACH ROW WHEN (NEW.made IS NULL) EXECUTE FUNCTION deployments_count_made();

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deployments_changed_live(kind text, plan jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(kind = 'ROLLBACK' OR jsonb_path_exists(plan, '$.steps[*].path') OR jsonb_path_exists(plan, '$.links[*].liveId'), true)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deployments_count_completed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.completed := 1 + coalesce(
        (SELECT d.completed FROM deployments d WHERE d.live_account_id = NEW.live_account_id AND d.stripe_product_id = NEW.stripe_product_id
            AND d.completed IS NOT NULL ORDER BY d.completed DESC LIMIT 1),
        (SELECT count(*) FROM deployments d WHERE d.live_account_id = NEW.live_account_id AND d.stripe_product_id = NEW.stripe_product_id
            AND d.status IN ('COMPLETED', 'ROLLED_BACK')));
    NEW.changed_live := deployments_changed_live(NEW.kind, NEW.plan);
    RETURN NEW;
END $$;
-- +goose StatementEnd
-- Only the first completion counts: one that was rolled back keeps its place, and so
-- does one that stands again.
DROP TRIGGER IF EXISTS deployments_count_completed ON deployments;
CREATE TRIGGER deployments_count_completed BEFORE UPDATE OF status ON deployments
    FOR EACH ROW WHEN (NEW.status = 'COMPLETED' AND OLD.status NOT IN ('COMPLETED', 'ROLLED_BACK'))
    EXECUTE FUNCTION deployments_count_completed();
DROP TRIGGER IF EXISTS deployments_count_completed_first ON deployments;
CREATE TRIGGER deployments_count_completed_first BEFORE INSERT ON deployments
    FOR EACH ROW WHEN (NEW.status IN ('COMPLETED', 'ROLLED_BACK'))
    EXECUTE FUNCTION deployments_count_completed();

-- Older rows, one product after the other, each in a transaction of its own: heartbeats
-- write the same table. By clocks and ids, as they were read so far.
-- +goose StatementBegin
DO $$
DECLARE
    next record;
BEGIN
    FOR next IN SELECT DISTINCT product_id FROM deployments WHERE made IS NULL LOOP
        UPDATE deployments d SET made = counted.place
        FROM (SELECT id, row_number() OVER (ORDER BY created_at, id) AS place FROM deployments
            WHERE product_id = next.product_id AND made IS NULL) counted
        WHERE d.id = counted.id;
        COMMIT;
    END LOOP;
    FOR next IN SELECT DISTINCT live_account_id, stripe_product_id FROM deployments
        WHERE completed IS NULL AND status IN ('COMPLETED', 'ROLLED_BACK') LOOP
        UPDATE deployments d SET completed = counted.place, changed_live = deployments_changed_live(d.kind, d.plan)
        FROM (SELECT id, row_number() OVER (ORDER BY finished_at, id) AS place FROM deployments
            WHERE live_account_id = next.live_account_id AND stripe_product_id = next.stripe_product_id
                AND completed IS NULL AND status IN ('COMPLETED', 'ROLLED_BACK')) counted
        WHERE d.id = counted.id;
        COMMIT;
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER deployments_count_completed_first ON deployments;
DROP TRIGGER deployments_count_completed ON deployments;
DROP TRIGGER deployments_count_made ON deployments;
DROP FUNCTION deployments_count_completed;
DROP FUNCTION deployments_changed_live;
DROP FUNCTION deployments_count_made;
ALTER TABLE deployments DROP COLUMN changed_live, DROP COLUMN completed, DROP COLUMN made;
