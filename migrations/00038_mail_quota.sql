-- +goose Up
-- Whether a mail has counted among those that its tenant may send in a day, and how many
-- mails of a tenant were dropped because those were spent, until its admins are told.
ALTER TABLE mails ADD COLUMN counted boolean NOT NULL DEFAULT false;
CREATE TABLE mail_drops (
    tenant_id uuid PRIMARY KEY REFERENCES tenants,
    since     timestamptz NOT NULL,
    mails     int NOT NULL
);

CALL keep_apart('mail_drops', 'tenant_id', '{sweeps}');

-- +goose Down
DROP TABLE mail_drops;
ALTER TABLE mails DROP COLUMN counted;
