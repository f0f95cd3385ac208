-- +goose Up
-- When calls to Stripe may start, for all processes together. One row counts for
-- an account in one mode (endpoint ''), and one for each of its endpoints.
-- Unlogged, since it is about the last second: taking a slot costs no write to
-- disk, and a crash of Postgres forgets no more than that second.
CREATE UNLOGGED TABLE rate_slots (
    account_id text NOT NULL,
    live       boolean NOT NULL,
    endpoint   text NOT NULL,
    -- The slots of the last second and a quarter and those ahead, oldest first.
    taken      timestamptz[] NOT NULL DEFAULT '{}',
    -- Up to here slots are promised to processes that were told to come again.
    promised   timestamptz NOT NULL DEFAULT '-infinity',
    -- The part of the rate that a 429 left, and when; it grows back.
    slowed_to  real NOT NULL DEFAULT 1,
    slowed_at  timestamptz NOT NULL DEFAULT 'epoch',
    PRIMARY KEY (account_id, live, endpoint)
) WITH (fillfactor = 50);

-- The row, locked. Every caller locks the account's row before an endpoint's.
-- +goose StatementBegin
CREATE FUNCTION rate_row(of_account text, of_live boolean, of_endpoint text) RETURNS rate_slots LANGUAGE plpgsql AS $$
DECLARE
    r rate_slots;
BEGIN
    LOOP
        SELECT * INTO r FROM rate_slots
         WHERE account_id = of_account AND live = of_live AND endpoint = of_endpoint FOR UPDATE;
        IF FOUND THEN
            RETURN r;
        END IF;
        INSERT INTO rate_slots (account_id, live, endpoint) VALUES (of_account, of_live, of_endpoint) ON CONFLICT DO NOTHING;
    END LOOP;
END $$;
-- +goose StatementEnd

-- What a 429 leaves of a rate: it grows back by a twentieth a second.
CREATE FUNCTION rate_left(rate int, r rate_slots, at timestamptz) RETURNS int IMMUTABLE
RETURN CASE WHEN r.slowed_to < 1
    THEN greatest(1, floor(rate * least(1, r.slowed_to + extract(epoch FROM at - r.slowed_at) / 20)))::int
    ELSE rate END;

-- The first slot from earliest on, of so many in any one second. At once, unless
-- the second is full: then evenly spread, since calls in step would meet at
-- Stripe in one second when some of them travel longer. For the same reason a
-- burst wants a quarter of a second more than the second between it and the last
-- one: any second and a quarter holds 1.25 times the rate at most, which is what
-- Stripe allows in a second if the rate is eight tenths of its limit.
-- +goose StatementBegin
CREATE FUNCTION rate_slot(taken timestamptz[], rate int, earliest timestamptz) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    n int := cardinality(taken);
BEGIN
    IF n < rate OR taken[n - rate + 1] <= earliest - interval '1.25 s' THEN
        RETURN earliest;
    END IF;
    RETURN greatest(earliest, taken[n - rate + 1] + interval '1 s', taken[n] + interval '1 s' / rate);
END $$;
-- +goose StatementEnd

-- taken with one more, without those that matter no longer.
-- +goose StatementBegin
CREATE FUNCTION rate_add(taken timestamptz[], slot timestamptz, at timestamptz) RETURNS timestamptz[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    n int := cardinality(taken);
BEGIN
    IF n > 0 AND (taken[n] > slot OR taken[1] < at - interval '1.25 s') THEN
        RETURN ARRAY(SELECT t FROM unnest(taken || slot) t WHERE t >= at - interval '1.25 s' ORDER BY t);
    END IF;
    RETURN taken || slot;
END $$;
-- +goose StatementEnd

-- Takes slots of an endpoint and of its account, at most 250 ms ahead, for a
-- process whose calls wait: want of them, of share requesters. What it gets is
-- its own; what it does not use lapses.
--
-- A process that gets less than it wants is promised a turn: it comes back at
-- again, with turn telling that it has one. Turns make a queue, each as long as
-- its process has requesters (150 ms at most), so that requesters get equal parts
-- wherever they are. A turn that nobody comes for is not waited for: the next one
-- takes its slots.
-- +goose StatementBegin
CREATE FUNCTION take_rate_slots(
    of_account text, of_live boolean, of_endpoint text, want int, share int, turn boolean, account_rate int, endpoint_rate int,
    OUT at timestamptz, OUT slots timestamptz[], OUT again timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    ahead   CONSTANT interval := '250 ms';
    a       rate_slots := rate_row(of_account, of_live, '');
    e       rate_slots := rate_row(of_account, of_live, of_endpoint);
    a_slot  timestamptz;
    e_slot  timestamptz;
    a_gap   interval;
    e_gap   interval;
    crowded boolean;
BEGIN
    at := clock_timestamp(); -- now that the rows are ours
    slots := '{}';
    account_rate := rate_left(account_rate, a, at);
    endpoint_rate := rate_left(endpoint_rate, e, at);
    -- Another process has been told to come, and its time has not come yet.
    crowded := greatest(a.promised, e.promised) > at + ahead;
    LOOP
        a_slot := rate_slot(a.taken, account_rate, at);
        e_slot := rate_slot(e.taken, endpoint_rate, at);
        EXIT WHEN cardinality(slots) >= want
               OR greatest(a_slot, e_slot) > at + ahead
               OR crowded AND (NOT turn OR cardinality(slots) >= share);
        slots := slots || greatest(a_slot, e_slot);
        a.taken := rate_add(a.taken, greatest(a_slot, e_slot), at);
        e.taken := rate_add(e.taken, greatest(a_slot, e_slot), at);
    END LOOP;
    IF cardinality(slots) < want THEN
        want := want - cardinality(slots);
        IF crowded THEN
            want := least(want, share);
        END IF;
        a_gap := interval '1 s' / account_rate;
        e_gap := interval '1 s' / endpoint_rate;
        a_slot := greatest(a.promised, a_slot - a_gap) + a_gap * greatest(1, least(want, account_rate * 15 / 100));
        e_slot := greatest(e.promised, e_slot - e_gap) + e_gap * greatest(1, least(want, endpoint_rate * 15 / 100));
        -- It queues where the queue is longer; those who only need the other row
        -- are not in its way.
        IF a_slot >= e_slot THEN
            a.promised := a_slot;
        ELSE
            e.promised := e_slot;
        END IF;
        again := greatest(a_slot, e_slot) - ahead;
    END IF;
    UPDATE rate_slots r SET taken = a.taken, promised = a.promised
     WHERE r.account_id = of_account AND r.live = of_live AND r.endpoint = '';
    UPDATE rate_slots r SET taken = e.taken, promised = e.promised
     WHERE r.account_id = of_account AND r.live = of_live AND r.endpoint = of_endpoint;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION take_rate_slots, rate_add, rate_slot, rate_left, rate_row;
DROP TABLE rate_slots;
