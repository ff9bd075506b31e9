-- Replies of platforms and their statements of reasons.

CREATE TABLE notice_reply (
    reply_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    source text NOT NULL CHECK (source IN ('api', 'mailbox', 'statement')),
    state text NOT NULL CHECK (state IN ('matched', 'unmatched', 'dismissed')),
    notice_id uuid REFERENCES notice,
    matched_by text CHECK (matched_by IN ('message_id', 'token', 'reference', 'place', 'person')),
    candidates uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(candidates) <= 100),
    automatic boolean NOT NULL DEFAULT false,
    key_id uuid NOT NULL,
    sealed bytea,
    said_at timestamptz,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    decided_by uuid REFERENCES caller,
    decided_at timestamptz,
    UNIQUE (organization_id, digest),
    CONSTRAINT notice_reply_matched_says_what CHECK ((state = 'matched') = (notice_id IS NOT NULL) AND (state =
        'matched') = (matched_by IS NOT NULL)),
    CHECK ((state = 'dismissed') = (sealed IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
COMMENT ON TABLE notice_reply IS 'Replies to notices. A reply moves no notice: a person decides what it means.';
COMMENT ON COLUMN notice_reply.reply_id IS 'Identity.';
COMMENT ON COLUMN notice_reply.organization_id IS 'The organization that received it.';
COMMENT ON COLUMN notice_reply.digest IS 'HMAC-SHA-256 of the content under the organization''s key: a reply that arrives twice is stored once.';
COMMENT ON COLUMN notice_reply.source IS 'How it came in.';
COMMENT ON COLUMN notice_reply.state IS 'unmatched: it names no notice, or several, and waits for a person. dismissed: a person said that it is no reply; its content was deleted.';
COMMENT ON COLUMN notice_reply.notice_id IS 'The notice that it answers.';
COMMENT ON COLUMN notice_reply.matched_by IS 'How that was found.';
COMMENT ON COLUMN notice_reply.candidates IS 'The notices that it names, if several.';
COMMENT ON COLUMN notice_reply.automatic IS 'Whether it says that no person wrote it (RFC 3834), or is a delivery report.';
COMMENT ON COLUMN notice_reply.key_id IS 'Whose key encrypts it: the client''s once it is matched, before that the organization''s.';
COMMENT ON COLUMN notice_reply.sealed IS 'Sender, subject, text, names and SHA-256 of attachments, encrypted.';
COMMENT ON COLUMN notice_reply.said_at IS 'When it was written, by its own statement.';
COMMENT ON COLUMN notice_reply.created_by IS 'Who entered it.';
COMMENT ON COLUMN notice_reply.created_at IS 'When.';
COMMENT ON COLUMN notice_reply.decided_by IS 'Who matched or dismissed it by hand.';
COMMENT ON COLUMN notice_reply.decided_at IS 'When.';
CREATE INDEX notice_reply_organization ON notice_reply (organization_id, state, created_at DESC, reply_id);
CREATE INDEX notice_reply_notice ON notice_reply (notice_id, created_at) WHERE notice_id IS NOT NULL;

CREATE TABLE notice_statement (
    reply_id uuid PRIMARY KEY REFERENCES notice_reply ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organization,
    platform text CHECK (length(platform) BETWEEN 1 AND 253),
    puid_digest bytea NOT NULL CHECK (octet_length(puid_digest) = 32),
    content_digest bytea NOT NULL CHECK (octet_length(content_digest) = 32),
    outcome text NOT NULL CHECK (outcome IN ('removed', 'disabled', 'partly', 'restricted', 'account', 'other')),
    ground text NOT NULL CHECK (ground IN ('illegal', 'incompatible', 'both')),
    category text NOT NULL CHECK (category ~ '^[A-Z0-9_]{1,100}$'),
    keywords text[] NOT NULL DEFAULT '{}' CHECK (cardinality(keywords) <= 100),
    source_type text NOT NULL CHECK (source_type ~ '^[A-Z0-9_]{1,100}$'),
    automated_detection boolean NOT NULL,
    automated_decision text NOT NULL CHECK (automated_decision IN ('fully', 'partially', 'not')),
    applied_on date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    accepted_by uuid REFERENCES caller,
    accepted_at timestamptz,
    CHECK ((accepted_by IS NULL) = (accepted_at IS NULL))
);
COMMENT ON TABLE notice_statement IS 'A platform''s statement of reasons, which is a reply: its enumerated fields. The full text is encrypted in notice_reply.';
COMMENT ON COLUMN notice_statement.reply_id IS 'The reply.';
COMMENT ON COLUMN notice_statement.organization_id IS 'The organization that received it.';
COMMENT ON COLUMN notice_statement.platform IS 'The platform, as stated when it came in; null: not stated.';
COMMENT ON COLUMN notice_statement.puid_digest IS 'HMAC-SHA-256 of the platform''s own number (puid), under the organization''s key.';
COMMENT ON COLUMN notice_statement.content_digest IS 'HMAC-SHA-256 of its content: the same number with other content is a conflict.';
COMMENT ON COLUMN notice_statement.outcome IS 'Decision on the content. partly: removed or disabled in parts of the Union, or for a time. account: about the account only.';
COMMENT ON COLUMN notice_statement.ground IS 'illegal, incompatible with the platform''s terms, or both.';
COMMENT ON COLUMN notice_statement.category IS 'STATEMENT_CATEGORY_… of the DSA transparency database.';
COMMENT ON COLUMN notice_statement.keywords IS 'KEYWORD_… of the same.';
COMMENT ON COLUMN notice_statement.source_type IS 'What led to the decision: SOURCE_….';
COMMENT ON COLUMN notice_statement.automated_detection IS 'Whether the content was found by automated means.';
COMMENT ON COLUMN notice_statement.automated_decision IS 'How far the decision was taken by automated means.';
COMMENT ON COLUMN notice_statement.applied_on IS 'The day from which it applies.';
COMMENT ON COLUMN notice_statement.created_at IS 'When it came in.';
COMMENT ON COLUMN notice_statement.accepted_by IS 'Who moved the notice because of it; null: nobody.';
COMMENT ON COLUMN notice_statement.accepted_at IS 'When.';
CREATE UNIQUE INDEX notice_statement_puid
    ON notice_statement (organization_id, puid_digest, coalesce(platform, ''));
