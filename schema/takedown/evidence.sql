-- Exhibits of notices, and RFC 3161 time stamps of evidence.

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
COMMENT ON TABLE notice_exhibit IS 'Files that an organization adds as exhibits of a notice. They stay with the organization, unless it asks to store them. Append-only.';
COMMENT ON COLUMN notice_exhibit.exhibit_id IS 'Identity.';
COMMENT ON COLUMN notice_exhibit.notice_id IS 'The notice.';
COMMENT ON COLUMN notice_exhibit.kind IS 'A screenshot, the media found there, a document, something else.';
COMMENT ON COLUMN notice_exhibit.sha256 IS 'SHA-256 of the file, computed by the organization.';
COMMENT ON COLUMN notice_exhibit.bytes IS 'Its size.';
COMMENT ON COLUMN notice_exhibit.made_at IS 'When it was made, as stated by whoever added it; null: not stated.';
COMMENT ON COLUMN notice_exhibit.sealed IS 'The file''s name and a note, encrypted under the client''s key.';
COMMENT ON COLUMN notice_exhibit.content_sealed IS 'The file itself, encrypted likewise; null: not given.';
COMMENT ON COLUMN notice_exhibit.added_by IS 'Who added it.';
COMMENT ON COLUMN notice_exhibit.added_at IS 'When, by the database''s clock.';
CREATE TRIGGER notice_exhibit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notice_exhibit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE evidence_stamp (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    organization_id uuid NOT NULL REFERENCES organization,
    response bytea NOT NULL CHECK (octet_length(response) BETWEEN 1 AND 65536),
    stamped_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE evidence_stamp IS 'Time stamps of evidence bundles. A bundle keeps its first stamp, so that the same evidence is the same bytes.';
COMMENT ON COLUMN evidence_stamp.digest IS 'SHA-256 of the signature of the manifest that was stamped.';
COMMENT ON COLUMN evidence_stamp.organization_id IS 'The organization of the bundle.';
COMMENT ON COLUMN evidence_stamp.response IS 'What the authority answered: a TimeStampResp of RFC 3161.';
COMMENT ON COLUMN evidence_stamp.stamped_at IS 'The time that it states.';
COMMENT ON COLUMN evidence_stamp.created_at IS 'When it was received, by the database''s clock.';
