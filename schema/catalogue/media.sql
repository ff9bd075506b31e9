-- Blobs to be deleted, preview pictures, and C2PA manifests.

CREATE TABLE parting_blob (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    blob_key text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE parting_blob IS 'Blobs that a row no longer names, until they are deleted or another row is found to need them: mostly for milliseconds.';
COMMENT ON COLUMN parting_blob.number IS 'Identity. A blob may be in the table twice, so that two who release it do not wait for each other.';
COMMENT ON COLUMN parting_blob.blob_key IS 'The blob.';
COMMENT ON COLUMN parting_blob.noted_at IS 'When the row released it.';
CREATE INDEX parting_blob_key ON parting_blob (blob_key);

CREATE FUNCTION note_parting_blob() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO parting_blob (blob_key) VALUES (OLD.blob_key);
    RETURN NULL;
END $$;
CREATE TRIGGER asset_lets_blob_go AFTER UPDATE OF blob_key ON asset
    FOR EACH ROW WHEN (OLD.blob_key IS DISTINCT FROM NEW.blob_key AND OLD.blob_key IS NOT NULL)
    EXECUTE FUNCTION note_parting_blob();

CREATE TABLE preview (
    asset_id uuid NOT NULL REFERENCES asset,
    at_ms integer NOT NULL CHECK (at_ms >= 0),
    blob_key text,
    error_code text,
    requested_by uuid NOT NULL REFERENCES caller,
    requested_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    PRIMARY KEY (asset_id, at_ms),
    CHECK (blob_key IS NULL OR error_code IS NULL),
    CHECK ((blob_key IS NULL AND error_code IS NULL) = (ended_at IS NULL))
);
COMMENT ON TABLE preview IS 'A preview: the frame of a medium at one moment, blurred and clear, made by a worker on request and kept for a day.';
COMMENT ON COLUMN preview.asset_id IS 'The medium.';
COMMENT ON COLUMN preview.at_ms IS 'Milliseconds from its first frame, rounded to a tenth of a second.';
COMMENT ON COLUMN preview.blob_key IS 'Where both pictures are kept; null until they are made.';
COMMENT ON COLUMN preview.error_code IS 'Why it could not be made: a stable code.';
COMMENT ON COLUMN preview.requested_by IS 'The caller that last requested it.';
COMMENT ON COLUMN preview.requested_at IS 'When it was last requested.';
COMMENT ON COLUMN preview.ended_at IS 'When it was made, or failed; null while it waits.';
CREATE INDEX preview_blob ON preview (blob_key) WHERE blob_key IS NOT NULL;
CREATE INDEX preview_waiting ON preview (requested_by) WHERE ended_at IS NULL;
CREATE TRIGGER preview_lets_blob_go AFTER DELETE ON preview
    FOR EACH ROW WHEN (OLD.blob_key IS NOT NULL) EXECUTE FUNCTION note_parting_blob();

CREATE TABLE asset_manifest (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('trusted', 'valid', 'invalid', 'absent', 'unreadable')),
    store bytea CHECK (octet_length(store) <= 16777216),
    store_sha256 bytea CHECK (octet_length(store_sha256) = 32),
    store_bytes bigint CHECK (store_bytes > 0),
    pictures boolean NOT NULL DEFAULT false,
    signer text CHECK (length(signer) <= 500),
    signed_at timestamptz,
    claim_generator text CHECK (length(claim_generator) <= 500),
    said jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(said) = 'object'),
    reader text NOT NULL CHECK (length(reader) <= 100),
    read_at timestamptz NOT NULL DEFAULT now(),
    declared text CHECK (declared IN ('trained_algorithmic_media', 'composite', 'edited', 'capture', 'other')),
    source boolean NOT NULL DEFAULT false,
    CHECK (num_nulls(store_sha256, store_bytes) IN (0, 2) AND (store IS NULL OR store_sha256 IS NOT NULL)),
    CHECK (state <> 'absent' OR num_nonnulls(store, store_sha256, signer, signed_at, claim_generator) = 0),
    CONSTRAINT asset_manifest_source_check CHECK (NOT source OR (state = 'trusted' AND declared = 'capture'))
);
COMMENT ON TABLE asset_manifest IS 'What a medium''s C2PA manifest says of its origin, as of when the file was read. No row: not looked for.';
COMMENT ON COLUMN asset_manifest.asset_id IS 'The medium.';
COMMENT ON COLUMN asset_manifest.state IS 'trusted: signed under the deployment''s trust list. valid: signed by somebody not on it. invalid: altered, or badly signed. absent: there is none, which proves nothing. unreadable: the reader could not read it.';
COMMENT ON COLUMN asset_manifest.store IS 'The manifest store (JUMBF) of the file; null: none, too large, or it holds thumbnails of a medium that is not kept.';
COMMENT ON COLUMN asset_manifest.store_sha256 IS 'Its SHA-256.';
COMMENT ON COLUMN asset_manifest.store_bytes IS 'Its size.';
COMMENT ON COLUMN asset_manifest.pictures IS 'Whether it may hold thumbnails of the medium. Then only those who may see the medium see it.';
COMMENT ON COLUMN asset_manifest.signer IS 'Who signed the active manifest, as the certificate names them.';
COMMENT ON COLUMN asset_manifest.signed_at IS 'When, by its time stamp; null: none.';
COMMENT ON COLUMN asset_manifest.claim_generator IS 'The program that made the claim.';
COMMENT ON COLUMN asset_manifest.said IS 'Actions, digital source types, ingredients and codes of validation, bounded.';
COMMENT ON COLUMN asset_manifest.reader IS 'The software that read it, with its version.';
COMMENT ON COLUMN asset_manifest.read_at IS 'When.';
COMMENT ON COLUMN asset_manifest.declared IS 'Origin that the manifest declares: the gravest of its digital source types and those of its ingredients. Null: none declared, or the manifest is not valid.';
COMMENT ON COLUMN asset_manifest.source IS 'Whether a capture device or newsroom on the deployment''s stricter list signed it as captured, with nothing generated or composited.';
-- C2PA's soft binding resolution asks for manifests by the label of the active one.
CREATE INDEX asset_manifest_label ON asset_manifest ((said ->> 'label')) WHERE store IS NOT NULL;
