-- name: insert_caller
-- A caller without a key, for a person who signs in.
INSERT INTO caller (organization_id, name, roles, expires_at)
VALUES (%(organization_id)s, %(name)s, %(roles)s, NULL) RETURNING caller_id;

-- name: insert
-- A new account with an open invitation, unless the name is taken.
INSERT INTO account (caller_id, sign_in_name, invited_sha256, invited_until, invited_by)
VALUES (%(caller_id)s, %(sign_in_name)s, %(invited)s, now() + %(open)s, %(invited_by)s)
ON CONFLICT (sign_in_name) DO NOTHING
RETURNING account_id, invited_until;

-- name: page
-- Accounts of an organization, oldest first, after a cursor.
SELECT a.account_id, a.caller_id, a.sign_in_name, c.name, c.roles, a.created_at, a.last_sign_in_at, a.invited_until,
       a.password_hash IS NOT NULL AS password, a.oidc_issuer IS NOT NULL AS oidc,
       (SELECT count(*) FROM account_passkey p WHERE p.account_id = a.account_id) AS passkeys,
       CASE WHEN c.revoked_at IS NOT NULL THEN 'revoked' WHEN c.expires_at <= now() THEN 'expired'
            WHEN a.last_sign_in_at IS NULL THEN 'invited' ELSE 'active' END AS state
FROM account a JOIN caller c USING (caller_id)
WHERE c.organization_id = %(organization_id)s
  AND (%(account_id)s::uuid IS NULL OR a.account_id = %(account_id)s)
  AND (%(after_at)s::timestamptz IS NULL OR (a.created_at, a.account_id) > (%(after_at)s, %(after_id)s::uuid))
ORDER BY a.created_at, a.account_id
LIMIT %(limit)s;

-- name: invite
-- A new invitation; the one before no longer works.
UPDATE account SET invited_sha256 = %(invited)s, invited_until = now() + %(open)s, invited_by = %(invited_by)s
WHERE account_id = %(account_id)s RETURNING invited_until;

-- name: invitation
-- What an open invitation says: to whom, to which organization, with which roles, and from whom.
SELECT a.sign_in_name, c.name, c.roles, o.name AS organization, i.name AS inviter
FROM account a JOIN caller c USING (caller_id) JOIN organization o USING (organization_id)
LEFT JOIN caller i ON i.caller_id = a.invited_by
WHERE a.invited_sha256 = %(invited)s AND a.invited_until > now() AND o.closed_at IS NULL
  AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now());

-- name: delete
-- An account goes, with its passkeys and sessions.
DELETE FROM account WHERE account_id = %(account_id)s;

-- name: find_active
-- An account of a caller that works, by name, by invitation, by who it is to a provider, or by id.
SELECT a.account_id, a.sign_in_name, a.password_hash, a.oidc_issuer, a.oidc_subject, a.caller_id
FROM account a JOIN caller c USING (caller_id)
WHERE (a.sign_in_name = %(sign_in_name)s OR (a.invited_sha256 = %(invited)s AND a.invited_until > now())
       OR (a.oidc_issuer = %(issuer)s AND a.oidc_subject = %(subject)s) OR a.account_id = %(account_id)s)
  AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now());

-- name: lock
-- Changes of what an account signs in by take turns.
SELECT account_id, password_hash, oidc_issuer FROM account WHERE account_id = %(account_id)s FOR UPDATE;

-- name: set_password
-- Another password; null: none.
UPDATE account SET password_hash = %(password_hash)s WHERE account_id = %(account_id)s;

-- name: set_provider
-- Who it is to a provider.
UPDATE account SET oidc_issuer = %(issuer)s, oidc_subject = %(subject)s
WHERE account_id = %(account_id)s AND NOT EXISTS (
    SELECT FROM account o WHERE o.oidc_issuer = %(issuer)s AND o.oidc_subject = %(subject)s
      AND o.account_id <> %(account_id)s)
RETURNING account_id;

-- name: record_sign_in
-- Somebody signs in: the invitation is used up.
UPDATE account SET last_sign_in_at = now(), invited_sha256 = NULL, invited_until = NULL, invited_by = NULL
WHERE account_id = %(account_id)s;

-- name: passkeys
-- The passkeys of an account, oldest first.
SELECT passkey_id, credential_id, name, created_at, last_used_at
FROM account_passkey WHERE account_id = %(account_id)s ORDER BY created_at, passkey_id;

-- name: passkey
-- A passkey by what the authenticator calls it.
SELECT passkey_id, account_id, public_key, sign_count
FROM account_passkey WHERE credential_id = %(credential_id)s FOR UPDATE;

-- name: add_passkey
-- One more passkey, unless somebody has it.
INSERT INTO account_passkey (account_id, credential_id, public_key, sign_count, name)
VALUES (%(account_id)s, %(credential_id)s, %(public_key)s, %(sign_count)s, %(name)s)
ON CONFLICT (credential_id) DO NOTHING RETURNING passkey_id;

-- name: record_passkey_use
-- A passkey has signed.
UPDATE account_passkey SET sign_count = %(sign_count)s, last_used_at = now() WHERE passkey_id = %(passkey_id)s;

-- name: remove_passkey
-- A passkey of the account goes.
DELETE FROM account_passkey WHERE account_id = %(account_id)s AND passkey_id = %(passkey_id)s;

-- name: begin_ceremony
-- Keep what will be answered once.
INSERT INTO account_ceremony (token_sha256, kind, account_id, state, ends_at)
VALUES (%(token)s, %(kind)s, %(account_id)s, %(state)s, now() + %(open)s);

-- name: end_ceremony
-- Take what is answered, once.
DELETE FROM account_ceremony WHERE token_sha256 = %(token)s AND kind = %(kind)s
RETURNING account_id, state, ends_at > now() AS open;

-- name: attempts
-- How often these failed, and how long ago the last time was.
SELECT subject_sha256, failures, extract(epoch FROM now() - failed_at)::float8 AS ago
FROM account_attempt WHERE subject_sha256 = ANY (%(subjects)s);

-- name: count_failure
-- One more attempt failed.
INSERT INTO account_attempt (subject_sha256, failures, failed_at)
SELECT DISTINCT s, 1, now() FROM unnest(%(subjects)s::bytea[]) AS s ORDER BY s
ON CONFLICT (subject_sha256) DO UPDATE SET failed_at = now(), failures =
    CASE WHEN account_attempt.failed_at < now() - interval '1 day' THEN 1 ELSE account_attempt.failures + 1 END;

-- name: delete_failures
-- The right word was given: its failures are forgotten.
DELETE FROM account_attempt WHERE subject_sha256 = ANY (%(subjects)s);

-- name: delete_expired
-- What is over goes: ceremonies, attempts after a day, sessions after a month in which their owner could see them.
WITH ceremonies AS (DELETE FROM account_ceremony WHERE ends_at < now()),
     attempts AS (DELETE FROM account_attempt WHERE failed_at < now() - interval '1 day')
DELETE FROM account_session WHERE ends_at < now() - interval '30 days';

-- name: secret
-- What forms are signed with.
SELECT secret FROM console_secret;
