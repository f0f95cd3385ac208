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

-- +goose Down
ALTER TABLE members DROP COLUMN name, DROP COLUMN signed_in_at, DROP COLUMN removed_at;
DROP TABLE invitations, sign_in_failures, sign_in_links, sessions, people;
