-- What happened: one row a change, written in the commit that makes the change.
CREATE TABLE event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{1,30}\.[a-z_]{1,30}$'),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    organization_id uuid,
    caller_id uuid,
    request_id text CHECK (request_id <> '' AND length(request_id) <= 128),
    entry_id uuid,
    subject jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(subject) = 'object'),
    said jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(said) = 'object'),
    salt uuid NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE event IS 'Every change, in the commit that made it: ids, codes and salted commitments, nothing personal, so that it can stay when what it speaks of is erased. It refers to rows without foreign keys, since it outlives them. Append-only.';
COMMENT ON COLUMN event.event_id IS 'Identity. Ids are given before commits: their order is nobody''s, ledger_leaf.leaf_index is.';
COMMENT ON COLUMN event.kind IS 'What happened, noun.verb: see registry.domain.event.';
COMMENT ON COLUMN event.at IS 'When, by the database''s clock. A clock may jump; the order is that of the ledger.';
COMMENT ON COLUMN event.organization_id IS 'Whose it is: this organization may read it. Null: the operator''s.';
COMMENT ON COLUMN event.caller_id IS 'Who did it; null: the service itself, or a person without a key.';
COMMENT ON COLUMN event.request_id IS 'The request in which it was done, as in the logs.';
COMMENT ON COLUMN event.entry_id IS 'The entry it concerns.';
COMMENT ON COLUMN event.subject IS 'What else it concerns: ids by name, as asset_id.';
COMMENT ON COLUMN event.said IS 'What is to be known of it: codes, ids, numbers, commitments.';
COMMENT ON COLUMN event.salt IS 'Random, in its leaf: whoever sees the leaf''s hash alone cannot guess what it stands for.';
CREATE INDEX event_entry ON event (entry_id, event_id) WHERE entry_id IS NOT NULL;
CREATE INDEX event_organization ON event (organization_id, event_id);
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE event_waiting (
    event_id bigint PRIMARY KEY
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_threshold = -1);
COMMENT ON TABLE event_waiting IS 'Events that have no place in the ledger yet. Written with the event and deleted with its leaf, so that none is passed over whichever transaction commits first.';
COMMENT ON COLUMN event_waiting.event_id IS 'The event.';
