-- name: by_key
-- The caller of a key that works now.
SELECT c.caller_id, c.organization_id, c.name, c.roles
FROM api_key k JOIN caller c USING (caller_id)
WHERE k.key_sha256 = %(key_sha256)s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
  AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now());

-- name: any
-- Whether anybody can call at all.
SELECT EXISTS (SELECT FROM caller) AS found;

-- name: lock_first
-- First starts of two processes take turns.
SELECT pg_advisory_xact_lock(1718706539);

-- name: insert_caller
-- A new caller and its first key, of which only the digest is kept.
WITH made AS (
    INSERT INTO caller (organization_id, name, roles, expires_at)
    VALUES (%(organization_id)s, %(name)s, %(roles)s, %(expires_at)s)
    RETURNING caller_id, organization_id, name, roles, created_at, expires_at
), keyed AS (
    INSERT INTO api_key (key_sha256, caller_id, prefix)
    SELECT %(key_sha256)s, caller_id, %(prefix)s FROM made
    RETURNING key_id
)
SELECT made.*, keyed.key_id FROM made, keyed;

-- name: get_caller
-- One caller of an organization, whether it works and how much it may ask.
SELECT c.caller_id, c.organization_id, c.name, c.roles, c.created_at, c.expires_at, c.revoked_at,
       CASE WHEN c.revoked_at IS NOT NULL THEN 'revoked' WHEN c.expires_at <= now() THEN 'expired' ELSE 'active' END
           AS state,
       json_build_object('rate', q.rate, 'daily', q.daily, 'monthly', q.monthly) AS limits
FROM caller c LEFT JOIN quota q ON q.subject_id = c.caller_id
WHERE c.caller_id = %(caller_id)s AND c.organization_id = %(organization_id)s;

-- name: list_callers
-- Callers of an organization, oldest first, after a cursor; those that are over only where asked for.
SELECT c.caller_id, c.organization_id, c.name, c.roles, c.created_at, c.expires_at, c.revoked_at,
       CASE WHEN c.revoked_at IS NOT NULL THEN 'revoked' WHEN c.expires_at <= now() THEN 'expired' ELSE 'active' END
           AS state,
       json_build_object('rate', q.rate, 'daily', q.daily, 'monthly', q.monthly) AS limits
FROM caller c LEFT JOIN quota q ON q.subject_id = c.caller_id
WHERE c.organization_id = %(organization_id)s
  AND (%(all)s OR (c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())))
  AND (%(after_at)s::timestamptz IS NULL OR (c.created_at, c.caller_id) > (%(after_at)s, %(after_id)s::uuid))
ORDER BY c.created_at, c.caller_id
LIMIT %(limit)s;

-- name: change
-- What a caller is called, may do, and until when.
UPDATE caller SET name = %(name)s, roles = %(roles)s, expires_at = %(expires_at)s
WHERE caller_id = %(caller_id)s;

-- name: revoke
-- A caller and its keys stop working.
WITH ended AS (
    UPDATE caller SET revoked_at = now() WHERE caller_id = %(caller_id)s AND revoked_at IS NULL RETURNING caller_id
)
UPDATE api_key k SET revoked_at = now() FROM ended WHERE k.caller_id = ended.caller_id AND k.revoked_at IS NULL;

-- name: revoke_all
-- All callers of an organization and their keys stop working.
WITH ended AS (
    UPDATE caller SET revoked_at = now()
    WHERE organization_id = %(organization_id)s AND revoked_at IS NULL RETURNING caller_id
), stopped AS (
    UPDATE api_key k SET revoked_at = now() FROM ended WHERE k.caller_id = ended.caller_id AND k.revoked_at IS NULL
    RETURNING true
)
SELECT count(*) AS callers FROM ended;

-- name: administered
-- Whether a caller with the role `admin` is left to an organization that has a key which works, but for one key, or
-- signs in. A key or a caller that is to end some day does not count: somebody has to be there after it.
SELECT EXISTS (
    SELECT FROM caller c
    WHERE c.organization_id = %(organization_id)s AND 'admin' = ANY (c.roles)
      AND c.revoked_at IS NULL AND c.expires_at IS NULL
      AND (EXISTS (SELECT FROM account a WHERE a.caller_id = c.caller_id AND a.last_sign_in_at IS NOT NULL)
           OR EXISTS (SELECT FROM api_key k WHERE k.caller_id = c.caller_id AND k.revoked_at IS NULL
                      AND k.expires_at IS NULL AND k.key_id IS DISTINCT FROM %(but)s::uuid))
) AS found;

-- name: has_admin
-- Whether an organization has a caller that may administer it now, by a key or signed in.
SELECT EXISTS (
    SELECT FROM caller c
    WHERE c.organization_id = %(organization_id)s AND 'admin' = ANY (c.roles)
      AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())
      AND (EXISTS (SELECT FROM account a WHERE a.caller_id = c.caller_id AND a.last_sign_in_at IS NOT NULL)
           OR EXISTS (SELECT FROM api_key k WHERE k.caller_id = c.caller_id AND k.revoked_at IS NULL
                      AND (k.expires_at IS NULL OR k.expires_at > now())))
) AS found;

-- name: caller
-- As whom an organization's cases are registered: a caller without a key, so that nobody calls as it.
INSERT INTO caller (organization_id, name, roles) VALUES (%(organization_id)s, 'private cases', '{register}')
RETURNING caller_id;
