-- name: insert
-- One more key of a caller.
INSERT INTO api_key (key_sha256, caller_id, prefix, expires_at)
VALUES (%(key_sha256)s, %(caller_id)s, %(prefix)s, %(expires_at)s)
RETURNING key_id, caller_id, prefix, created_at, expires_at, revoked_at, last_used_at, 'active' AS state;

-- name: of_callers
-- The keys of these callers, oldest first; those that are over only where asked for.
SELECT k.key_id, k.caller_id, k.prefix, k.created_at, k.expires_at, k.revoked_at, k.last_used_at,
       CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= now() THEN 'expired' ELSE 'active' END
           AS state
FROM api_key k
WHERE k.caller_id = ANY (%(caller_ids)s)
  AND (%(all)s OR (k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())))
ORDER BY k.created_at, k.key_id;

-- name: by_digest
-- What is known of the key that is being used.
SELECT k.key_id, k.caller_id, k.prefix, k.created_at, k.revoked_at, k.last_used_at, 'active' AS state,
       least(k.expires_at, c.expires_at) AS expires_at
FROM api_key k JOIN caller c USING (caller_id)
WHERE k.key_sha256 = %(key_sha256)s;

-- name: overlap
-- The caller's other keys that work end after so many hours, if they do not end before; of 0 they are revoked.
UPDATE api_key SET
    expires_at = CASE WHEN %(hours)s > 0
        THEN least(expires_at, now() + make_interval(secs => %(hours)s * 3600)) ELSE expires_at END,
    revoked_at = CASE WHEN %(hours)s > 0 THEN revoked_at ELSE now() END
WHERE caller_id = %(caller_id)s AND key_id <> %(but)s
  AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
RETURNING key_id;

-- name: revoke
-- One key stops working.
UPDATE api_key SET revoked_at = now() WHERE key_id = %(key_id)s AND revoked_at IS NULL;

-- name: record_use
-- These keys were used a moment ago; written rarely, since it is read by people.
UPDATE api_key SET last_used_at = now()
WHERE key_sha256 = ANY (%(digests)s)
  AND (last_used_at IS NULL OR last_used_at < now() - make_interval(secs => %(every)s));
