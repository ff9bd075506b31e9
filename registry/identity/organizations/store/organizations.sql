-- name: operates
-- Whether an organization is the first, that which the first start has made.
SELECT organization_id = %(organization_id)s AS operates
FROM organization ORDER BY created_at, organization_id LIMIT 1;

-- name: first_organization
-- The first organization.
SELECT organization_id FROM organization ORDER BY created_at, organization_id LIMIT 1;

-- name: upsert
-- An organization by name, made if it is new. `made`: it was.
INSERT INTO organization (name) VALUES (%(name)s)
ON CONFLICT (name) DO UPDATE SET name = excluded.name
RETURNING organization_id, state, (xmax = 0) AS made;

-- name: insert
-- A new organization, unless one is called so.
INSERT INTO organization (name) VALUES (%(name)s) ON CONFLICT (name) DO NOTHING RETURNING organization_id;

-- name: lock_organization
-- Changes of an organization's callers, and its end, take turns.
SELECT organization_id, name, state, closed_at FROM organization
WHERE organization_id = %(organization_id)s FOR NO KEY UPDATE;

-- name: find_organization
-- One organization, how many callers it has, and how much it may ask.
SELECT o.organization_id, o.name, o.state, o.created_at, o.closed_at,
       (SELECT count(*) FROM caller c WHERE c.organization_id = o.organization_id AND c.revoked_at IS NULL
        AND (c.expires_at IS NULL OR c.expires_at > now())) AS callers,
       json_build_object('rate', q.rate, 'daily', q.daily, 'monthly', q.monthly) AS limits
FROM organization o LEFT JOIN quota q ON q.subject_id = o.organization_id
WHERE o.organization_id = %(organization_id)s;

-- name: page
-- Organizations, oldest first, after a cursor.
SELECT o.organization_id, o.name, o.state, o.created_at, o.closed_at,
       (SELECT count(*) FROM caller c WHERE c.organization_id = o.organization_id AND c.revoked_at IS NULL
        AND (c.expires_at IS NULL OR c.expires_at > now())) AS callers,
       json_build_object('rate', q.rate, 'daily', q.daily, 'monthly', q.monthly) AS limits
FROM organization o LEFT JOIN quota q ON q.subject_id = o.organization_id
WHERE (%(state)s::text IS NULL OR o.state = %(state)s)
  AND (%(after_at)s::timestamptz IS NULL OR (o.created_at, o.organization_id) > (%(after_at)s, %(after_id)s::uuid))
ORDER BY o.created_at, o.organization_id
LIMIT %(limit)s;

-- name: rename
-- Another name, unless an organization is called so.
UPDATE organization SET name = %(name)s
WHERE organization_id = %(organization_id)s AND NOT EXISTS (
    SELECT FROM organization other WHERE other.name = %(name)s AND other.organization_id <> %(organization_id)s)
RETURNING organization_id;

-- name: close
-- It takes part no longer.
UPDATE organization SET closed_at = now(), closed_entries = %(entries)s WHERE organization_id = %(organization_id)s;

-- name: set_rules
-- Change it.
UPDATE organization SET watch_days_most = %(watch_days_most)s, tells_matches = %(tells_matches)s,
    reports_places = %(reports_places)s
WHERE organization_id = %(organization_id)s;

-- name: set_recording
-- Which lookups of an organization are recorded.
UPDATE organization SET record_lookups = %(recording)s WHERE organization_id = %(organization_id)s
RETURNING record_lookups;
