-- +goose Up
-- Whoever has signed in. The issuer and its subject say who it is, ever after; both are
-- null for somebody whom so far only a link of the operators brought in. email is the
-- name by which memberships, schedules and the audit log know the person, and stays;
-- address is what the issuer has verified last.
CREATE TABLE people (
    id         uuid PRIMARY KEY,
    issuer     text,
    subject    text,
    email      text NOT NULL CONSTRAINT people_email_key UNIQUE,
    address    text NOT NULL,
    name       text,
    time_zone  text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT people_subject_key UNIQUE (issuer, subject),
    CONSTRAINT people_identity CHECK ((issuer IS NULL) = (subject IS NULL))
);

-- A browser that somebody signed in with. Of its secret, 256 random bits, only the
-- SHA-256 is kept, as of tokens.
CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    person_id    uuid NOT NULL REFERENCES people,
    hash         bytea NOT NULL CONSTRAINT sessions_hash_key UNIQUE,
    user_agent   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- To the minute: not every request writes.
    last_used_at timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz
);
CREATE INDEX sessions_person ON sessions (person_id) WHERE ended_at IS NULL;

-- Links by which operators let somebody in who has no issuer to sign in with.
CREATE TABLE sign_in_links (
    hash       bytea PRIMARY KEY,
    email      text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

-- Who could not sign in, and why: most of them belong to no tenant whose log could say so.
CREATE TABLE sign_in_failures (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    reason     text NOT NULL,
    email      text,
    request_id text NOT NULL
);
CREATE INDEX sign_in_failures_at ON sign_in_failures (at);

CREATE TABLE invitations (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants,
    email      text NOT NULL,
    role       text NOT NULL CHECK (role IN ('VIEWER', 'DEPLOYER', 'ADMIN')),
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    -- When it was accepted, withdrawn or replaced by a newer one.
    settled_at timestamptz
);
CREATE UNIQUE INDEX invitations_open ON invitations (tenant_id, email) WHERE settled_at IS NULL;
CREATE INDEX invitations_email ON invitations (email) WHERE settled_at IS NULL;

-- A member who has signed in acts without any token. One who was removed stays, since
-- tokens and the log name it.
ALTER TABLE members ADD COLUMN name text, ADD COLUMN signed_in_at timestamptz, ADD COLUMN removed_at timestamptz;

-- A service token has a tenant and no member. Versions before this one take it for no
-- token at all.
ALTER TABLE api_tokens ADD COLUMN tenant_id uuid, ADD COLUMN name text, ADD COLUMN created_by text,
    ADD COLUMN scope text NOT NULL DEFAULT 'ALL', ADD COLUMN expires_at timestamptz, ADD COLUMN last_used_at timestamptz;
ALTER TABLE api_tokens ALTER COLUMN member_id DROP NOT NULL;
ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_owner CHECK ((member_id IS NULL) = (tenant_id IS NOT NULL)) NOT VALID;
ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_scope CHECK (scope IN ('ALL', 'ORDERS')) NOT VALID;
ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_tenant FOREIGN KEY (tenant_id) REFERENCES tenants NOT VALID;

-- A mail may be about an invitation.
ALTER TABLE mails ADD COLUMN invitation_id uuid;
ALTER TABLE mails ALTER COLUMN deployment_id DROP NOT NULL;
ALTER TABLE mails DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK', 'INVITED')) NOT VALID;
ALTER TABLE mails ADD CONSTRAINT mails_subject CHECK ((deployment_id IS NULL) = (invitation_id IS NOT NULL)) NOT VALID;

-- +goose Down
DELETE FROM mails WHERE deployment_id IS NULL;
ALTER TABLE mails DROP CONSTRAINT mails_subject, DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('SCHEDULED', 'RESCHEDULED', 'TIME_ZONE_MOVED', 'CANCELLED',
    'REMINDER', 'HELD', 'MISSED', 'STARTED', 'COMPLETED', 'FAILED', 'ROLLED_BACK'));
ALTER TABLE mails ALTER COLUMN deployment_id SET NOT NULL;
ALTER TABLE mails DROP COLUMN invitation_id;
DELETE FROM api_tokens WHERE member_id IS NULL;
ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_tenant, DROP CONSTRAINT api_tokens_scope, DROP CONSTRAINT api_tokens_owner;
ALTER TABLE api_tokens ALTER COLUMN member_id SET NOT NULL;
ALTER TABLE api_tokens DROP COLUMN tenant_id, DROP COLUMN name, DROP COLUMN created_by, DROP COLUMN scope, DROP COLUMN expires_at, DROP COLUMN last_used_at;
ALTER TABLE members DROP COLUMN name, DROP COLUMN signed_in_at, DROP COLUMN removed_at;
DROP TABLE invitations, sign_in_failures, sign_in_links, sessions, people;
