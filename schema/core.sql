-- What every room uses: append-only tables, audit events, and the change counts that read replicas are compared by.

CREATE EXTENSION IF NOT EXISTS vector;

CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger of tables whose rows are never changed or deleted.';

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

CREATE TABLE asset_commitment (
    asset_id uuid PRIMARY KEY,
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32)
);
COMMENT ON TABLE asset_commitment IS 'What ties the events of an asset to its file: with it one can prove which file was registered when. Deleting it unties them.';
COMMENT ON COLUMN asset_commitment.asset_id IS 'The asset.';
COMMENT ON COLUMN asset_commitment.salt IS 'Random.';
COMMENT ON COLUMN asset_commitment.commitment IS 'SHA-256 of the salt and the file''s SHA-256 in hex, as events have it.';

CREATE TABLE fingerprint_commitment (
    asset_id uuid,
    digest bytea CHECK (octet_length(digest) = 32),
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (asset_id, digest)
);
COMMENT ON TABLE fingerprint_commitment IS 'What ties the events of an asset to its fingerprints, each that it had: with it one can prove which fingerprint was known when. Deleting it unties them.';
COMMENT ON COLUMN fingerprint_commitment.asset_id IS 'The asset.';
COMMENT ON COLUMN fingerprint_commitment.digest IS 'SHA-256 of the fingerprint document as stored, without faces, in canonical JSON (RFC 8785): see registry.domain.frozen.';
COMMENT ON COLUMN fingerprint_commitment.salt IS 'Random.';
COMMENT ON COLUMN fingerprint_commitment.commitment IS 'SHA-256 of the salt and the digest in hex, as events have it.';
COMMENT ON COLUMN fingerprint_commitment.committed_at IS 'When it was first stored, by the database''s clock.';

CREATE TABLE change_count (
    organization_id uuid PRIMARY KEY,
    changes bigint NOT NULL CHECK (changes > 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE change_count IS 'How many changes a copy of the database must hold before a lookup may be answered from it. Counted at commit and replicated like any row, so that a copy that has the count has the changes.';
COMMENT ON COLUMN change_count.organization_id IS 'Whose lookups wait for them; the nil UUID: everybody''s, since something was withdrawn or restricted.';
COMMENT ON COLUMN change_count.changes IS 'How many there were; grows by one a transaction.';

CREATE FUNCTION count_change(organization uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO change_count AS c (organization_id, changes) VALUES (organization, 1)
    ON CONFLICT (organization_id) DO UPDATE SET changes = c.changes + 1
    WHERE c.xmin <> pg_current_xact_id()::xid
$$;
COMMENT ON FUNCTION count_change(uuid) IS 'Counts one change for an organization (nil UUID: for everybody), once a transaction. Called at its end, so that others wait no longer than its commit takes.';

CREATE FUNCTION count_restriction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_change('00000000-0000-0000-0000-000000000000');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION count_restriction() IS 'Something that answered does so no longer, or less: no copy may answer anybody before it knows.';

-- Entries that come by the thousand: what a transaction need do once is done once, and not with each row.
CREATE FUNCTION count_own_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bank uuid;
    organization uuid;
    counted text;
BEGIN
    IF TG_TABLE_NAME = 'entry' THEN
        bank := NEW.bank_id;
    ELSIF TG_TABLE_NAME = 'entry_asset' THEN
        SELECT e.bank_id INTO bank FROM entry e WHERE e.entry_id = NEW.entry_id;
    ELSE
        IF NEW.organization_id IS NOT NULL THEN
            PERFORM count_change(NEW.organization_id);
        END IF;
        RETURN NULL;
    END IF;
    -- The bank whose rows this transaction has counted last: it is forgotten with the transaction.
    counted := pg_current_xact_id()::text || ' ' || bank::text;
    IF counted = current_setting('fakeprint.counted', true) THEN
        RETURN NULL;
    END IF;
    SELECT b.organization_id INTO organization FROM bank b WHERE b.bank_id = bank;
    IF organization IS NOT NULL THEN
        PERFORM count_change(organization);
        PERFORM set_config('fakeprint.counted', counted, true);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION count_own_change() IS 'An organization has something new: its own lookups find it from now on.';
