-- name: by_key
-- The caller of a key that works now.
SELECT caller_id, organization_id, name, roles
FROM caller
WHERE key_sha256 = %(key_sha256)s
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > now());

-- name: any
-- Whether anybody can call at all.
SELECT EXISTS (SELECT FROM caller) AS found;

-- name: lock_first
-- First starts of two processes take turns.
SELECT pg_advisory_xact_lock(1718706539);

-- name: operates
-- Whether an organization is the first, that which the first start has made.
SELECT organization_id = %(organization_id)s AS operates
FROM organization ORDER BY created_at, organization_id LIMIT 1;

-- name: upsert_organization
-- An organization by name, made if it is new.
INSERT INTO organization (name) VALUES (%(name)s)
ON CONFLICT (name) DO UPDATE SET name = excluded.name
RETURNING organization_id;

-- name: insert
-- A new caller; only the key's digest is kept.
INSERT INTO caller (organization_id, name, key_sha256, roles)
VALUES (%(organization_id)s, %(name)s, %(key_sha256)s, %(roles)s)
RETURNING caller_id, organization_id, name, roles;
