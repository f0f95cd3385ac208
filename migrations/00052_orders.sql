-- +goose Up
-- Orders and their payments. Amounts are in the smallest unit of their currency. What may
-- follow what stands in internal/ledger/status.go, and again in the triggers here.
CREATE TABLE orders (
    id              uuid PRIMARY KEY,
    tenant_id       uuid NOT NULL REFERENCES tenants,
    account_id      text NOT NULL,
    livemode        boolean NOT NULL,
    number          bigint NOT NULL,
    reference       text,
    customer        text NOT NULL,
    status          text NOT NULL DEFAULT 'CREATED' CHECK (status IN
        ('CREATED', 'AWAITING_PAYMENT', 'PROCESSING', 'AUTHORIZED', 'PAID', 'FULFILLED', 'COMPLETED', 'EXPIRED', 'CANCELLED')),
    status_since    timestamptz NOT NULL DEFAULT golive_now(),
    currency        text NOT NULL CHECK (currency ~ '^[a-z]{3,4}$'),
    capture_method  text NOT NULL CHECK (capture_method IN ('AUTOMATIC', 'MANUAL')),
    subtotal        bigint NOT NULL CHECK (subtotal >= 0),
    tax             bigint NOT NULL DEFAULT 0 CHECK (tax >= 0),
    total           bigint NOT NULL,
    due             bigint NOT NULL,
    authorized      bigint NOT NULL DEFAULT 0 CHECK (authorized >= 0),
    captured        bigint NOT NULL DEFAULT 0,
    refunded        bigint NOT NULL DEFAULT 0,
    disputed        bigint NOT NULL DEFAULT 0 CHECK (disputed >= 0),
    attention       text[] NOT NULL DEFAULT '{}',
    -- In what an unpaid order is to end once nothing can be paid any more, '' for nothing.
    ending          text NOT NULL DEFAULT '' CHECK (ending IN ('', 'EXPIRED', 'CANCELLED')),
    cancel_reason   text,
    version         int NOT NULL DEFAULT 1,
    idempotency_key text NOT NULL,
    input_digest    text NOT NULL,
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT golive_now(),
    changed_at      timestamptz NOT NULL DEFAULT golive_now(),
    expires_at      timestamptz,
    paid_at         timestamptz,
    fulfilled_at    timestamptz,
    completed_at    timestamptz,
    -- Since when money is there that came after the order had ended.
    late_at         timestamptz,
    events          int NOT NULL DEFAULT 0,
    -- When somebody has to look at it again, in the time of golive_now(), null for never;
    -- looks counts how often that was since something last changed.
    next_check_at   timestamptz,
    looks           int NOT NULL DEFAULT 0,
    CONSTRAINT orders_total CHECK (total = subtotal + tax),
    CONSTRAINT orders_due CHECK (due BETWEEN 0 AND total),
    -- Without a bound by what was captured, because Stripe says what was refunded.
    CONSTRAINT orders_refunded CHECK (refunded >= 0),
    CONSTRAINT orders_paid CHECK (status NOT IN ('PAID', 'FULFILLED', 'COMPLETED') OR captured >= due)
);
CREATE UNIQUE INDEX orders_number ON orders (tenant_id, livemode, number);
CREATE UNIQUE INDEX orders_reference ON orders (tenant_id, livemode, reference) WHERE reference IS NOT NULL;
CREATE UNIQUE INDEX orders_idempotency_key ON orders (tenant_id, idempotency_key);
CREATE INDEX orders_newest ON orders (tenant_id, livemode, id DESC);
CREATE INDEX orders_customer ON orders (tenant_id, livemode, customer text_pattern_ops, id DESC);
CREATE INDEX orders_changed ON orders (tenant_id, livemode, changed_at);
CREATE INDEX orders_attention ON orders (tenant_id, livemode, id DESC) WHERE attention <> '{}';
CREATE INDEX orders_check ON orders (next_check_at) WHERE next_check_at IS NOT NULL;

