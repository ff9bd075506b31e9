-- name: of_caller
-- The changes that a lookup of the caller with this key must see, if the key works now.
SELECT c.organization_id,
       coalesce((SELECT n.changes FROM change_count n
                 WHERE n.organization_id = '00000000-0000-0000-0000-000000000000'), 0) AS everybody,
       coalesce((SELECT n.changes FROM change_count n WHERE n.organization_id = c.organization_id), 0) AS own
FROM api_key k JOIN caller c USING (caller_id)
WHERE k.key_sha256 = %(key_sha256)s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
  AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now());

-- name: of_organization
-- The changes that a lookup of an organization must see, or that this database holds of them.
SELECT coalesce((SELECT n.changes FROM change_count n
                 WHERE n.organization_id = '00000000-0000-0000-0000-000000000000'), 0) AS everybody,
       coalesce((SELECT n.changes FROM change_count n
                 WHERE n.organization_id = %(organization_id)s::uuid), 0) AS own;
