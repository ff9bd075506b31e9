-- Organizations, callers with their API keys, quotas, and people's accounts and sessions.

CREATE TABLE organization (
    organization_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    closed_entries text CHECK (closed_entries IN ('keep', 'withdraw')),
    state text GENERATED ALWAYS AS (CASE WHEN closed_at IS NULL THEN 'active' ELSE 'closed' END) STORED,
    tells_matches boolean NOT NULL DEFAULT false,
    record_lookups text CHECK (record_lookups IN ('none', 'matches', 'all')),
    watch_days_most smallint CHECK (watch_days_most >= 0),
    reports_places boolean NOT NULL DEFAULT false,
    CHECK ((closed_at IS NULL) = (closed_entries IS NULL))
);
COMMENT ON TABLE organization IS 'A platform, a fact-checker, a law firm: whoever takes part.';
COMMENT ON COLUMN organization.organization_id IS 'Identity.';
COMMENT ON COLUMN organization.name IS 'Shown name, unique.';
COMMENT ON COLUMN organization.created_at IS 'When it joined.';
COMMENT ON COLUMN organization.closed_at IS 'When it was closed, for good; null: it is active.';
COMMENT ON COLUMN organization.closed_entries IS 'What happened to its entries then. keep: they still answer. withdraw: they do not.';
COMMENT ON COLUMN organization.state IS 'active or closed. No key of a closed organization works.';
COMMENT ON COLUMN organization.tells_matches IS 'Whether owners of entries are told that a lookup of this organization matched them. The organization is not named.';
COMMENT ON COLUMN organization.record_lookups IS 'Which of its lookups go into the ledger; null: the deployment''s setting.';
COMMENT ON COLUMN organization.watch_days_most IS 'For how many days its lookups may be watched; 0: not at all; null: the deployment''s limit.';
COMMENT ON COLUMN organization.reports_places IS 'Whether addresses at which its lookups saw a known fake are reported to organizations that have had that fake removed there.';
CREATE CONSTRAINT TRIGGER organization_restricted AFTER UPDATE ON organization DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at) EXECUTE FUNCTION count_restriction();