-- The number that a tenant's next order in a mode gets.
CREATE TABLE order_numbers (
    tenant_id uuid NOT NULL REFERENCES tenants,
    livemode  boolean NOT NULL,
    next      bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, livemode)
);

CREATE TABLE order_lines (
    order_id            uuid NOT NULL REFERENCES orders,
    index               int NOT NULL CHECK (index >= 0),
    tenant_id           uuid NOT NULL,
    account_id          text NOT NULL,
    livemode            boolean NOT NULL,
    -- price_id is what is charged; test_price_id the price that it went live from, or itself.
    price_id            text NOT NULL,
    test_price_id       text NOT NULL,
    lookup_key          text,
    name                text NOT NULL,
    quantity            int NOT NULL CHECK (quantity BETWEEN 1 AND 10000),
    unit_amount_decimal text NOT NULL,
    amount              bigint NOT NULL CHECK (amount >= 0),
    tax                 bigint NOT NULL DEFAULT 0 CHECK (tax >= 0),
    PRIMARY KEY (order_id, index)
);

-- What is known of a customer: sealed, and apart from the order, which outlives it.
CREATE TABLE order_contacts (
    order_id     uuid PRIMARY KEY REFERENCES orders,
    tenant_id    uuid NOT NULL,
    account_id   text NOT NULL,
    livemode     boolean NOT NULL,
    sealed       bytea NOT NULL,
    seal_version int NOT NULL
);

CREATE TABLE payments (
    id              uuid PRIMARY KEY,
    order_id        uuid NOT NULL REFERENCES orders,
    tenant_id       uuid NOT NULL,
    account_id      text NOT NULL,
    livemode        boolean NOT NULL,
    attempt         int NOT NULL CHECK (attempt >= 1),
    flow            text NOT NULL CHECK (flow IN ('HOSTED', 'ELEMENTS')),
    status          text NOT NULL CHECK (status IN
        ('NEW', 'SENT', 'UNKNOWN', 'OPEN', 'PROCESSING', 'AUTHORIZED', 'CAPTURED', 'FAILED', 'EXPIRED', 'CANCELLED')),
    amount          bigint NOT NULL CHECK (amount > 0),
    currency        text NOT NULL,
    capture_method  text NOT NULL CHECK (capture_method IN ('AUTOMATIC', 'MANUAL')),
    idempotency_key text NOT NULL,
    input_digest    text NOT NULL,
    session_id      text,
    session_url     text,
    intent_id       text,
    charge_id       text,
    method          text,
    brand           text,
    last4           text,
    failure_code    text,
    decline_code    text,
    failure_message text,
    authorized      bigint NOT NULL DEFAULT 0 CHECK (authorized >= 0),
    captured        bigint NOT NULL DEFAULT 0 CHECK (captured >= 0),
    refund_reserved bigint NOT NULL DEFAULT 0 CHECK (refund_reserved >= 0),
    fee             bigint,
    fee_currency    text,
    mismatch        boolean NOT NULL DEFAULT false,
    capture_before  timestamptz,
    expires_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT golive_now(),
    -- Reads of Stripe are numbered as they begin; one that began before another that was
    -- applied is not applied any more.
    fetch_epoch     bigint NOT NULL DEFAULT 0,
    applied_epoch   bigint NOT NULL DEFAULT 0,
    observed_at     timestamptz,
    CONSTRAINT payments_attempt UNIQUE (order_id, attempt)
);
CREATE UNIQUE INDEX payments_one_live ON payments (order_id)
    WHERE status IN ('SENT', 'UNKNOWN', 'OPEN', 'PROCESSING', 'AUTHORIZED');
CREATE UNIQUE INDEX payments_session ON payments (account_id, livemode, session_id);
CREATE UNIQUE INDEX payments_intent ON payments (account_id, livemode, intent_id);
CREATE INDEX payments_charge ON payments (account_id, livemode, charge_id);
CREATE UNIQUE INDEX payments_idempotency_key ON payments (order_id, idempotency_key);

