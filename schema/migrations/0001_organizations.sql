-- Who calls: organizations and their callers (API keys).
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE organization (
    organization_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE organization IS 'Who takes part: a platform, a fact-checker, a law firm.';
COMMENT ON COLUMN organization.organization_id IS 'Identity.';
COMMENT ON COLUMN organization.name IS 'Shown name, unique.';
COMMENT ON COLUMN organization.created_at IS 'When it joined.';

CREATE TABLE caller (
    caller_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    name text NOT NULL,
    key_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(key_sha256) = 32),
    roles text[] NOT NULL
        CHECK (roles <@ ARRAY['lookup', 'register', 'review', 'takedown', 'admin', 'signals']),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
COMMENT ON TABLE caller IS 'An API key of one organization and what it may do.';
COMMENT ON COLUMN caller.caller_id IS 'Identity, written in records instead of the key.';
COMMENT ON COLUMN caller.organization_id IS 'The organization it acts for.';
COMMENT ON COLUMN caller.name IS 'What a person calls it: "upload pipeline", "newsroom desk".';
COMMENT ON COLUMN caller.key_sha256 IS 'SHA-256 of the key; the key itself (256 random bits) is shown once and never stored.';
COMMENT ON COLUMN caller.roles IS 'Roles, and the scope `signals` that lets it see raw similarities.';
COMMENT ON COLUMN caller.created_at IS 'When it was made.';
COMMENT ON COLUMN caller.expires_at IS 'From when on it no longer works; null: never.';
COMMENT ON COLUMN caller.revoked_at IS 'When it was withdrawn; null: it was not.';
