-- name: phash256
-- Who calls, and which of these hashes are near a registered one. The very candidates of `propose`, seen by anybody.
SELECT c.caller_id, c.organization_id, c.name, c.roles, ARRAY(
    SELECT q.row - 1
    FROM unnest(%(hashes)b::bit(256)[]) WITH ORDINALITY AS q (hash, row)
    WHERE EXISTS (
        SELECT FROM frame_fingerprint
        WHERE quality >= 50 AND phash256_keys(phash256) && phash256_keys(q.hash)
          AND phash256 <~> q.hash <= %(radius)s
    )
) AS near
FROM caller c
WHERE c.key_sha256 = %(key_sha256)s AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now());

-- name: pdq
-- As `phash256`.
SELECT c.caller_id, c.organization_id, c.name, c.roles, ARRAY(
    SELECT q.row - 1
    FROM unnest(%(hashes)b::bit(256)[]) WITH ORDINALITY AS q (hash, row)
    WHERE EXISTS (
        SELECT FROM frame_fingerprint
        WHERE quality >= 50 AND pdq_keys(pdq) && pdq_keys(q.hash) AND pdq <~> q.hash <= %(radius)s
    )
) AS near
FROM caller c
WHERE c.key_sha256 = %(key_sha256)s AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now());
