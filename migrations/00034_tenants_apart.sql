-- +goose NO TRANSACTION
-- +goose Up
-- Each table's statements are a transaction of their own, and may be repeated: what holds
-- one busy table must not wait for another one.

-- Which rows there are is said by two settings of each session (internal/postgres/reach.go):
-- golive.tenants are the tenants whose rows somebody may reach, and golive.reach names the
-- work that goes across tenants, '' for none. The policy tenant_rows is for the first, and
-- sweeps, the same in all tables, for the second: it lists the kinds of work that may. Where
-- neither is set there are no rows.
--
-- Both are filters that no index answers: queries have conditions of their own for that, and
-- their plans stay what they were. They hold no subquery, because each would be a part of every
-- plan of every table that a statement names, and most statements read a row or two: a setting
-- read for each row costs them less. An ID has one spelling and no comma, so it's in the text
-- of golive.tenants only where it's one of them; <> rather than >, because the planner takes
-- that to let nearly all rows through, as it does.
--
-- The owner is subject to it all, too, but for sessions that have never said whose rows they
-- may reach: those of versions before this one, and migrations. Who may reach no tenant's
-- says '{}'; '' is what is left of it when a pooler resets the session.
-- +goose StatementBegin
-- keep_apart puts a table under both policies: tenant is whose a row is, as an expression over
-- it, null where a row is no tenant's, and reaches are the kinds of work that go across tenants.
CREATE OR REPLACE PROCEDURE keep_apart(name text, tenant text, reaches text[]) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP POLICY IF EXISTS tenant_rows ON %I', name);
    IF tenant IS NOT NULL THEN
        EXECUTE format($p$CREATE POLICY tenant_rows ON %I
            USING (strpos(current_setting('golive.tenants', true), (%s)::text) <> 0)$p$, name, tenant);
    END IF;
    EXECUTE format('DROP POLICY IF EXISTS sweeps ON %I', name);
    EXECUTE format($p$CREATE POLICY sweeps ON %I USING (current_setting('golive.reach', true) = ANY (%L))$p$, name, reaches);
    EXECUTE format('DROP POLICY IF EXISTS versions_before ON %I', name);
    EXECUTE format($p$CREATE POLICY versions_before ON %I TO CURRENT_USER
        USING (coalesce(current_setting('golive.tenants', true), '') = '')$p$, name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
END $$;
-- +goose StatementEnd

-- Whose a row is that doesn't say so itself; of no use to who may reach no tenant's rows.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION token_tenant(tenant uuid, member uuid) RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN current_setting('golive.tenants', true) <> '{}'
        THEN coalesce(tenant, (SELECT m.tenant_id FROM members m WHERE m.id = member)) END;
END $$;
CREATE OR REPLACE FUNCTION deployment_tenant(deployment uuid) RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN current_setting('golive.tenants', true) <> '{}'
        THEN (SELECT d.tenant_id FROM deployments d WHERE d.id = deployment) END;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('tenants',            'id',        '{retention,operators,door,auditing}'),
        ('members',            'tenant_id', '{retention,sweeps,operators,door}'),
        ('api_tokens',         'token_tenant(tenant_id, member_id)', '{retention,sweeps,operators,door}'),
        ('calendar_feeds',     'tenant_id', '{operators,door}'),
        ('invitations',        'tenant_id', '{retention,operators,door}'),
        ('people',             NULL,        '{retention,operators,door}'),
        ('sessions',           NULL,        '{retention,operators,door}'),
        ('sign_in_links',      NULL,        '{retention,operators,door}'),
        ('sign_in_failures',   NULL,        '{retention,operators,door}'),
        ('stripe_connections', 'tenant_id', '{operators}'),
        ('audit_log',          'tenant_id', '{auditing}'),
        ('audit_heads',        'tenant_id', '{auditing}'),
        ('audit_aliases',      'tenant_id', '{auditing}'),
        ('products',           'tenant_id', '{sweeps,"live objects"}'),
        ('links',              'tenant_id', '{"live objects"}'),
        ('links_namesakes',    'tenant_id', '{"live objects"}'),
        ('links_taken',        'tenant_id', '{"live objects"}'),
        ('mails',              'tenant_id', '{retention,sweeps}'),
        ('mail_preferences',   'tenant_id', '{operators,sweeps}'),
        ('deployments',        'tenant_id', '{retention,sweeps,"live objects"}'),
        ('deployment_steps',   'deployment_tenant(deployment_id)', '{sweeps,"live objects"}'),
        ('deployment_events',  'deployment_tenant(deployment_id)', '{retention,sweeps}')
    ) AS list (name, tenant, reaches) LOOP
        CALL keep_apart(t.name, t.tenant, t.reaches::text[]);
        COMMIT;
    END LOOP;
END $$;
-- +goose StatementEnd

-- Of a live object all completions count, whosever they are.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deployments_count_completed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    reach text := current_setting('golive.reach', true);
BEGIN
    IF reach IS NOT NULL THEN
        PERFORM set_config('golive.reach', 'live objects', true);
    END IF;
    NEW.completed := 1 + coalesce(
        (SELECT d.completed FROM deployments d WHERE d.live_account_id = NEW.live_account_id AND d.stripe_product_id = NEW.stripe_product_id
            AND d.completed IS NOT NULL ORDER BY d.completed DESC LIMIT 1),
        (SELECT count(*) FROM deployments d WHERE d.live_account_id = NEW.live_account_id AND d.stripe_product_id = NEW.stripe_product_id
            AND d.status IN ('COMPLETED', 'ROLLED_BACK')));
    NEW.changed_live := deployments_changed_live(NEW.kind, NEW.plan);
    IF reach IS NOT NULL THEN
        PERFORM set_config('golive.reach', reach, true);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- What keeps a deployment waiting may be another tenant's: that it is there may be known, and
-- nothing else of it.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION live_object_busy(account text, product text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    reach text := current_setting('golive.reach', true);
    found boolean;
BEGIN
    IF reach IS NOT NULL THEN
        PERFORM set_config('golive.reach', 'live objects', true);
    END IF;
    found := EXISTS (SELECT FROM deployments d WHERE d.live_account_id = account AND d.stripe_product_id = product
        AND d.status IN ('PENDING', 'VALIDATING', 'DEPLOYING'));
    IF reach IS NOT NULL THEN
        PERFORM set_config('golive.reach', reach, true);
    END IF;
    RETURN found;
END $$;
CREATE OR REPLACE FUNCTION account_taken(account text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    reach text := current_setting('golive.reach', true);
    taken bigint;
BEGIN
    IF reach IS NOT NULL THEN
        PERFORM set_config('golive.reach', 'live objects', true);
    END IF;
    taken := (SELECT count(*) FROM deployments d WHERE d.live_account_id = account
        AND d.status IN ('PENDING', 'VALIDATING', 'DEPLOYING') AND d.job_id IS NOT NULL);
    IF reach IS NOT NULL THEN
        PERFORM set_config('golive.reach', reach, true);
    END IF;
    RETURN taken;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION account_taken, live_object_busy;
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
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT tablename AS name FROM pg_policies WHERE policyname = 'sweeps' AND schemaname = current_schema LOOP
        EXECUTE format('DROP POLICY IF EXISTS tenant_rows ON %I', t.name);
        EXECUTE format('DROP POLICY IF EXISTS sweeps ON %I', t.name);
        EXECUTE format('DROP POLICY IF EXISTS versions_before ON %I', t.name);
        EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', t.name);
        COMMIT;
    END LOOP;
END $$;
-- +goose StatementEnd
DROP FUNCTION token_tenant, deployment_tenant;
DROP PROCEDURE keep_apart;
