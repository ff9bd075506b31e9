-- The ledger: events and answered lookups as leaves of a Merkle tree (RFC 6962), and its signed checkpoints.
CREATE TABLE ledger_leaf (
    leaf_index bigint PRIMARY KEY CHECK (leaf_index >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    event_id bigint UNIQUE
);
COMMENT ON TABLE ledger_leaf IS 'What is on record, in its order: gap-free, in the order in which commits were seen. Append-only.';
COMMENT ON COLUMN ledger_leaf.leaf_index IS 'Its place, from 0.';
COMMENT ON COLUMN ledger_leaf.hash IS 'SHA-256 of 0x00 and the leaf: canonical JSON, see registry.domain.ledger.';
COMMENT ON COLUMN ledger_leaf.event_id IS 'The event; null: a lookup, see ledger_lookup.';

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
COMMENT ON TABLE ledger_lookup IS 'What the record keeps of an answered lookup; it stays when the lookup''s row goes.';
COMMENT ON COLUMN ledger_lookup.leaf_index IS 'Its place in the ledger.';
COMMENT ON COLUMN ledger_lookup.lookup_id IS 'The lookup.';
COMMENT ON COLUMN ledger_lookup.caller_id IS 'Who asked.';
COMMENT ON COLUMN ledger_lookup.organization_id IS 'For whom.';
COMMENT ON COLUMN ledger_lookup.at IS 'When it was answered, by the database''s clock.';
COMMENT ON COLUMN ledger_lookup.input IS 'What was given.';
COMMENT ON COLUMN ledger_lookup.verdict IS 'The verdict.';
COMMENT ON COLUMN ledger_lookup.query_commitment IS 'SHA-256 of the salt and the query''s SHA-256 in hex; null: none was known.';
COMMENT ON COLUMN ledger_lookup.answer_commitment IS 'SHA-256 of the salt and the answer as PostgreSQL writes its jsonb.';
COMMENT ON COLUMN ledger_lookup.salt IS 'Random; no part of the leaf. Null: erased, and nobody can try queries or answers against the commitments.';
CREATE INDEX ledger_lookup_organization ON ledger_lookup (organization_id, leaf_index);

CREATE TABLE ledger_node (
    height smallint CHECK (height > 0 AND height % 4 = 0),
    position bigint CHECK (position >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (height, position)
);
COMMENT ON TABLE ledger_node IS 'Hashes of the tree''s complete subtrees of 16, 256, … leaves; the rest is computed from at most 15 beside each other. Append-only.';
COMMENT ON COLUMN ledger_node.height IS 'Levels above the leaves: the subtree has 2^height.';
COMMENT ON COLUMN ledger_node.position IS 'Its place among those of its height, from 0.';
COMMENT ON COLUMN ledger_node.hash IS 'SHA-256 of 0x01 and the hashes of its two halves.';

CREATE TABLE asset_commitment (
    asset_id uuid PRIMARY KEY,
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32)
);
COMMENT ON TABLE asset_commitment IS 'What ties the events of an asset to its file: with it one can prove which file was registered when. Deleting it unties them.';
COMMENT ON COLUMN asset_commitment.asset_id IS 'The asset.';
COMMENT ON COLUMN asset_commitment.salt IS 'Random.';
COMMENT ON COLUMN asset_commitment.commitment IS 'SHA-256 of the salt and the file''s SHA-256 in hex, as events have it.';

CREATE TABLE ledger_checkpoint (
    size bigint PRIMARY KEY CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger_checkpoint IS 'What was signed of the ledger. Append-only; the key is not in the database.';
COMMENT ON COLUMN ledger_checkpoint.size IS 'How many leaves it covers.';
COMMENT ON COLUMN ledger_checkpoint.root IS 'The tree''s root hash at that size.';
COMMENT ON COLUMN ledger_checkpoint.note IS 'The signed note (C2SP tlog-checkpoint).';
COMMENT ON COLUMN ledger_checkpoint.signed_at IS 'When, by the database''s clock; no part of the note.';

CREATE TABLE ledger_key (
    verifier_key text PRIMARY KEY,
    first_size bigint NOT NULL,
    first_used timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger_key IS 'Public keys that have signed checkpoints, to be shown; whoever verifies has them from elsewhere. Append-only.';
COMMENT ON COLUMN ledger_key.verifier_key IS 'Name, key id and public key (C2SP signed-note).';
COMMENT ON COLUMN ledger_key.first_size IS 'Size of the first checkpoint that it signed.';
COMMENT ON COLUMN ledger_key.first_used IS 'When that was.';

CREATE TABLE ledger_cursor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    answered_in bigint NOT NULL DEFAULT 0,
    lookup_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
COMMENT ON TABLE ledger_cursor IS 'Up to which lookup the record has come.';
COMMENT ON COLUMN ledger_cursor.one IS 'There is one row.';
COMMENT ON COLUMN ledger_cursor.answered_in IS 'Of the last lookup looked at: lookup.answered_in.';
COMMENT ON COLUMN ledger_cursor.lookup_id IS 'And its id, which orders those of one transaction.';
INSERT INTO ledger_cursor DEFAULT VALUES;

CREATE TRIGGER ledger_leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_node_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_node
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_lookup_stays BEFORE DELETE OR TRUNCATE ON ledger_lookup
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_lookup_append_only BEFORE UPDATE OF leaf_index, lookup_id, caller_id, organization_id, at, input,
    verdict, query_commitment, answer_commitment ON ledger_lookup
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Rows that are there already are 0: from before the record. All later ones say in which transaction they were answered.
ALTER TABLE lookup ADD COLUMN answered_in bigint NOT NULL DEFAULT 0;
ALTER TABLE lookup ALTER COLUMN answered_in SET DEFAULT (pg_current_xact_id()::text::bigint);
COMMENT ON COLUMN lookup.answered_in IS 'Number of the transaction that wrote the answer (while it is queued, the question). Whatever is below the oldest one that runs is all there, so that the record passes over none that commits late. 0: from before there was a record.';
CREATE INDEX lookup_answered_in ON lookup (answered_in) WHERE answered_in > 0;

ALTER TABLE organization ADD COLUMN record_lookups text CHECK (record_lookups IN ('none', 'matches', 'all'));
COMMENT ON COLUMN organization.record_lookups IS 'Which of its lookups are put on record; null: as the deployment does.';
ALTER TABLE bank ADD COLUMN record_lookups text CHECK (record_lookups IN ('none', 'matches', 'all'));
COMMENT ON COLUMN bank.record_lookups IS 'Which lookups that ask this bank alone, or match in it, are put on record, whoever asks; null: as the asking organization does. The wider of the two counts.';
