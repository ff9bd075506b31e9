-- Webhooks: subscriptions, signing secrets, and deliveries in order.

CREATE TABLE webhook (
    webhook_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    url text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    kinds text[] NOT NULL CHECK (cardinality(kinds) BETWEEN 1 AND 50),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
    reason text CHECK (reason IN ('failing', 'gone')),
    deaths integer NOT NULL DEFAULT 0 CHECK (deaths >= 0),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'disabled') = (reason IS NOT NULL))
);
COMMENT ON TABLE webhook IS 'An address of an organization to which events are sent.';
COMMENT ON COLUMN webhook.webhook_id IS 'Identity, and the name of the key that encrypts its secrets.';
COMMENT ON COLUMN webhook.organization_id IS 'The organization: it gets its own events only.';
COMMENT ON COLUMN webhook.url IS 'Where messages are sent by POST.';
COMMENT ON COLUMN webhook.kinds IS 'Which events: kinds, noun.* or *.';
COMMENT ON COLUMN webhook.state IS 'active; paused: messages wait; disabled by the service: messages become dead letters at once, and can be replayed.';
COMMENT ON COLUMN webhook.reason IS 'Why it was disabled. failing: one message after another failed. gone: the endpoint answered 410.';
COMMENT ON COLUMN webhook.deaths IS 'Messages that failed for good in a row; a delivery resets it to 0.';
COMMENT ON COLUMN webhook.created_by IS 'The administrator who made it.';
COMMENT ON COLUMN webhook.created_at IS 'When it was made: it gets events from then on.';
CREATE INDEX webhook_organization ON webhook (organization_id, created_at);

CREATE TABLE webhook_secret (
    secret_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    webhook_id uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
    sealed bytea NOT NULL CHECK (octet_length(sealed) BETWEEN 29 AND 2100),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz
);
COMMENT ON TABLE webhook_secret IS 'Signing secrets. A message is signed with every secret that has not expired, so that secrets can be rotated. Of a channel: its whole address.';
COMMENT ON COLUMN webhook_secret.secret_id IS 'Identity.';
COMMENT ON COLUMN webhook_secret.webhook_id IS 'The webhook.';
COMMENT ON COLUMN webhook_secret.sealed IS 'The secret, encrypted under the webhook''s key, which is not in the database.';
COMMENT ON COLUMN webhook_secret.created_at IS 'When it was made; the newest one signs first.';
COMMENT ON COLUMN webhook_secret.expires_at IS 'Until when it signs; null: until it is replaced.';
CREATE INDEX webhook_secret_webhook ON webhook_secret (webhook_id, created_at DESC);

CREATE TABLE webhook_delivery (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
    event_id bigint,
    message_id uuid NOT NULL DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    body text,
    status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'dead')),
    attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at timestamptz NOT NULL DEFAULT now(),
    outcome text,
    response_code smallint,
    snippet text CHECK (length(snippet) <= 1000),
    took_ms integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    attempted_at timestamptz,
    ended_at timestamptz,
    UNIQUE (webhook_id, event_id),
    CHECK ((status = 'waiting') = (ended_at IS NULL)),
    CHECK ((status = 'delivered') = (body IS NULL))
);
COMMENT ON TABLE webhook_delivery IS 'A message to a webhook and its outcome. Kept for a while after it ended.';
COMMENT ON COLUMN webhook_delivery.delivery_id IS 'Identity, and the order in which messages of a webhook are sent.';
COMMENT ON COLUMN webhook_delivery.webhook_id IS 'The webhook.';
COMMENT ON COLUMN webhook_delivery.event_id IS 'The event; null: a test.';
COMMENT ON COLUMN webhook_delivery.message_id IS 'The receiver''s id of it (webhook-id): the same on every attempt and replay.';
COMMENT ON COLUMN webhook_delivery.kind IS 'The event''s kind, or webhook.test.';
COMMENT ON COLUMN webhook_delivery.body IS 'The bytes to send; deleted once delivered.';
COMMENT ON COLUMN webhook_delivery.status IS 'waiting for its turn or another attempt; delivered; dead: given up, and kept to be replayed.';
COMMENT ON COLUMN webhook_delivery.attempts IS 'How often it was sent since it was made or replayed; counted before it is sent.';
COMMENT ON COLUMN webhook_delivery.next_at IS 'When it may be sent.';
COMMENT ON COLUMN webhook_delivery.outcome IS 'Result of the last attempt: a stable code of registry.sharing.webhooks.model.';
COMMENT ON COLUMN webhook_delivery.response_code IS 'The HTTP status of the last answer.';
COMMENT ON COLUMN webhook_delivery.snippet IS 'Start of the body of the last answer.';
COMMENT ON COLUMN webhook_delivery.took_ms IS 'How long the last attempt took.';
COMMENT ON COLUMN webhook_delivery.created_at IS 'When it was made.';
COMMENT ON COLUMN webhook_delivery.attempted_at IS 'When it was last sent.';
COMMENT ON COLUMN webhook_delivery.ended_at IS 'When it was delivered or given up.';
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, delivery_id) WHERE status = 'waiting';
CREATE INDEX webhook_delivery_dead ON webhook_delivery (webhook_id, ended_at) WHERE status = 'dead';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE status <> 'waiting';

CREATE TABLE event_untold (
    event_id bigint PRIMARY KEY
);
COMMENT ON TABLE event_untold IS 'Events that webhooks and watches have not processed. Written with the event, deleted in the commit that makes the messages.';
COMMENT ON COLUMN event_untold.event_id IS 'The event.';

CREATE FUNCTION queue_telling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_untold (event_id) SELECT event_id FROM made;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION queue_telling() IS 'Trigger: queue events for webhooks and watches.';
CREATE TRIGGER event_to_tell AFTER INSERT ON event
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION queue_telling();

CREATE TABLE match_cursor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    answered_in bigint NOT NULL,
    lookup_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
COMMENT ON TABLE match_cursor IS 'The last matched lookup of which webhooks were told.';
COMMENT ON COLUMN match_cursor.one IS 'There is one row.';
COMMENT ON COLUMN match_cursor.answered_in IS 'lookup.answered_in of that lookup, or the oldest transaction that was running when all before it were processed.';
COMMENT ON COLUMN match_cursor.lookup_id IS 'Its id, which orders the lookups of one transaction.';
INSERT INTO match_cursor (answered_in) VALUES (pg_snapshot_xmin(pg_current_snapshot())::text::bigint);
