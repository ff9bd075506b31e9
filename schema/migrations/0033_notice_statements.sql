-- Takedown: platforms' statements of reasons (DSA, article 17), and what may leave unredacted, to whom.
ALTER TABLE notice_reply DROP CONSTRAINT notice_reply_source_check;
ALTER TABLE notice_reply ADD CONSTRAINT notice_reply_source_check CHECK (source IN ('api', 'mailbox', 'statement'));
ALTER TABLE notice_reply DROP CONSTRAINT notice_reply_matched_by_check;
ALTER TABLE notice_reply ADD CONSTRAINT notice_reply_matched_by_check
    CHECK (matched_by IN ('message_id', 'token', 'reference', 'place', 'person'));

CREATE TABLE notice_statement (
    reply_id uuid PRIMARY KEY REFERENCES notice_reply ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organization,
    platform text CHECK (length(platform) BETWEEN 1 AND 253),
    puid_digest bytea NOT NULL CHECK (octet_length(puid_digest) = 32),
    content_digest bytea NOT NULL CHECK (octet_length(content_digest) = 32),
    outcome text NOT NULL CHECK (outcome IN ('removed', 'disabled', 'partly', 'restricted', 'account', 'other')),
    ground text NOT NULL CHECK (ground IN ('illegal', 'incompatible', 'both')),
    category text NOT NULL CHECK (category ~ '^[A-Z_]{1,100}$'),
    keywords text[] NOT NULL DEFAULT '{}' CHECK (cardinality(keywords) <= 100),
    source_type text NOT NULL CHECK (source_type ~ '^[A-Z0-9_]{1,60}$'),
    automated_detection boolean NOT NULL,
    automated_decision text NOT NULL CHECK (automated_decision IN ('fully', 'partially', 'not')),
    applied_on date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    accepted_by uuid REFERENCES caller,
    accepted_at timestamptz,
    CHECK ((accepted_by IS NULL) = (accepted_at IS NULL))
);
COMMENT ON TABLE notice_statement IS 'A platform''s statement of reasons, which is a reply: what of it is an enumeration. The whole is sealed in notice_reply.';
COMMENT ON COLUMN notice_statement.reply_id IS 'The reply that it is.';
COMMENT ON COLUMN notice_statement.organization_id IS 'To whom it came.';
COMMENT ON COLUMN notice_statement.platform IS 'Whose statement, as it was said when it came in; null: nobody said.';
COMMENT ON COLUMN notice_statement.puid_digest IS 'HMAC-SHA-256 of the platform''s own number of it (puid), under the organization''s key.';
COMMENT ON COLUMN notice_statement.content_digest IS 'HMAC-SHA-256 of all it says: the same number with another content is a conflict.';
COMMENT ON COLUMN notice_statement.outcome IS 'What was decided of the content. partly: removed or disabled in some of the Union, or for a time. account: nothing of the content itself.';
COMMENT ON COLUMN notice_statement.ground IS 'illegal, incompatible with the platform''s terms, or both.';
COMMENT ON COLUMN notice_statement.category IS 'STATEMENT_CATEGORY_… of the DSA transparency database.';
COMMENT ON COLUMN notice_statement.keywords IS 'KEYWORD_… of the same.';
COMMENT ON COLUMN notice_statement.source_type IS 'What led to the decision: SOURCE_….';
COMMENT ON COLUMN notice_statement.automated_detection IS 'Whether the content was found by automated means.';
COMMENT ON COLUMN notice_statement.automated_decision IS 'How far the decision was taken by automated means.';
COMMENT ON COLUMN notice_statement.applied_on IS 'From which day on it applies.';
COMMENT ON COLUMN notice_statement.created_at IS 'When it came in.';
COMMENT ON COLUMN notice_statement.accepted_by IS 'Who moved the notice by it; null: nobody.';
COMMENT ON COLUMN notice_statement.accepted_at IS 'When.';
CREATE UNIQUE INDEX notice_statement_puid
    ON notice_statement (organization_id, puid_digest, coalesce(platform, ''));

CREATE TABLE notice_release (
    release_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    recipient text NOT NULL CHECK (recipient ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
    fields text[] NOT NULL
        CHECK (fields <@ ARRAY['places', 'client', 'depicted', 'signatory', 'contacts', 'texts'] AND cardinality(fields) BETWEEN 1 AND 6),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz NOT NULL CHECK (valid_until > created_at),
    revoked_by uuid REFERENCES caller,
    revoked_at timestamptz,
    FOREIGN KEY (campaign_id, organization_id) REFERENCES campaign (campaign_id, organization_id),
    CONSTRAINT notice_release_texts_are_whole CHECK (NOT 'texts' = ANY (fields) OR cardinality(fields) = 6),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
COMMENT ON TABLE notice_release IS 'What of a campaign may be written unredacted into an export, to whom, until when.';
COMMENT ON COLUMN notice_release.release_id IS 'Identity.';
COMMENT ON COLUMN notice_release.organization_id IS 'Whose campaign it is.';
COMMENT ON COLUMN notice_release.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice_release.recipient IS 'To whom: a short name, such as lumen.';
COMMENT ON COLUMN notice_release.fields IS 'What. places: URLs, content ids and hosts. client, depicted, signatory: their names. contacts: e-mail and postal addresses. texts: what the notice says, which holds all of these.';
COMMENT ON COLUMN notice_release.created_by IS 'Who released it.';
COMMENT ON COLUMN notice_release.created_at IS 'When.';
COMMENT ON COLUMN notice_release.valid_until IS 'Until when, not included.';
COMMENT ON COLUMN notice_release.revoked_by IS 'Who took it back.';
COMMENT ON COLUMN notice_release.revoked_at IS 'When; null: nobody has.';
CREATE INDEX notice_release_campaign ON notice_release (campaign_id, created_at DESC);
