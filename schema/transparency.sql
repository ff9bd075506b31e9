-- The ledger (a Merkle tree of events and lookups), its time stamps, and the status of signed statements.

CREATE TABLE ledger_leaf (
    leaf_index bigint PRIMARY KEY CHECK (leaf_index >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    event_id bigint UNIQUE,
    entry_id uuid,
    readers bytea NOT NULL CHECK (octet_length(readers) = 32),
    readers_hash bytea NOT NULL CHECK (octet_length(readers_hash) = 32)
);
COMMENT ON TABLE ledger_leaf IS 'The leaves of the ledger, in order and without gaps, in the order in which commits were seen. Append-only.';
COMMENT ON COLUMN ledger_leaf.leaf_index IS 'Its position, from 0.';
COMMENT ON COLUMN ledger_leaf.hash IS 'SHA-256 of 0x00 and the leaf, in canonical JSON: registry.core.audit.model.ledger.';
COMMENT ON COLUMN ledger_leaf.event_id IS 'The event; null: a lookup, see ledger_lookup.';
COMMENT ON COLUMN ledger_leaf.entry_id IS 'The entry of the event, so that the history of an entry shows where an event is gone.';
COMMENT ON COLUMN ledger_leaf.readers IS 'Marks by which its organizations recognize it, random to all others: registry.transparency.ledger.model.readers.';
COMMENT ON COLUMN ledger_leaf.readers_hash IS 'SHA-256 of 0x02, this hash of the leaf before, and the marks; checkpoints state it.';
CREATE INDEX ledger_leaf_entry ON ledger_leaf (entry_id, leaf_index) WHERE entry_id IS NOT NULL;
CREATE TRIGGER ledger_leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ledger_lookup (
    leaf_index bigint PRIMARY KEY,
    lookup_id uuid NOT NULL UNIQUE,
    caller_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    at timestamptz NOT NULL,
    input text NOT NULL,
    verdict text NOT NULL,
    query_commitment bytea CHECK (octet_length(query_commitment) = 32),
    answer_commitment bytea NOT NULL CHECK (octet_length(answer_commitment) = 32),
    salt bytea CHECK (octet_length(salt) = 32)
);
COMMENT ON TABLE ledger_lookup IS 'What the ledger keeps of an answered lookup; it stays when the lookup is deleted.';
COMMENT ON COLUMN ledger_lookup.leaf_index IS 'Its position in the ledger.';
COMMENT ON COLUMN ledger_lookup.lookup_id IS 'The lookup.';
COMMENT ON COLUMN ledger_lookup.caller_id IS 'The caller.';
COMMENT ON COLUMN ledger_lookup.organization_id IS 'The caller''s organization.';
COMMENT ON COLUMN ledger_lookup.at IS 'When it was answered, by the database''s clock.';
COMMENT ON COLUMN ledger_lookup.input IS 'Kind of the query.';
COMMENT ON COLUMN ledger_lookup.verdict IS 'The verdict.';
COMMENT ON COLUMN ledger_lookup.query_commitment IS 'SHA-256 of the salt and the query''s SHA-256 in hex; null: unknown.';
COMMENT ON COLUMN ledger_lookup.answer_commitment IS 'SHA-256 of the salt and the answer as PostgreSQL writes its jsonb.';
COMMENT ON COLUMN ledger_lookup.salt IS 'Random; not part of the leaf. Null: erased; nobody can test queries or answers against the commitments.';
CREATE INDEX ledger_lookup_organization ON ledger_lookup (organization_id, leaf_index);
CREATE TRIGGER ledger_lookup_stays BEFORE DELETE OR TRUNCATE ON ledger_lookup
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_lookup_append_only BEFORE UPDATE OF leaf_index, lookup_id, caller_id, organization_id, at, input,
    verdict, query_commitment, answer_commitment ON ledger_lookup
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ledger_node (
    height smallint CHECK (height > 0 AND height % 4 = 0),
    position bigint CHECK (position >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (height, position)
);
COMMENT ON TABLE ledger_node IS 'Hashes of complete subtrees of 16, 256, … leaves; other nodes are computed from at most 15 of them. Append-only.';
COMMENT ON COLUMN ledger_node.height IS 'Levels above the leaves: the subtree has 2^height.';
COMMENT ON COLUMN ledger_node.position IS 'Its position among the nodes of its height, from 0.';
COMMENT ON COLUMN ledger_node.hash IS 'SHA-256 of 0x01 and the hashes of its two halves.';
CREATE TRIGGER ledger_node_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_node
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ledger_checkpoint (
    size bigint PRIMARY KEY CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger_checkpoint IS 'Signed checkpoints of the ledger. Append-only; the key is not in the database.';
COMMENT ON COLUMN ledger_checkpoint.size IS 'How many leaves it covers.';
COMMENT ON COLUMN ledger_checkpoint.root IS 'The tree''s root hash at that size.';
COMMENT ON COLUMN ledger_checkpoint.note IS 'The signed note (C2SP tlog-checkpoint).';
COMMENT ON COLUMN ledger_checkpoint.signed_at IS 'When, by the database''s clock; not part of the note.';
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ledger_key (
    verifier_key text PRIMARY KEY,
    first_size bigint NOT NULL,
    first_used timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger_key IS 'Public keys that have signed checkpoints, for display; whoever verifies must get them elsewhere. Append-only.';
COMMENT ON COLUMN ledger_key.verifier_key IS 'Name, key id and public key (C2SP signed-note).';
COMMENT ON COLUMN ledger_key.first_size IS 'Size of the first checkpoint that it signed.';
COMMENT ON COLUMN ledger_key.first_used IS 'When that was.';
CREATE TRIGGER ledger_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ledger_cursor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    answered_in bigint NOT NULL DEFAULT 0,
    lookup_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
COMMENT ON TABLE ledger_cursor IS 'The last lookup that the ledger has processed.';
COMMENT ON COLUMN ledger_cursor.one IS 'There is one row.';
COMMENT ON COLUMN ledger_cursor.answered_in IS 'lookup.answered_in of that lookup.';
COMMENT ON COLUMN ledger_cursor.lookup_id IS 'Its id, which orders the lookups of one transaction.';
INSERT INTO ledger_cursor DEFAULT VALUES;

CREATE TABLE ledger_stamp (
    size bigint PRIMARY KEY CHECK (size > 0),
    response bytea NOT NULL CHECK (octet_length(response) BETWEEN 1 AND 65536),
    stamped_at timestamptz NOT NULL,
    authority text NOT NULL CHECK (authority <> ''),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger_stamp IS 'Time stamps of checkpoints by an authority (RFC 3161): prove that what a checkpoint covers existed then. Append-only.';
COMMENT ON COLUMN ledger_stamp.size IS 'Size of the checkpoint whose note, with its signatures, was stamped.';
COMMENT ON COLUMN ledger_stamp.response IS 'What the authority answered: a TimeStampResp of RFC 3161.';
COMMENT ON COLUMN ledger_stamp.stamped_at IS 'The time that it states.';
COMMENT ON COLUMN ledger_stamp.authority IS 'Who states it, as its certificate names it.';
COMMENT ON COLUMN ledger_stamp.created_at IS 'When it was received, by the database''s clock.';
CREATE TRIGGER ledger_stamp_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_stamp
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ledger_timestamping (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    due_at timestamptz NOT NULL DEFAULT '-infinity',
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    error_code text CHECK (error_code <> ''),
    failed_at timestamptz,
    CHECK ((error_code IS NULL) = (failures = 0) AND (failed_at IS NULL) = (failures = 0))
);
COMMENT ON TABLE ledger_timestamping IS 'When to time-stamp a checkpoint next. A process moves due_at on before it asks the authority, so that one at a time does.';
COMMENT ON COLUMN ledger_timestamping.one IS 'There is one row.';
COMMENT ON COLUMN ledger_timestamping.due_at IS 'Not before; nothing happens while there is nothing new to stamp.';
COMMENT ON COLUMN ledger_timestamping.failures IS 'Failed attempts in a row.';
COMMENT ON COLUMN ledger_timestamping.error_code IS 'Error of the last of them; null: none since the last stamp.';
COMMENT ON COLUMN ledger_timestamping.failed_at IS 'When it failed.';
INSERT INTO ledger_timestamping DEFAULT VALUES;

CREATE TABLE assertion_status (
    status_no bigint GENERATED ALWAYS AS IDENTITY (START WITH 0 MINVALUE 0) PRIMARY KEY,
    entry_id uuid NOT NULL,
    tier text NOT NULL CHECK (tier IN ('reviewed', 'court_order')),
    media uuid[] NOT NULL,
    said bytea NOT NULL CHECK (octet_length(said) = 32),
    holds_until timestamptz NOT NULL,
    UNIQUE (entry_id, said)
);
COMMENT ON TABLE assertion_status IS 'Signed statements (credentials) about entries, by their place in the status lists (W3C Bitstring Status List 1.0). Whether a statement still holds is read from the entry whenever a list is signed.';
COMMENT ON COLUMN assertion_status.status_no IS 'Its place: list number times 131,072 plus the index in that list. Never reused.';
COMMENT ON COLUMN assertion_status.entry_id IS 'The entry. No foreign key: a statement about a deleted entry is listed as revoked.';
COMMENT ON COLUMN assertion_status.tier IS 'The tier that was asserted.';
COMMENT ON COLUMN assertion_status.media IS 'Ids of the media that were named.';
COMMENT ON COLUMN assertion_status.said IS 'SHA-256 of tier and media, so that the same statement gets no second place.';
COMMENT ON COLUMN assertion_status.holds_until IS 'When the last credential with this statement expires; a day later its place is no longer updated.';
CREATE INDEX assertion_status_held ON assertion_status (holds_until);
