-- name: page
-- Entries of a bank, oldest first, after a cursor. Entries that never matched or were withdrawn are left out. Intake
-- cases are included only with `cases`.
SELECT e.entry_id, e.title, e.claim, e.manipulation, e.entry_references AS references, e.tier, e.status,
       l.opinion, l.tags, l.said, e.created_at,
       (SELECT max(v.at) FROM event v WHERE v.entry_id = e.entry_id) AS changed_at
FROM entry e LEFT JOIN listing l USING (entry_id)
WHERE e.bank_id = %(bank_id)s AND e.status IN ('matchable', 'suspended')
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id))
  AND (%(after_at)s::timestamptz IS NULL
       OR (e.created_at >= %(after_at)s AND (e.created_at, e.entry_id) > (%(after_at)s, %(after_id)s::uuid)))
ORDER BY e.created_at, e.entry_id
LIMIT %(limit)s;

-- name: media
-- The media of entries.
SELECT ea.entry_id, ea.asset_id, ea.role, a.kind, encode(a.sha256, 'hex') AS sha256, encode(a.md5, 'hex') AS md5,
       'hash_only' = ANY (a.notes) AS hash_only
FROM entry_asset ea JOIN asset a USING (asset_id)
WHERE ea.entry_id = ANY (%(entry_ids)s) AND a.status = 'fingerprinted'
ORDER BY ea.entry_id, ea.role, ea.added_at, ea.asset_id;

-- name: singles
-- The frames of media of which a list gave hashes, in order.
SELECT a.asset_id, f.time_s, f.duration_s, f.view, f.quality, substring(bit_send(f.phash256) FROM 5) AS phash256,
       substring(bit_send(f.pdq) FROM 5) AS pdq
FROM asset a JOIN frame_fingerprint f USING (asset_no)
WHERE a.asset_id = ANY (%(asset_ids)s)
ORDER BY a.asset_id, f.time_s;

-- name: place
-- The position of an entry in its bank's list.
SELECT created_at FROM entry WHERE entry_id = %(entry_id)s AND bank_id = %(bank_id)s;

-- name: entries
-- These entries.
SELECT e.entry_id, e.title, e.claim, e.manipulation, e.entry_references AS references, e.tier, e.status,
       l.opinion, l.tags, l.said
FROM entry e LEFT JOIN listing l USING (entry_id)
WHERE e.entry_id = ANY (%(entry_ids)s);
