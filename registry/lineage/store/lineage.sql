-- name: pairs
-- The fakes and originals of an entry that answer lookups, one pair a row.
SELECT f.asset_id AS fake_id, o.asset_id AS original_id
FROM entry e JOIN entry_asset f USING (entry_id) JOIN entry_asset o USING (entry_id)
WHERE e.entry_id = %(entry_id)s AND e.status = 'matchable' AND f.role = 'fake' AND o.role = 'original'
  AND f.matchable_at IS NOT NULL AND o.matchable_at IS NOT NULL AND f.asset_id <> o.asset_id
ORDER BY f.added_at, f.asset_id, o.added_at, o.asset_id
LIMIT %(most)s;

-- name: drop
-- Forget what was found of a pair.
DELETE FROM entry_derivation
WHERE (entry_id, fake_id, original_id) = (%(entry_id)s, %(fake_id)s, %(original_id)s);

-- name: keep
-- What was found of a pair; nothing where either is gone by now.
INSERT INTO entry_derivation (entry_id, fake_id, original_id, faces, score, spans, model)
SELECT f.entry_id, f.asset_id, o.asset_id, %(faces)s, %(score)s, %(spans)s, %(model)s
FROM entry_asset f, entry_asset o
WHERE (f.entry_id, f.asset_id, f.role) = (%(entry_id)s, %(fake_id)s, 'fake')
  AND (o.entry_id, o.asset_id, o.role) = (%(entry_id)s, %(original_id)s, 'original')
ON CONFLICT (entry_id, fake_id, original_id) DO UPDATE
SET faces = excluded.faces, score = excluded.score, spans = excluded.spans, model = excluded.model, found_at = now();

-- name: derivations
-- Which seconds of an entry's fakes show which of its originals.
SELECT fake_id, original_id, faces, score, spans, model, found_at FROM entry_derivation
WHERE entry_id = %(entry_id)s ORDER BY fake_id, original_id;

-- name: media
-- The media of an entry, who added each and when.
SELECT ea.asset_id, ea.role, encode(a.sha256, 'hex') AS sha256, a.kind, a.duration_s AS duration, ea.added_at,
       ea.matchable_at, c.organization_id, o.name AS organization
FROM entry_asset ea JOIN asset a USING (asset_id) JOIN entry e USING (entry_id)
JOIN caller c ON c.caller_id = coalesce(ea.added_by, e.created_by) JOIN organization o USING (organization_id)
WHERE ea.entry_id = %(entry_id)s
ORDER BY ea.role, ea.added_at, ea.asset_id;

-- name: owner
-- Whose an entry is.
SELECT o.organization_id, o.name FROM entry e JOIN bank b USING (bank_id) JOIN organization o USING (organization_id)
WHERE e.entry_id = %(entry_id)s;

-- name: links
-- Media of other entries with the same footage, every pair, as far as the organization may see both entries; of private
-- cases only with `cases`.
WITH pairs AS (
    SELECT other_entry_id AS entry_id, relation, faces, score, spans, true AS forward, model, found_at,
           one_asset_id AS asset_id, one_role AS role, other_asset_id AS related_asset_id, other_role AS related_role
    FROM entry_link WHERE one_entry_id = %(entry_id)s
    UNION ALL
    SELECT one_entry_id, relation, faces, score, spans, false, model, found_at,
           other_asset_id, other_role, one_asset_id, one_role
    FROM entry_link WHERE other_entry_id = %(entry_id)s
)
SELECT p.*, e.title, e.tier, b.name AS bank
FROM pairs p JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
WHERE ((b.organization_id = %(organization_id)s AND e.status <> 'withdrawn')
       OR (answers_to(b, %(organization_id)s) AND e.status = 'matchable'))
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case c WHERE c.entry_id = e.entry_id))
ORDER BY e.created_at DESC, e.entry_id DESC, p.asset_id, p.related_asset_id
LIMIT %(most)s;
