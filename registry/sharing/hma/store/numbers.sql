-- name: of_media
-- The numbers by which clients of Hasher-Matcher-Actioner refer to media.
SELECT asset_id, asset_no FROM asset WHERE asset_id = ANY(%(asset_ids)s);

-- name: bank_names
-- The bank names of entries. Banks of other organizations begin with the organization's name, so that no bank can pass
-- for another.
SELECT e.entry_id, CASE WHEN b.organization_id = %(organization_id)s THEN b.name ELSE o.name || '/' || b.name END AS name
FROM entry e JOIN bank b USING (bank_id) JOIN organization o USING (organization_id)
WHERE e.entry_id = ANY(%(entry_ids)s);

-- name: withdrawn
-- Those of these entries that were withdrawn.
SELECT entry_id FROM entry WHERE entry_id = ANY(%(entry_ids)s) AND status = 'withdrawn';

-- name: content
-- A banked fake by its number, in a bank of the organization. Intake cases are left out.
SELECT e.entry_id, a.asset_id, e.status
FROM asset a JOIN entry_asset ea USING (asset_id) JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
WHERE a.asset_no = %(number)s AND ea.role = 'fake' AND b.bank_id = %(bank_id)s
  AND b.organization_id = %(organization_id)s
  AND NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id)
ORDER BY e.status <> 'withdrawn' DESC, e.created_at
LIMIT 1;
