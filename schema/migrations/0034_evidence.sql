-- What evidence is made of beside notices: exhibits that people bring, and manifests of C2PA that media carried.
CREATE TABLE notice_exhibit (
    exhibit_id uuid PRIMARY KEY,
    notice_id uuid NOT NULL REFERENCES notice,
    kind text NOT NULL CHECK (kind IN ('screenshot', 'media', 'document', 'other')),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    bytes bigint NOT NULL CHECK (bytes > 0),
    made_at timestamptz,
    sealed bytea NOT NULL,
    content_sealed bytea CHECK (octet_length(content_sealed) <= 16777300),
    added_by uuid NOT NULL REFERENCES caller,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (notice_id, sha256)
);
COMMENT ON TABLE notice_exhibit IS 'Files that an organization brings as exhibits of a notice. They stay where they are, unless they are kept on request. Append-only.';
COMMENT ON COLUMN notice_exhibit.exhibit_id IS 'Identity.';
COMMENT ON COLUMN notice_exhibit.notice_id IS 'What it shows something of.';
COMMENT ON COLUMN notice_exhibit.kind IS 'What it is: a screenshot, the media found there, a document, something else.';
COMMENT ON COLUMN notice_exhibit.sha256 IS 'SHA-256 of the file, computed where it lies.';
COMMENT ON COLUMN notice_exhibit.bytes IS 'Its size.';
COMMENT ON COLUMN notice_exhibit.made_at IS 'When it was made, as whoever brings it says; null: unsaid.';
COMMENT ON COLUMN notice_exhibit.sealed IS 'The file''s name and a note, sealed under the client''s key.';
COMMENT ON COLUMN notice_exhibit.content_sealed IS 'The file itself, sealed likewise; null: it was not given.';
COMMENT ON COLUMN notice_exhibit.added_by IS 'Who brought it.';
COMMENT ON COLUMN notice_exhibit.added_at IS 'When, by the database''s clock.';
CREATE TRIGGER notice_exhibit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notice_exhibit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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
    CHECK (num_nulls(store_sha256, store_bytes) IN (0, 2) AND (store IS NULL OR store_sha256 IS NOT NULL)),
    CHECK (state <> 'absent' OR num_nonnulls(store, store_sha256, signer, signed_at, claim_generator) = 0)
);
COMMENT ON TABLE asset_manifest IS 'What a medium says of its origin by C2PA, as it was when its file was read. No row: nobody looked.';
COMMENT ON COLUMN asset_manifest.asset_id IS 'The medium.';
COMMENT ON COLUMN asset_manifest.state IS 'trusted: signed under the deployment''s trust list. valid: by somebody unknown to it. invalid: altered, or badly signed. absent: there is none, which proves nothing. unreadable: there is one that the reader could not read.';
COMMENT ON COLUMN asset_manifest.store IS 'The manifest store (JUMBF) as it stood in the file; null: none, or too large to be kept.';
COMMENT ON COLUMN asset_manifest.store_sha256 IS 'Its SHA-256.';
COMMENT ON COLUMN asset_manifest.store_bytes IS 'Its size.';
COMMENT ON COLUMN asset_manifest.pictures IS 'Whether small pictures of the medium may be in it: then it is shown to nobody to whom the medium is not.';
COMMENT ON COLUMN asset_manifest.signer IS 'Who signed the active manifest, as the certificate names them.';
COMMENT ON COLUMN asset_manifest.signed_at IS 'When, by its time stamp; null: it has none.';
COMMENT ON COLUMN asset_manifest.claim_generator IS 'The program that made the claim.';
COMMENT ON COLUMN asset_manifest.said IS 'Actions, digital source types, ingredients and codes of validation, bounded.';
COMMENT ON COLUMN asset_manifest.reader IS 'What read it, with its version.';
COMMENT ON COLUMN asset_manifest.read_at IS 'When.';

CREATE TABLE evidence_stamp (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    organization_id uuid NOT NULL REFERENCES organization,
    response bytea NOT NULL CHECK (octet_length(response) BETWEEN 1 AND 65536),
    stamped_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE evidence_stamp IS 'Time stamps of bundles: what was stamped once keeps its stamp, so that the same evidence is the same bytes.';
COMMENT ON COLUMN evidence_stamp.digest IS 'SHA-256 of the signature of the manifest that was stamped.';
COMMENT ON COLUMN evidence_stamp.organization_id IS 'Whose bundle.';
COMMENT ON COLUMN evidence_stamp.response IS 'What the authority answered: a TimeStampResp of RFC 3161.';
COMMENT ON COLUMN evidence_stamp.stamped_at IS 'The time that it states.';
COMMENT ON COLUMN evidence_stamp.created_at IS 'When it was got, by the database''s clock.';