CREATE TABLE refunds (
    id               uuid PRIMARY KEY,
    payment_id       uuid NOT NULL REFERENCES payments,
    order_id         uuid NOT NULL REFERENCES orders,
    tenant_id        uuid NOT NULL,
    account_id       text NOT NULL,
    livemode         boolean NOT NULL,
    status           text NOT NULL CHECK (status IN
        ('REQUESTED', 'SENT', 'UNKNOWN', 'PENDING', 'REQUIRES_ACTION', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    amount           bigint NOT NULL CHECK (amount > 0),
    currency         text NOT NULL,
    reason           text,
    source           text NOT NULL CHECK (source IN ('OURS', 'DASHBOARD')),
    stripe_refund_id text,
    failure_reason   text,
    requested_by     text,
    created_at       timestamptz NOT NULL DEFAULT golive_now()
);
CREATE INDEX refunds_payment ON refunds (payment_id);
CREATE INDEX refunds_order ON refunds (order_id);
CREATE UNIQUE INDEX refunds_stripe ON refunds (account_id, livemode, stripe_refund_id);

CREATE TABLE disputes (
    id                uuid PRIMARY KEY,
    payment_id        uuid NOT NULL REFERENCES payments,
    order_id          uuid NOT NULL REFERENCES orders,
    tenant_id         uuid NOT NULL,
    account_id        text NOT NULL,
    livemode          boolean NOT NULL,
    status            text NOT NULL,
    amount            bigint NOT NULL CHECK (amount >= 0),
    currency          text NOT NULL,
    reason            text NOT NULL,
    stripe_dispute_id text NOT NULL,
    due_by            timestamptz,
    submissions       int NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL DEFAULT golive_now()
);
CREATE INDEX disputes_order ON disputes (order_id);
CREATE UNIQUE INDEX disputes_stripe ON disputes (account_id, livemode, stripe_dispute_id);

-- Every write to Stripe: the key and the bytes are here before it is sent, so that it can
-- be sent again as it was by whoever finds that nobody heard of its outcome. The bytes may
-- hold a customer's address, and are sealed.
CREATE TABLE stripe_calls (
    id            uuid PRIMARY KEY,
    order_id      uuid NOT NULL REFERENCES orders,
    payment_id    uuid NOT NULL REFERENCES payments,
    refund_id     uuid REFERENCES refunds,
    tenant_id     uuid NOT NULL,
    account_id    text NOT NULL,
    livemode      boolean NOT NULL,
    step          text NOT NULL CHECK (step IN ('checkout', 'intent', 'expire', 'cancel', 'capture', 'refund')),
    key           text NOT NULL UNIQUE,
    path          text NOT NULL,
    body          bytea NOT NULL,
    seal_version  int NOT NULL,
    -- What the one who asked for it named it, and the digest of what was asked.
    asked_key     text,
    asked_digest  text,
    -- SENT is one of which nobody knows whether Stripe has carried it out.
    state         text NOT NULL DEFAULT 'SENT' CHECK (state IN ('SENT', 'DONE', 'REFUSED')),
    tries         int NOT NULL DEFAULT 0,
    begun_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at      timestamptz,
    object_id     text,
    request_id    text,
    error_code    text,
    error_message text,
    CONSTRAINT stripe_calls_ended CHECK ((state = 'SENT') = (ended_at IS NULL))
);
CREATE INDEX stripe_calls_order ON stripe_calls (order_id);
CREATE UNIQUE INDEX stripe_calls_asked ON stripe_calls (order_id, step, asked_key) WHERE asked_key IS NOT NULL;
CREATE INDEX stripe_calls_unknown ON stripe_calls (begun_at) WHERE state = 'SENT';

-- Gap-free: an event's number is the order's count of events, under the order's lock.
CREATE TABLE order_events (
    order_id   uuid NOT NULL REFERENCES orders,
    sequence   int NOT NULL CHECK (sequence >= 1),
    tenant_id  uuid NOT NULL,
    account_id text NOT NULL,
    livemode   boolean NOT NULL,
    at         timestamptz NOT NULL DEFAULT golive_now(),
    status     text NOT NULL,
    message    text NOT NULL,
    actor      text NOT NULL,
    PRIMARY KEY (order_id, sequence)
);

-- What has to follow once: receipts, calls to the host. Nobody takes them yet.
CREATE TABLE order_effects (
    order_id   uuid NOT NULL REFERENCES orders,
    kind       text NOT NULL,
    n          int NOT NULL,
    tenant_id  uuid NOT NULL,
    account_id text NOT NULL,
    livemode   boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT golive_now(),
    done_at    timestamptz,
    PRIMARY KEY (order_id, kind, n)
);

-- +goose StatementBegin
CREATE FUNCTION orders_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('CREATED', 'AWAITING_PAYMENT'), ('CREATED', 'PAID'), ('CREATED', 'EXPIRED'), ('CREATED', 'CANCELLED'),
        ('AWAITING_PAYMENT', 'PROCESSING'), ('AWAITING_PAYMENT', 'AUTHORIZED'), ('AWAITING_PAYMENT', 'PAID'),
        ('AWAITING_PAYMENT', 'EXPIRED'), ('AWAITING_PAYMENT', 'CANCELLED'),
        ('PROCESSING', 'PAID'), ('PROCESSING', 'AWAITING_PAYMENT'), ('PROCESSING', 'EXPIRED'), ('PROCESSING', 'CANCELLED'),
        ('AUTHORIZED', 'PAID'), ('AUTHORIZED', 'CANCELLED'), ('AUTHORIZED', 'EXPIRED'),
        ('PAID', 'FULFILLED'), ('PAID', 'CANCELLED'),
        ('FULFILLED', 'COMPLETED')
    ) THEN
        RAISE EXCEPTION 'order % cannot go from % to %', OLD.id, OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    NEW.status_since := golive_now();
    RETURN NEW;
END $$;
CREATE FUNCTION payments_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('NEW', 'SENT'),
        ('SENT', 'OPEN'), ('SENT', 'UNKNOWN'), ('SENT', 'FAILED'),
        ('UNKNOWN', 'OPEN'), ('UNKNOWN', 'PROCESSING'), ('UNKNOWN', 'AUTHORIZED'), ('UNKNOWN', 'CAPTURED'),
        ('UNKNOWN', 'FAILED'), ('UNKNOWN', 'EXPIRED'), ('UNKNOWN', 'CANCELLED'),
        ('OPEN', 'PROCESSING'), ('OPEN', 'AUTHORIZED'), ('OPEN', 'CAPTURED'), ('OPEN', 'EXPIRED'), ('OPEN', 'CANCELLED'),
        ('PROCESSING', 'CAPTURED'), ('PROCESSING', 'OPEN'), ('PROCESSING', 'CANCELLED'),
        ('AUTHORIZED', 'CAPTURED'), ('AUTHORIZED', 'CANCELLED'), ('AUTHORIZED', 'EXPIRED'),
        ('FAILED', 'OPEN'), ('FAILED', 'PROCESSING'), ('FAILED', 'AUTHORIZED'), ('FAILED', 'CAPTURED'),
        ('FAILED', 'EXPIRED'), ('FAILED', 'CANCELLED')
    ) THEN
        RAISE EXCEPTION 'payment % cannot go from % to %', OLD.id, OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION refunds_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('REQUESTED', 'SENT'), ('REQUESTED', 'FAILED'),
        ('SENT', 'PENDING'), ('SENT', 'REQUIRES_ACTION'), ('SENT', 'SUCCEEDED'), ('SENT', 'FAILED'), ('SENT', 'CANCELLED'), ('SENT', 'UNKNOWN'),
        ('UNKNOWN', 'PENDING'), ('UNKNOWN', 'REQUIRES_ACTION'), ('UNKNOWN', 'SUCCEEDED'), ('UNKNOWN', 'FAILED'), ('UNKNOWN', 'CANCELLED'),
        ('PENDING', 'REQUIRES_ACTION'), ('PENDING', 'SUCCEEDED'), ('PENDING', 'FAILED'), ('PENDING', 'CANCELLED'),
        ('REQUIRES_ACTION', 'PENDING'), ('REQUIRES_ACTION', 'SUCCEEDED'), ('REQUIRES_ACTION', 'FAILED'), ('REQUIRES_ACTION', 'CANCELLED'),
        ('SUCCEEDED', 'FAILED'),
        ('FAILED', 'PENDING'), ('FAILED', 'REQUIRES_ACTION'), ('FAILED', 'SUCCEEDED'), ('FAILED', 'CANCELLED')
    ) THEN
        RAISE EXCEPTION 'refund % cannot go from % to %', OLD.id, OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
