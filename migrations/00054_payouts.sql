-- +goose Up
-- What Stripe pays out of an account's balance. Amounts are in the smallest unit of their
-- currency, here and below. Tenants may share an account; each has rows of its own.
CREATE TABLE payouts (
    id                    uuid PRIMARY KEY,
    tenant_id             uuid NOT NULL REFERENCES tenants,
    account_id            text NOT NULL,
    livemode              boolean NOT NULL,
    stripe_payout_id      text NOT NULL,
    status                text NOT NULL,
    amount                bigint NOT NULL,
    currency              text NOT NULL CHECK (currency ~ '^[a-z]{3,4}$'),
    automatic             boolean NOT NULL,
    reconciliation_status text NOT NULL,
    arrival_date          date,
    created_at            timestamptz NOT NULL,
    -- The last of its transactions that has been read, null before and after.
    read_to               text,
    fees                  bigint NOT NULL DEFAULT 0,
    transactions          int NOT NULL DEFAULT 0,
    -- What no transaction explains: all of it until they have been read.
    residual              bigint NOT NULL,
    reconciled_at         timestamptz,
    CONSTRAINT payouts_reconciled CHECK (reconciled_at IS NULL OR residual = 0),
    CONSTRAINT payouts_once UNIQUE (tenant_id, account_id, livemode, stripe_payout_id)
);
CREATE INDEX payouts_newest ON payouts (tenant_id, livemode, created_at DESC, id DESC);
CREATE INDEX payouts_open ON payouts (created_at) WHERE automatic AND reconciled_at IS NULL;

-- Each movement of an account's balance, as Stripe booked it. No foreign keys but of the
-- payout: whose order one is of is asked of those who keep orders.
CREATE TABLE balance_transactions (
    id               uuid PRIMARY KEY,
    tenant_id        uuid NOT NULL,
    account_id       text NOT NULL,
    livemode         boolean NOT NULL,
    stripe_id        text NOT NULL,
    type             text NOT NULL,
    category         text NOT NULL,
    amount           bigint NOT NULL,
    fee              bigint NOT NULL,
    net              bigint NOT NULL,
    currency         text NOT NULL,
    exchange_rate    numeric,
    source_id        text,
    available_on     timestamptz,
    created_at       timestamptz NOT NULL,
    order_id         uuid,
    payment_id       uuid,
    -- Of a payment: how it was paid, and what its customer was charged.
    method           text,
    charged          bigint,
    charged_currency text,
    payout_id        uuid REFERENCES payouts,
    CONSTRAINT balance_transactions_net CHECK (net = amount - fee),
    CONSTRAINT balance_transactions_once UNIQUE (tenant_id, account_id, livemode, stripe_id)
);
CREATE INDEX balance_transactions_payout ON balance_transactions (payout_id, id) WHERE payout_id IS NOT NULL;
CREATE INDEX balance_transactions_created ON balance_transactions (tenant_id, livemode, created_at);
CREATE INDEX balance_transactions_unmatched ON balance_transactions (tenant_id, livemode, created_at) WHERE order_id IS NULL;

-- When an account is compared with Stripe, and since when nothing of its balance is missing.
CREATE TABLE reconciliations (
    tenant_id  uuid NOT NULL REFERENCES tenants,
    livemode   boolean NOT NULL,
    account_id text NOT NULL,
    next_at    timestamptz NOT NULL,
    checked_at timestamptz,
    -- Balance transactions created before it have been read.
    read_to    timestamptz,
    -- What kept the last comparison from being made, for people.
    problem    text,
    PRIMARY KEY (tenant_id, livemode)
);
CREATE INDEX reconciliations_next ON reconciliations (next_at);

-- In what Stripe and Golive differ. One is raised once it has been found twice, some time
-- apart: what is under way differs for a moment.
CREATE TABLE mismatches (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL,
    account_id text NOT NULL,
    livemode   boolean NOT NULL,
    kind       text NOT NULL,
    subject    text NOT NULL,
    says       text NOT NULL,
    order_id   uuid,
    payment_id uuid,
    -- When what it is about was made at Stripe.
    about_at   timestamptz NOT NULL,
    found_at   timestamptz NOT NULL DEFAULT golive_now(),
    raised_at  timestamptz,
    gone_at    timestamptz
);
CREATE UNIQUE INDEX mismatches_open ON mismatches (tenant_id, account_id, livemode, kind, subject) WHERE gone_at IS NULL;
CREATE INDEX mismatches_raised ON mismatches (tenant_id, livemode, found_at) WHERE raised_at IS NOT NULL;

CALL keep_apart('payouts', 'tenant_id', '{sweeps}');
CALL keep_apart('balance_transactions', 'tenant_id', '{sweeps}');
CALL keep_apart('reconciliations', 'tenant_id', '{sweeps}');
CALL keep_apart('mismatches', 'tenant_id', '{sweeps}');

-- +goose Down
DROP TABLE mismatches;
DROP TABLE reconciliations;
DROP TABLE balance_transactions;
DROP TABLE payouts;
