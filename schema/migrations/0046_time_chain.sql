-- What ties fingerprints to the record, and the record to the clocks of others.
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

CREATE TABLE ledger_stamp (
    size bigint PRIMARY KEY CHECK (size > 0),
    response bytea NOT NULL CHECK (octet_length(response) BETWEEN 1 AND 65536),
    stamped_at timestamptz NOT NULL,
    authority text NOT NULL CHECK (authority <> ''),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger_stamp IS 'Time stamps of checkpoints by an authority (RFC 3161): what a checkpoint covers was there at that time. Append-only.';
COMMENT ON COLUMN ledger_stamp.size IS 'Of the checkpoint whose note was stamped, signatures included.';
COMMENT ON COLUMN ledger_stamp.response IS 'What the authority answered: a TimeStampResp of RFC 3161.';
COMMENT ON COLUMN ledger_stamp.stamped_at IS 'The time that it states.';
COMMENT ON COLUMN ledger_stamp.authority IS 'Who states it, as its certificate names it.';
COMMENT ON COLUMN ledger_stamp.created_at IS 'When it was got, by the database''s clock.';
CREATE TRIGGER ledger_stamp_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_stamp
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ledger_stamping (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    due_at timestamptz NOT NULL DEFAULT '-infinity',
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    error_code text CHECK (error_code <> ''),
    failed_at timestamptz,
    CHECK ((error_code IS NULL) = (failures = 0) AND (failed_at IS NULL) = (failures = 0))
);
COMMENT ON TABLE ledger_stamping IS 'When a checkpoint is stamped next. One process at a time takes it, by moving due_at on before it asks.';
COMMENT ON COLUMN ledger_stamping.one IS 'There is one row.';
COMMENT ON COLUMN ledger_stamping.due_at IS 'Not before; nothing is asked while there is nothing new to stamp.';
COMMENT ON COLUMN ledger_stamping.failures IS 'Attempts in a row that came to nothing.';
COMMENT ON COLUMN ledger_stamping.error_code IS 'What the last of them failed with; null: none has failed since the last stamp.';
COMMENT ON COLUMN ledger_stamping.failed_at IS 'When that was.';
INSERT INTO ledger_stamping DEFAULT VALUES;
