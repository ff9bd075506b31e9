-- name: outdate
-- Media searched by other rules wait again, at most `most` at a time.
UPDATE entry_asset ea SET related_by = NULL
FROM (SELECT entry_id, asset_id, role FROM entry_asset WHERE related_by <> %(model)s
      LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED) old
WHERE (ea.entry_id, ea.asset_id, ea.role) = (old.entry_id, old.asset_id, old.role)
RETURNING ea.entry_id;

-- name: ask_again
-- Media of an organization's entries, or of some of them, wait to be searched again.
UPDATE entry_asset ea SET related_by = NULL
FROM entry e JOIN bank b USING (bank_id)
WHERE ea.entry_id = e.entry_id AND b.organization_id = %(organization_id)s
  AND (%(entry_ids)s::uuid[] IS NULL OR e.entry_id = ANY (%(entry_ids)s::uuid[]))
  AND e.status = 'matchable' AND ea.matchable_at IS NOT NULL
RETURNING ea.entry_id;

-- name: ask_again_of_asset
-- The fingerprint of an asset has changed: its entries wait to be searched again.
UPDATE entry_asset SET related_by = NULL WHERE asset_id = %(asset_id)s AND matchable_at IS NOT NULL;

-- name: mark_related
-- The relatives of a medium were searched. Changes nothing if its fingerprint has changed since.
UPDATE entry_asset ea SET related_by = %(model)s
FROM asset a
WHERE a.asset_id = ea.asset_id AND a.fingerprinted_at = %(fingerprinted_at)s
  AND (ea.entry_id, ea.asset_id, ea.role) = (%(entry_id)s, %(asset_id)s, %(role)s);