CREATE TABLE caller (
    caller_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    name text NOT NULL,
    roles text[] NOT NULL
        CHECK (roles <@ ARRAY['lookup', 'register', 'review', 'takedown', 'admin', 'signals', 'faces', 'hma', 'peer']),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
COMMENT ON TABLE caller IS 'Acts for an organization, by one or several API keys, with the permissions of its roles.';
COMMENT ON COLUMN caller.caller_id IS 'Identity, written in records instead of the key.';
COMMENT ON COLUMN caller.organization_id IS 'The organization it acts for.';
COMMENT ON COLUMN caller.name IS 'Its name for people: "upload pipeline", "newsroom desk".';
COMMENT ON COLUMN caller.roles IS 'Roles, and scopes: `signals` sees raw similarities, `faces` works with enrolled persons, `hma` calls the API of Hasher-Matcher-Actioner, `peer` reads the feeds of published banks.';
COMMENT ON COLUMN caller.created_at IS 'When it was made.';
COMMENT ON COLUMN caller.expires_at IS 'Since when none of its keys works; null: never.';
COMMENT ON COLUMN caller.revoked_at IS 'When it was revoked, with its keys; null: it was not.';
CREATE INDEX caller_organization ON caller (organization_id, created_at, caller_id);
CREATE CONSTRAINT TRIGGER caller_restricted AFTER UPDATE ON caller DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER caller_deleted AFTER DELETE ON caller DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_restriction();
CREATE CONSTRAINT TRIGGER caller_made AFTER INSERT ON caller DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_own_change();

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
COMMENT ON TABLE api_key IS 'An API key of a caller. During a rotation the old key works beside the new one until it expires.';
COMMENT ON COLUMN api_key.key_sha256 IS 'SHA-256 of the key; the key itself (256 random bits) is shown once and never stored.';
COMMENT ON COLUMN api_key.key_id IS 'Identity, for people and records.';
COMMENT ON COLUMN api_key.caller_id IS 'The caller.';
COMMENT ON COLUMN api_key.prefix IS 'Its first characters, by which people tell keys apart; null: not kept.';
COMMENT ON COLUMN api_key.created_at IS 'When it was made.';
COMMENT ON COLUMN api_key.expires_at IS 'Since when it no longer works: its own expiry, or the end of a rotation; null: when its caller expires.';
COMMENT ON COLUMN api_key.revoked_at IS 'When it was revoked, alone or with its caller; null: it was not.';
COMMENT ON COLUMN api_key.last_used_at IS 'When it was last used, to some minutes; null: never, or not recorded.';
CREATE INDEX api_key_caller ON api_key (caller_id, created_at, key_id);
-- Closing a key is a restriction. Its last use is none.
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
COMMENT ON FUNCTION count_key() IS 'Trigger: an organization has a new key, with which its own lookups may come from now on.';
CREATE CONSTRAINT TRIGGER api_key_made AFTER INSERT ON api_key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_key();

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
COMMENT ON TABLE quota IS 'Rate limits and quotas of a caller, or of an organization with all its callers, and how much of them API processes have leased.';
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

CREATE TABLE account (
    account_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL UNIQUE REFERENCES caller,
    sign_in_name text NOT NULL UNIQUE CHECK (sign_in_name <> ''),
    password_hash text,
    oidc_issuer text,
    oidc_subject text,
    language text CHECK (language IN ('en', 'es', 'fr', 'ar')),
    invited_sha256 bytea UNIQUE CHECK (octet_length(invited_sha256) = 32),
    invited_until timestamptz,
    invited_by uuid REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_sign_in_at timestamptz,
    UNIQUE (oidc_issuer, oidc_subject),
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL)),
    CHECK ((invited_sha256 IS NULL) = (invited_until IS NULL))
);
COMMENT ON TABLE account IS 'How a caller that is a person signs in to the console. The roles of the caller are its permissions.';
COMMENT ON COLUMN account.account_id IS 'Identity.';
COMMENT ON COLUMN account.caller_id IS 'The caller that signs in: like any other, with or without keys.';
COMMENT ON COLUMN account.sign_in_name IS 'What is typed to sign in, normalised and in lower case; unique in the deployment.';
COMMENT ON COLUMN account.password_hash IS 'Argon2id of the password, with its own salt and costs; null: it has none.';
COMMENT ON COLUMN account.oidc_issuer IS 'The OpenID provider that identifies it; null: none.';
COMMENT ON COLUMN account.oidc_subject IS 'Its identifier at that provider, which never changes there.';
COMMENT ON COLUMN account.language IS 'Language of the console for this account; null: the browser''s.';
COMMENT ON COLUMN account.invited_sha256 IS 'SHA-256 of the open invitation; null: none.';
COMMENT ON COLUMN account.invited_until IS 'When that invitation expires.';
COMMENT ON COLUMN account.invited_by IS 'The caller that made it, whose name it shows; null: none is open.';
COMMENT ON COLUMN account.created_at IS 'When it was made.';
COMMENT ON COLUMN account.last_sign_in_at IS 'When somebody last signed in; null: nobody has.';

CREATE TABLE account_passkey (
    passkey_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    credential_id bytea NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL CHECK (sign_count >= 0),
    name text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);
COMMENT ON TABLE account_passkey IS 'A passkey of an account (WebAuthn). Only its public half is here.';
COMMENT ON COLUMN account_passkey.passkey_id IS 'Identity, for people and records.';
COMMENT ON COLUMN account_passkey.account_id IS 'The account.';
COMMENT ON COLUMN account_passkey.credential_id IS 'The authenticator''s name for it.';
COMMENT ON COLUMN account_passkey.public_key IS 'Its public key, in COSE.';
COMMENT ON COLUMN account_passkey.sign_count IS 'How often it has signed, by its own count; 0 where it does not count. A count that goes back means that it was cloned.';
COMMENT ON COLUMN account_passkey.name IS 'Its owner''s name for it: "phone".';
COMMENT ON COLUMN account_passkey.created_at IS 'When it was added.';
COMMENT ON COLUMN account_passkey.last_used_at IS 'When somebody last signed in with it; null: nobody has.';
CREATE INDEX account_passkey_account ON account_passkey (account_id, created_at);

