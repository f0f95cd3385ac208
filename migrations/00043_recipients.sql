-- +goose Up
-- People outside a tenant who are to get its mails, and what they have said to that. Who is
-- not here, and no member, was never asked.
CREATE TABLE recipients (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants,
    -- In the one spelling by which addresses are compared.
    address     text NOT NULL CHECK (address = lower(address COLLATE "C")),
    state       text NOT NULL CHECK (state IN ('WAITING', 'CONFIRMED', 'REFUSED')),
    -- How often it was asked, when last, in the time of golive_now(), and because of whom.
    asked       int NOT NULL DEFAULT 0,
    asked_at    timestamptz,
    asked_by    text,
    answered_at timestamptz,
    CONSTRAINT recipients_address_key UNIQUE (tenant_id, address)
);

-- The links in mails that ask. Of their secrets, 260 random bits, only the SHA-256 is kept,
-- as of tokens. A mail that goes out again has another one, and both are good.
CREATE TABLE recipient_links (
    hash         bytea PRIMARY KEY,
    recipient_id uuid NOT NULL REFERENCES recipients ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX recipient_links_recipient ON recipient_links (recipient_id);

-- Domains whose addresses need not confirm one by one.
CREATE TABLE mail_domains (
    tenant_id    uuid NOT NULL REFERENCES tenants,
    -- In small A-labels.
    domain       text NOT NULL CHECK (domain = lower(domain COLLATE "C")),
    confirmed_by text NOT NULL,
    confirmed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, domain)
);

-- Whoever was promised mails before anybody was asked goes on getting them. Addresses that
-- schedules have as they were written are taken from their notices, too, which have them in
-- the spelling by which they are compared.
INSERT INTO recipients (id, tenant_id, address, state, answered_at)
SELECT gen_random_uuid(), tenant_id, address, 'CONFIRMED', now() FROM (
    SELECT tenant_id, lower(address COLLATE "C") AS address FROM deployments, jsonb_array_elements_text(notifications -> 'recipients') AS address
    WHERE status = 'SCHEDULED'
    UNION
    SELECT tenant_id, lower(address COLLATE "C") FROM deployments, jsonb_array_elements_text(notifications -> 'recipients') AS address
    WHERE status IN ('PENDING', 'VALIDATING', 'DEPLOYING')
    UNION
    SELECT m.tenant_id, lower(recipient COLLATE "C") FROM mails m JOIN deployments d ON d.id = m.deployment_id
    WHERE d.status = 'SCHEDULED') AS told
WHERE NOT EXISTS (SELECT FROM members m WHERE m.tenant_id = told.tenant_id AND m.email = told.address);

INSERT INTO audit_log (tenant_id, actor, actor_kind, action, subject, details)
SELECT tenant_id, 'golive', 'SYSTEM', 'recipients.confirmed', tenant_id::text,
    jsonb_build_object('recipients', jsonb_agg(address ORDER BY address), 'because', 'They were recipients of schedules before recipients were asked.')
FROM recipients GROUP BY tenant_id;

CALL keep_apart('recipients', 'tenant_id', '{sweeps,operators,door,retention}');
CALL keep_apart('recipient_links', '(SELECT r.tenant_id FROM recipients r WHERE r.id = recipient_id)', '{sweeps,operators,door,retention}');
CALL keep_apart('mail_domains', 'tenant_id', '{sweeps,operators}');

-- +goose Down
DROP TABLE mail_domains, recipient_links, recipients;
