-- +goose Up
-- How much of a rate has been given out to the processes, by the time at which all of it
-- would be there again, and how much of it the last lease was. Unlogged: it is about the
-- last seconds, and a crash of Postgres forgets no more than those.
CREATE UNLOGGED TABLE rates (
    name    text NOT NULL,
    whose   text NOT NULL,
    full_at timestamptz NOT NULL,
    leased  int NOT NULL,
    PRIMARY KEY (name, whose)
) WITH (fillfactor = 50);
CREATE INDEX rates_full ON rates (full_at);

-- +goose Down
DROP TABLE rates;
