-- Released reports, exhibits of notices, and RFC 3161 time stamps of evidence.

CREATE TABLE notice_release (
    release_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    recipient text NOT NULL CHECK (recipient ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
    fields text[] NOT NULL
        CHECK (fields <@ ARRAY['places', 'client', 'depicted', 'signatory', 'contacts', 'texts'] AND
            cardinality(fields) BETWEEN 1 AND 6),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz NOT NULL CHECK (valid_until > created_at),
    revoked_by uuid REFERENCES caller,
    revoked_at timestamptz,
    FOREIGN KEY (campaign_id, organization_id) REFERENCES campaign (campaign_id, organization_id),
    CONSTRAINT notice_release_texts_are_whole CHECK (NOT 'texts' = ANY (fields) OR cardinality(fields) = 6),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
COMMENT ON TABLE notice_release IS 'A permission to export parts of a campaign unredacted: which, to whom, until when.';
COMMENT ON COLUMN notice_release.release_id IS 'Identity.';
COMMENT ON COLUMN notice_release.organization_id IS 'The organization of the campaign.';
COMMENT ON COLUMN notice_release.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice_release.recipient IS 'The recipient: a short name, such as lumen.';
COMMENT ON COLUMN notice_release.fields IS 'Parts. places: URLs, content ids and hosts. client, depicted, signatory: their names. contacts: e-mail and postal addresses. texts: the letter, which holds all of these.';
COMMENT ON COLUMN notice_release.created_by IS 'Who released it.';
COMMENT ON COLUMN notice_release.created_at IS 'When.';
COMMENT ON COLUMN notice_release.valid_until IS 'Until when, exclusive.';
COMMENT ON COLUMN notice_release.revoked_by IS 'Who revoked it.';
COMMENT ON COLUMN notice_release.revoked_at IS 'When; null: it is valid.';
CREATE INDEX notice_release_campaign ON notice_release (campaign_id, created_at DESC);

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
