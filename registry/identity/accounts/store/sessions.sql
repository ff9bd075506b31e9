-- name: insert
-- Somebody is signed in.
INSERT INTO account_session (token_sha256, account_id, means, agent, ends_at)
VALUES (%(token)s, %(account_id)s, %(means)s, %(agent)s, now() + %(lasts)s) RETURNING session_id;

-- name: find
-- The session of a cookie, whether it is open, and the caller behind it, if that works.
SELECT s.session_id, s.account_id, s.seen_at, a.sign_in_name, a.language, o.name AS organization,
       c.caller_id, c.organization_id, c.name, c.roles,
       s.ended_at IS NULL AND s.ends_at > now() AND s.seen_at > now() - %(idle)s
       AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now()) AS open,
       s.seen_at < now() - interval '1 minute' AS stale
FROM account_session s
JOIN account a USING (account_id) JOIN caller c USING (caller_id) JOIN organization o USING (organization_id)
WHERE s.token_sha256 = %(token)s;

-- name: touch
-- It was used just now.
UPDATE account_session SET seen_at = now() WHERE session_id = %(session_id)s AND seen_at < now();

-- name: open
-- The open sessions of an account, the latest first.
SELECT session_id, means, agent, created_at, seen_at, ends_at FROM account_session
WHERE account_id = %(account_id)s AND ended_at IS NULL AND ends_at > now() AND seen_at > now() - %(idle)s
ORDER BY seen_at DESC, session_id;

-- name: end
-- Sessions of an account end: the one named, or all but one.
UPDATE account_session SET ended_at = now()
WHERE account_id = %(account_id)s AND ended_at IS NULL
  AND (session_id = %(session_id)s OR (%(session_id)s::uuid IS NULL AND session_id IS DISTINCT FROM %(but)s::uuid));