-- An order's history is added to, without gaps, and never changed.
CREATE FUNCTION order_events_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'what an order was told of cannot be changed' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.sequence <> 1 + coalesce((SELECT max(e.sequence) FROM order_events e WHERE e.order_id = NEW.order_id), 0) THEN
        RAISE EXCEPTION 'event % of order % leaves a gap', NEW.sequence, NEW.order_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER orders_transition BEFORE UPDATE OF status ON orders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION orders_transition();
CREATE TRIGGER payments_transition BEFORE UPDATE OF status ON payments
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION payments_transition();
CREATE TRIGGER refunds_transition BEFORE UPDATE OF status ON refunds
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION refunds_transition();
CREATE TRIGGER order_events_follow BEFORE INSERT OR UPDATE ON order_events
    FOR EACH ROW EXECUTE FUNCTION order_events_follow();

-- What cannot be, however it came about: empty, or somebody has to look.
CREATE VIEW order_breaches WITH (security_invoker) AS
    SELECT o.id, 'captured'::text AS what FROM orders o
        WHERE o.captured <> (SELECT coalesce(sum(p.captured), 0) FROM payments p WHERE p.order_id = o.id)
    UNION ALL SELECT o.id, 'refunded' FROM orders o
        WHERE o.refunded <> (SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.order_id = o.id AND r.status = 'SUCCEEDED' AND r.currency = o.currency)
    UNION ALL SELECT o.id, 'unpaid' FROM orders o
        WHERE o.status IN ('CREATED', 'AWAITING_PAYMENT', 'PROCESSING', 'AUTHORIZED') AND o.captured >= o.due AND o.due > 0
    UNION ALL SELECT o.id, 'reserved' FROM orders o JOIN payments p ON p.order_id = o.id
        WHERE p.refund_reserved <> (SELECT coalesce(sum(r.amount), 0) FROM refunds r
            WHERE r.payment_id = p.id AND r.status NOT IN ('FAILED', 'CANCELLED'))
    UNION ALL SELECT o.id, 'events' FROM orders o
        WHERE o.events <> (SELECT count(*) FROM order_events e WHERE e.order_id = o.id);

CALL keep_apart('orders', 'tenant_id', '{sweeps,retention,operators}');
CALL keep_apart('order_numbers', 'tenant_id', '{operators}');
CALL keep_apart('order_lines', 'tenant_id', '{sweeps,retention,operators}');
CALL keep_apart('order_contacts', 'tenant_id', '{retention,operators}');
CALL keep_apart('payments', 'tenant_id', '{sweeps,retention,operators}');
CALL keep_apart('refunds', 'tenant_id', '{sweeps,retention,operators}');
CALL keep_apart('disputes', 'tenant_id', '{sweeps,retention,operators}');
CALL keep_apart('stripe_calls', 'tenant_id', '{sweeps,retention,operators}');
CALL keep_apart('order_events', 'tenant_id', '{sweeps,retention,operators}');
CALL keep_apart('order_effects', 'tenant_id', '{sweeps,retention,operators}');

-- +goose Down
DROP VIEW order_breaches;
DROP TABLE order_effects, order_events, stripe_calls, disputes, refunds, payments, order_contacts, order_lines, order_numbers, orders;
DROP FUNCTION orders_transition, payments_transition, refunds_transition, order_events_follow;
