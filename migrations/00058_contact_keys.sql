-- +goose Up
-- By what an email address is found, which stands in no column: a hash under a key of the
-- tenant's own, which lies sealed, as the addresses themselves do.
CREATE TABLE contact_keys (
    tenant_id    uuid PRIMARY KEY REFERENCES tenants,
    sealed       bytea NOT NULL,
    seal_version int NOT NULL
);
ALTER TABLE order_contacts ADD COLUMN email_hash bytea;
CALL keep_apart('contact_keys', 'tenant_id', '{operators}');

-- +goose Down
ALTER TABLE order_contacts DROP COLUMN email_hash;
DROP TABLE contact_keys;
