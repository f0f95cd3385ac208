-- +goose Up
-- The times in which all places of a live account were taken (internal/fair): they don't count towards a schedule's grace. since and until are by
-- golive_now(), as due times are. seen is when a worker last saw that it still is so,
-- by the real clock, and null once it is over: where no worker lives nobody waits for
-- a place, and what then happens to the grace is not the account's doing.
CREATE TABLE account_full (
    live_account_id text NOT NULL,
    since           timestamptz NOT NULL,
    until           timestamptz NOT NULL,
    seen            timestamptz,
    PRIMARY KEY (live_account_id, since)
);
CREATE UNIQUE INDEX account_full_now ON account_full (live_account_id) WHERE seen IS NOT NULL;

-- For how long since an instant all places of an account were taken.
-- +goose StatementBegin
CREATE FUNCTION account_full_time(account text, since_when timestamptz) RETURNS interval LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(sum(spell.ends - greatest(spell.since, since_when)), interval '0') FROM (
        SELECT since, CASE WHEN seen > now() - interval '10 seconds' THEN golive_now() ELSE until END AS ends
        FROM account_full WHERE live_account_id = account) spell
    WHERE spell.ends > greatest(spell.since, since_when)
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION account_full_time;
DROP TABLE account_full;
