-- Organizations that close, several keys a caller, and how much may be asked.
ALTER TABLE organization
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN closed_entries text CHECK (closed_entries IN ('keep', 'withdraw')),
    ADD CHECK ((closed_at IS NULL) = (closed_entries IS NULL)),
    ADD COLUMN state text GENERATED ALWAYS AS (CASE WHEN closed_at IS NULL THEN 'active' ELSE 'closed' END) STORED;
COMMENT ON COLUMN organization.closed_at IS 'When it was closed, for good; null: it takes part.';
COMMENT ON COLUMN organization.closed_entries IS 'What became of its entries then: keep, they answer on, or withdraw.';
COMMENT ON COLUMN organization.state IS 'active or closed; a closed one has no key that works.';

ALTER TABLE caller DROP CONSTRAINT caller_roles_check;
ALTER TABLE caller ADD CONSTRAINT caller_roles_check
    CHECK (roles <@ ARRAY['lookup', 'register', 'review', 'takedown', 'admin', 'signals', 'faces', 'hma']);
COMMENT ON COLUMN caller.roles IS 'Roles, and scopes: `signals` sees raw similarities, `faces` works with enrolled persons, `hma` calls what Hasher-Matcher-Actioner''s clients call.';
COMMENT ON TABLE caller IS 'Who calls for an organization, by one or several keys, and what it may do.';
COMMENT ON COLUMN caller.expires_at IS 'From when on none of its keys works; null: never.';
COMMENT ON COLUMN caller.revoked_at IS 'When it was withdrawn, with its keys; null: it was not.';
CREATE INDEX caller_organization ON caller (organization_id, created_at, caller_id);

CREATE TABLE api_key (
    key_sha256 bytea PRIMARY KEY CHECK (octet_length(key_sha256) = 32),
    key_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL REFERENCES caller,
    prefix text CHECK (prefix ~ '^fp_[A-Za-z0-9_-]{8}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
) WITH (fillfactor = 70);
COMMENT ON TABLE api_key IS 'A key of a caller. One that is being replaced works beside its successor until its time is over.';
COMMENT ON COLUMN api_key.key_sha256 IS 'SHA-256 of the key; the key itself (256 random bits) is shown once and never stored.';
COMMENT ON COLUMN api_key.key_id IS 'Identity, for people and records.';
COMMENT ON COLUMN api_key.caller_id IS 'Whose it is.';
COMMENT ON COLUMN api_key.prefix IS 'Its first letters, by which people tell keys apart; null: made before these were kept.';
COMMENT ON COLUMN api_key.created_at IS 'When it was made.';
COMMENT ON COLUMN api_key.expires_at IS 'From when on it no longer works, its own expiry or the end of its overlap; null: when its caller does not.';
COMMENT ON COLUMN api_key.revoked_at IS 'When it was withdrawn, by itself or with its caller; null: it was not.';
COMMENT ON COLUMN api_key.last_used_at IS 'When it was last used, to some minutes; null: not since this is kept.';
CREATE INDEX api_key_caller ON api_key (caller_id, created_at, key_id);

-- A key that worked works on.
INSERT INTO api_key (key_sha256, caller_id, created_at, revoked_at)
SELECT key_sha256, caller_id, created_at, revoked_at FROM caller;
ALTER TABLE caller DROP COLUMN key_sha256;

-- What closes a key counts like what is withdrawn, see 0016; when it was last used does not.
CREATE CONSTRAINT TRIGGER api_key_restricted AFTER UPDATE ON api_key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.key_sha256, OLD.caller_id, OLD.expires_at, OLD.revoked_at)
        IS DISTINCT FROM (NEW.key_sha256, NEW.caller_id, NEW.expires_at, NEW.revoked_at))
    EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER api_key_deleted AFTER DELETE ON api_key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_restriction();
CREATE FUNCTION count_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_change(c.organization_id) FROM caller c WHERE c.caller_id = NEW.caller_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION count_key() IS 'An organization has a new key: its own lookups may be asked with it from now on.';
CREATE CONSTRAINT TRIGGER api_key_made AFTER INSERT ON api_key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_key();
CREATE CONSTRAINT TRIGGER organization_restricted AFTER UPDATE ON organization DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at) EXECUTE FUNCTION count_restriction();

CREATE TABLE quota (
    subject_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid REFERENCES caller,
    rate double precision CHECK (rate > 0),
    daily bigint CHECK (daily >= 0),
    monthly bigint CHECK (monthly >= 0),
    paid_until timestamptz NOT NULL DEFAULT now(),
    day date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    day_used bigint NOT NULL DEFAULT 0 CHECK (day_used >= 0),
    month date NOT NULL DEFAULT date_trunc('month', now() AT TIME ZONE 'UTC')::date,
    month_used bigint NOT NULL DEFAULT 0 CHECK (month_used >= 0),
    CHECK (subject_id = coalesce(caller_id, organization_id))
) WITH (fillfactor = 50);
COMMENT ON TABLE quota IS 'How much a caller, or an organization with all its callers, may ask, and how much of that API processes have leased.';
COMMENT ON COLUMN quota.subject_id IS 'The caller or the organization.';
COMMENT ON COLUMN quota.organization_id IS 'The organization, of a caller its own.';
COMMENT ON COLUMN quota.caller_id IS 'The caller; null: the limits are those of the whole organization.';
COMMENT ON COLUMN quota.rate IS 'Lookups a second; null: a caller''s is the deployment''s, an organization''s has no bound.';
COMMENT ON COLUMN quota.daily IS 'Lookups a day (UTC); null: no bound.';
COMMENT ON COLUMN quota.monthly IS 'Lookups a calendar month (UTC); null: no bound.';
COMMENT ON COLUMN quota.paid_until IS 'Up to when the rate is used; what lies some seconds back can be asked at once.';
COMMENT ON COLUMN quota.day IS 'The day that day_used counts.';
COMMENT ON COLUMN quota.day_used IS 'Lookups of that day, those among them that a process has leased and not asked yet.';
COMMENT ON COLUMN quota.month IS 'The first of the month that month_used counts.';
COMMENT ON COLUMN quota.month_used IS 'Likewise of that month.';
