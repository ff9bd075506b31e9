-- What every room uses: append-only tables, audit events, and the change counts that read replicas are compared by.

CREATE EXTENSION IF NOT EXISTS vector;

CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger of tables whose rows are never changed or deleted.';

CREATE FUNCTION folded(plain text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100
    RETURN ' ' || btrim(regexp_replace(translate(replace(lower(regexp_replace(
        normalize(plain, NFKD), '[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]+', '', 'g')
        COLLATE pg_c_utf8), 'ß', 'ss'), 'łøđıςىةکی٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'lodiσيهكي01234567890123456789'), '[^[:alnum:]]+' COLLATE pg_c_utf8, ' ', 'g'));
COMMENT ON FUNCTION folded(text) IS 'A text as it is searched: words in lower case without accents, vowel signs and punctuation, each after a space. The same on every server, whatever its locale.';

CREATE FUNCTION search_keys(scope uuid, words text) RETURNS bigint[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
DECLARE
    letters text[] := string_to_array(words, NULL);
    seed bigint := uuid_hash_extended(scope, 0);
    keys bigint[] := '{}';
BEGIN
    FOR at IN 1 .. cardinality(letters) - 1 LOOP
        CONTINUE WHEN letters[at] = '|' OR letters[at + 1] IN (' ', '|');
        IF letters[at] = ' ' THEN
            keys := keys || hashtextextended(letters[at] || letters[at + 1], seed);
        END IF;
        CONTINUE WHEN at + 2 > cardinality(letters) OR letters[at + 2] IN (' ', '|');
        keys := keys || hashtextextended(letters[at] || letters[at + 1] || letters[at + 2], seed);
    END LOOP;
    RETURN keys;
END $$;
COMMENT ON FUNCTION search_keys(uuid, text) IS 'Keys of an index of parts of words: hashes of every three letters within a word, and of its first one and two after their space. Those of one scope differ from those of another. A bar separates words of a query.';

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
COMMENT ON TABLE event IS 'Audit events: one row for every change, written in the commit that makes it. Holds ids, codes and salted commitments, nothing personal, so a row can stay when the data it refers to is erased. No foreign keys, since it outlives those rows. Append-only.';
COMMENT ON COLUMN event.event_id IS 'Identity. Ids are assigned before the commit, so they give no order; ledger_leaf.leaf_index does.';
COMMENT ON COLUMN event.kind IS 'What happened, as noun.verb: registry.core.audit.model.event.';
COMMENT ON COLUMN event.at IS 'When, by the database''s clock. The clock may jump; the ledger gives the order.';
COMMENT ON COLUMN event.organization_id IS 'The organization that may read it. Null: the operator alone.';
COMMENT ON COLUMN event.caller_id IS 'The caller that did it; null: the service itself, or a person without a key.';
COMMENT ON COLUMN event.request_id IS 'The request that caused it, as in the logs.';
COMMENT ON COLUMN event.entry_id IS 'The entry it concerns.';
COMMENT ON COLUMN event.subject IS 'Other ids that it concerns, by name, as asset_id.';
COMMENT ON COLUMN event.said IS 'Details: codes, ids, numbers, commitments.';
COMMENT ON COLUMN event.salt IS 'Random part of the leaf: the leaf''s hash alone does not let anybody guess its content.';
CREATE INDEX event_entry ON event (entry_id, event_id) WHERE entry_id IS NOT NULL;
CREATE INDEX event_organization ON event (organization_id, event_id);
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE event_waiting (
    event_id bigint PRIMARY KEY
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_threshold = -1);
COMMENT ON TABLE event_waiting IS 'Events without a place in the ledger. Written with the event and deleted with its leaf, so that none is skipped, whichever transaction commits first.';
COMMENT ON COLUMN event_waiting.event_id IS 'The event.';

CREATE TABLE asset_commitment (
    asset_id uuid PRIMARY KEY,
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32)
);
COMMENT ON TABLE asset_commitment IS 'Ties the events of an asset to its file: proves which file was registered when. Deleting the row unties them.';
COMMENT ON COLUMN asset_commitment.asset_id IS 'The asset.';
COMMENT ON COLUMN asset_commitment.salt IS 'Random.';
COMMENT ON COLUMN asset_commitment.commitment IS 'SHA-256 of the salt and the file''s SHA-256 in hex, as in the events.';

CREATE TABLE fingerprint_commitment (
    asset_id uuid,
    digest bytea CHECK (octet_length(digest) = 32),
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (asset_id, digest)
);
COMMENT ON TABLE fingerprint_commitment IS 'Ties the events of an asset to each fingerprint it has had: proves which fingerprint was known when. Deleting the row unties them.';
COMMENT ON COLUMN fingerprint_commitment.asset_id IS 'The asset.';
COMMENT ON COLUMN fingerprint_commitment.digest IS 'SHA-256 of the fingerprint document as stored, without faces, in canonical JSON (RFC 8785): registry.catalogue.fingerprints.model.canonical.';
COMMENT ON COLUMN fingerprint_commitment.salt IS 'Random.';
COMMENT ON COLUMN fingerprint_commitment.commitment IS 'SHA-256 of the salt and the digest in hex, as in the events.';
COMMENT ON COLUMN fingerprint_commitment.committed_at IS 'When it was first stored, by the database''s clock.';

CREATE TABLE change_count (
    organization_id uuid PRIMARY KEY,
    changes bigint NOT NULL CHECK (changes > 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE change_count IS 'How many changes a read replica must hold before it may answer a lookup. Counted at commit and replicated like any row: a replica that has the count has the changes.';
COMMENT ON COLUMN change_count.organization_id IS 'The organization whose lookups wait for these changes; the nil UUID: everybody''s, since something was withdrawn or restricted.';
COMMENT ON COLUMN change_count.changes IS 'Number of changes; grows by one a transaction.';

CREATE FUNCTION count_change(organization uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO change_count AS c (organization_id, changes) VALUES (organization, 1)
    ON CONFLICT (organization_id) DO UPDATE SET changes = c.changes + 1
    WHERE c.xmin <> pg_current_xact_id()::xid
$$;
COMMENT ON FUNCTION count_change(uuid) IS 'Count one change for an organization (nil UUID: for everybody), once a transaction. Called at the end of the transaction, so that others wait only for its commit.';

CREATE FUNCTION count_restriction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_change('00000000-0000-0000-0000-000000000000');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION count_restriction() IS 'Trigger: something answers no longer, or less. No replica may answer anybody before it holds this change.';

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
    -- Entries come by the thousand: remember, for this transaction, the bank that was counted last.
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
COMMENT ON FUNCTION count_own_change() IS 'Trigger: an organization has something new, which its own lookups find from now on.';
