-- The console: callers who sign in. An account is a caller's way in by the browser; it holds no role of its own.
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
    created_at timestamptz NOT NULL DEFAULT now(),
    last_sign_in_at timestamptz,
    UNIQUE (oidc_issuer, oidc_subject),
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL)),
    CHECK ((invited_sha256 IS NULL) = (invited_until IS NULL))
);
COMMENT ON TABLE account IS 'How a caller that is a person signs in to the console. What it may do is its caller''s to say.';
COMMENT ON COLUMN account.account_id IS 'Identity.';
COMMENT ON COLUMN account.caller_id IS 'Who signs in: a caller like any other, with or without keys.';
COMMENT ON COLUMN account.sign_in_name IS 'What is typed to sign in, normalised and in lower case; unique in the deployment.';
COMMENT ON COLUMN account.password_hash IS 'Argon2id of the password, with its own salt and costs; null: it has none.';
COMMENT ON COLUMN account.oidc_issuer IS 'The OpenID provider that vouches for it; null: none.';
COMMENT ON COLUMN account.oidc_subject IS 'Who it is to that provider, which never changes there.';
COMMENT ON COLUMN account.language IS 'In which language it reads the console; null: as the browser asks.';
COMMENT ON COLUMN account.invited_sha256 IS 'SHA-256 of the invitation that is open; null: none is.';
COMMENT ON COLUMN account.invited_until IS 'From when on that invitation no longer works.';
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
COMMENT ON COLUMN account_passkey.account_id IS 'Whose it is.';
COMMENT ON COLUMN account_passkey.credential_id IS 'How the authenticator names it.';
COMMENT ON COLUMN account_passkey.public_key IS 'Its public key, as COSE has it.';
COMMENT ON COLUMN account_passkey.sign_count IS 'How often it has signed, by its own count; 0 where it does not count. One that goes back was cloned.';
COMMENT ON COLUMN account_passkey.name IS 'What its owner calls it: "phone".';
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
COMMENT ON COLUMN account_session.account_id IS 'Who is signed in.';
COMMENT ON COLUMN account_session.means IS 'How: password, passkey, oidc, or invitation (the first time).';
COMMENT ON COLUMN account_session.agent IS 'Browser and system, in a few words, so that its owner knows it again. No address is kept.';
COMMENT ON COLUMN account_session.created_at IS 'When they signed in.';
COMMENT ON COLUMN account_session.seen_at IS 'When it was last used, to a minute; after some time without use it is over.';
COMMENT ON COLUMN account_session.ends_at IS 'When it is over, used or not.';
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
COMMENT ON TABLE account_ceremony IS 'What was asked of an authenticator or a provider and is answered once, within minutes.';
COMMENT ON COLUMN account_ceremony.token_sha256 IS 'SHA-256 of the word by which the browser names it.';
COMMENT ON COLUMN account_ceremony.kind IS 'What it is for.';
COMMENT ON COLUMN account_ceremony.account_id IS 'Whom it adds something to; null: somebody signs in.';
COMMENT ON COLUMN account_ceremony.state IS 'Challenge, nonce, verifier: random words, nothing personal.';
COMMENT ON COLUMN account_ceremony.ends_at IS 'When it is over.';
CREATE INDEX account_ceremony_over ON account_ceremony (ends_at);

CREATE TABLE account_attempt (
    subject_sha256 bytea PRIMARY KEY CHECK (octet_length(subject_sha256) = 32),
    failures integer NOT NULL CHECK (failures > 0),
    failed_at timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE account_attempt IS 'Attempts to sign in that failed, by name and by network, so that guessing gets slow.';
COMMENT ON COLUMN account_attempt.subject_sha256 IS 'Keyed digest of a name or of a network: neither is kept.';
COMMENT ON COLUMN account_attempt.failures IS 'How many failed, one after the other.';
COMMENT ON COLUMN account_attempt.failed_at IS 'When the last one did; after a day of none the row goes.';
CREATE INDEX account_attempt_over ON account_attempt (failed_at);

CREATE TABLE console_secret (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    secret bytea NOT NULL CHECK (octet_length(secret) = 64)
);
COMMENT ON TABLE console_secret IS 'What forms of the console are signed with, the same in every API process. It opens no session.';
COMMENT ON COLUMN console_secret."only" IS 'There is one.';
COMMENT ON COLUMN console_secret.secret IS '488 random bits.';
INSERT INTO console_secret (secret)
SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
