-- +goose Up
-- How much of a quota is spent, by the time at which all of it would be there again.
-- Unlogged: a crash of Postgres forgets at most a day's.
CREATE UNLOGGED TABLE quotas (
    name    text NOT NULL,
    whose   text NOT NULL,
    full_at timestamptz NOT NULL,
    PRIMARY KEY (name, whose)
);
CREATE INDEX quotas_full ON quotas (full_at);

-- +goose Down
DROP TABLE quotas;