CREATE TABLE account_session (
    session_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(token_sha256) = 32),
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    means text NOT NULL CHECK (means IN ('password', 'passkey', 'oidc', 'invitation')),
    agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    ended_at timestamptz
) WITH (fillfactor = 70);
COMMENT ON TABLE account_session IS 'A browser in which somebody is signed in.';
COMMENT ON COLUMN account_session.session_id IS 'Identity, for people.';
COMMENT ON COLUMN account_session.token_sha256 IS 'SHA-256 of the cookie (256 random bits), which is never stored.';
COMMENT ON COLUMN account_session.account_id IS 'The account that is signed in.';
COMMENT ON COLUMN account_session.means IS 'How: password, passkey, oidc, or invitation (the first time).';
COMMENT ON COLUMN account_session.agent IS 'Browser and system, in a few words, so that the owner recognizes it. No IP address is kept.';
COMMENT ON COLUMN account_session.created_at IS 'When they signed in.';
COMMENT ON COLUMN account_session.seen_at IS 'When it was last used, to a minute. It expires after some time without use.';
COMMENT ON COLUMN account_session.ends_at IS 'When it expires, used or not.';
COMMENT ON COLUMN account_session.ended_at IS 'When it was ended, by signing out or from another browser; null: it was not.';
CREATE INDEX account_session_account ON account_session (account_id, created_at);
CREATE INDEX account_session_over ON account_session (ends_at);

CREATE TABLE account_ceremony (
    token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    kind text NOT NULL CHECK (kind IN ('passkey_sign_in', 'passkey_add', 'oidc')),
    account_id uuid REFERENCES account ON DELETE CASCADE,
    state jsonb NOT NULL,
    ends_at timestamptz NOT NULL
);
COMMENT ON TABLE account_ceremony IS 'A challenge to an authenticator or a request to an OpenID provider, answered once, within minutes.';
COMMENT ON COLUMN account_ceremony.token_sha256 IS 'SHA-256 of the browser''s token for it.';
COMMENT ON COLUMN account_ceremony.kind IS 'Its purpose.';
COMMENT ON COLUMN account_ceremony.account_id IS 'The account that gets a passkey; null: somebody signs in.';
COMMENT ON COLUMN account_ceremony.state IS 'Challenge, nonce, verifier: random, nothing personal.';
COMMENT ON COLUMN account_ceremony.ends_at IS 'When it expires.';
CREATE INDEX account_ceremony_over ON account_ceremony (ends_at);

CREATE TABLE account_attempt (
    subject_sha256 bytea PRIMARY KEY CHECK (octet_length(subject_sha256) = 32),
    failures integer NOT NULL CHECK (failures > 0),
    failed_at timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE account_attempt IS 'Failed attempts to sign in, by name and by network, so that guessing gets slow.';
COMMENT ON COLUMN account_attempt.subject_sha256 IS 'Keyed digest of a name or of a network; neither is stored.';
COMMENT ON COLUMN account_attempt.failures IS 'Failures in a row.';
COMMENT ON COLUMN account_attempt.failed_at IS 'When the last one failed; the row is deleted after a day without one.';
CREATE INDEX account_attempt_over ON account_attempt (failed_at);

CREATE TABLE account_view (
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    list text NOT NULL CHECK (list IN ('review', 'entries')),
    name text NOT NULL CHECK (name <> ''),
    query text NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, list, name)
);
COMMENT ON TABLE account_view IS 'A saved view: filters of a list of the console under a name. Deleted with the account.';
COMMENT ON COLUMN account_view.account_id IS 'The account; nobody else sees it.';
COMMENT ON COLUMN account_view.list IS 'The list: the review queue, or entries.';
COMMENT ON COLUMN account_view.name IS 'Its owner''s name for it.';
COMMENT ON COLUMN account_view.query IS 'The filters as the query string of the list''s page. Filters that name a depicted person are not stored.';
COMMENT ON COLUMN account_view.kept_at IS 'When it was saved or last changed.';

CREATE TABLE console_secret (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    secret bytea NOT NULL CHECK (octet_length(secret) = 64)
);
COMMENT ON TABLE console_secret IS 'Signs the forms of the console, the same in every API process. It opens no session.';
COMMENT ON COLUMN console_secret."only" IS 'There is one row.';
COMMENT ON COLUMN console_secret.secret IS '488 random bits.';
INSERT INTO console_secret (secret)
SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
