-- name: waiting
-- The media of a matchable entry whose relatives these rules have not looked for, or not since it changed.
SELECT ea.asset_id, ea.role, e.manipulation, a.fingerprinted_at
FROM entry e JOIN entry_asset ea USING (entry_id) JOIN asset a USING (asset_id)
WHERE e.entry_id = %(entry_id)s AND e.status = 'matchable' AND ea.matchable_at IS NOT NULL
  AND a.status = 'fingerprinted' AND ea.related_by IS DISTINCT FROM %(model)s
ORDER BY ea.role, ea.added_at, ea.asset_id;

-- name: opened
-- The asset's entries with media that became matchable in this very transaction.
SELECT DISTINCT ea.entry_id FROM entry_asset mine JOIN entry_asset ea USING (entry_id)
WHERE mine.asset_id = %(asset_id)s AND ea.matchable_at = now();

-- name: backlog
-- Entries that nobody has looked at and no job waits for, as many as keep the open jobs few; one that failed rests.
SELECT DISTINCT ea.entry_id
FROM entry_asset ea JOIN entry e USING (entry_id)
WHERE ea.related_by IS NULL AND ea.matchable_at IS NOT NULL AND e.status = 'matchable'
  AND NOT EXISTS (
      SELECT FROM job j WHERE j.subject_id = ea.entry_id AND j.task = 'relate_entry'
        AND (j.status IN ('queued', 'running')
             OR (j.status = 'failed' AND j.finished_at > now() - make_interval(secs => %(rest)s))))
LIMIT greatest(0, %(most)s - (
    SELECT count(*) FROM job WHERE task = 'relate_entry' AND status IN ('queued', 'running')));

-- name: take_turns
-- Links lie between two entries, so all who write them do it one after the other: until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('entry_link', 0));

-- name: lock
-- Keep an entry from changing until the transaction ends.
SELECT entry_id FROM entry WHERE entry_id = %(entry_id)s FOR NO KEY UPDATE;

-- name: hold_medium
-- Lock it, so that the next statements see whether its fingerprint has changed.
SELECT true AS held FROM entry_asset
WHERE (entry_id, asset_id, role) = (%(entry_id)s, %(asset_id)s, %(role)s) FOR NO KEY UPDATE;

-- name: drop
-- Forget what was found when this medium was last looked at, and by anybody before its fingerprint changed.
DELETE FROM entry_link l USING asset a
WHERE a.asset_id = %(asset_id)s AND l.kind = %(kind)s
  AND ((l.one_entry_id = %(entry_id)s AND l.one_asset_id = %(asset_id)s)
       OR (l.other_entry_id = %(entry_id)s AND l.other_asset_id = %(asset_id)s))
  AND (l.found_from = %(entry_id)s OR l.found_at < a.fingerprinted_at);

-- name: keep
-- A link, or the newer word on it; none where either side is gone by now.
INSERT INTO entry_link (one_entry_id, one_asset_id, one_role, other_entry_id, other_asset_id, other_role, kind,
                        relation, faces, score, spans, model, found_from)
SELECT one.entry_id, one.asset_id, one.role, other.entry_id, other.asset_id, other.role, %(kind)s,
       %(relation)s, %(faces)s, %(score)s, %(spans)s, %(model)s, %(found_from)s
FROM entry_asset one, entry_asset other
WHERE (one.entry_id, one.asset_id, one.role) = (%(one_entry_id)s, %(one_asset_id)s, %(one_role)s)
  AND (other.entry_id, other.asset_id, other.role) = (%(other_entry_id)s, %(other_asset_id)s, %(other_role)s)
ON CONFLICT (one_entry_id, other_entry_id, one_asset_id, other_asset_id, kind) DO UPDATE
SET relation = excluded.relation, faces = excluded.faces, score = excluded.score, spans = excluded.spans,
    model = excluded.model, found_from = excluded.found_from, found_at = now();

-- name: pending
-- Whether any medium of the entry may have relatives that nobody has looked for.
SELECT e.status = 'pending' OR (e.status = 'matchable' AND EXISTS (
    SELECT FROM entry_asset ea WHERE ea.entry_id = e.entry_id AND ea.matchable_at IS NOT NULL
      AND ea.related_by IS DISTINCT FROM %(model)s)) AS pending
FROM entry e WHERE e.entry_id = %(entry_id)s;

-- name: count
-- How many entries that the caller may see are linked with this one, those with the same person only for who may
-- know of persons, private cases only with `cases`.
SELECT count(*) AS entries FROM entry e JOIN bank b USING (bank_id)
WHERE e.entry_id IN (
    SELECT other_entry_id FROM entry_link WHERE one_entry_id = %(entry_id)s
    UNION SELECT one_entry_id FROM entry_link WHERE other_entry_id = %(entry_id)s
    UNION SELECT entry_id FROM same_person(%(entry_id)s, %(organization_id)s) WHERE %(faces)s)
  AND ((b.organization_id = %(organization_id)s AND e.status <> 'withdrawn')
       OR (answers_to(b, %(organization_id)s) AND e.status = 'matchable'))
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id));

-- name: page
-- These entries, newest first, after a cursor: of each the pair of media that says most, fakes before originals.
WITH persons AS MATERIALIZED (
    SELECT * FROM same_person(%(entry_id)s, %(organization_id)s) WHERE %(faces)s
), pairs AS (
    SELECT other_entry_id AS entry_id, kind, relation, faces, score, spans, true AS forward,
           one_asset_id AS asset_id, one_role AS role, other_asset_id AS related_asset_id,
           other_role AS related_role
    FROM entry_link WHERE one_entry_id = %(entry_id)s
    UNION ALL
    SELECT one_entry_id, kind, relation, faces, score, spans, false,
           other_asset_id, other_role, one_asset_id, one_role
    FROM entry_link WHERE other_entry_id = %(entry_id)s
    UNION ALL
    SELECT DISTINCT entry_id, 'same_person', NULL, 'same', NULL::real, '[]'::jsonb, true, asset_id, role,
           related_asset_id, related_role
    FROM persons
), best AS (
    SELECT DISTINCT ON (entry_id, kind) *, count(*) OVER (PARTITION BY entry_id, kind) AS pairs
    FROM pairs
    ORDER BY entry_id, kind,
             array_position(ARRAY['copy', 'same_footage_other_face', 'shares_original'], relation) NULLS LAST,
             score DESC, asset_id, related_asset_id
)
SELECT e.entry_id, e.title, e.language, b.name AS bank, e.tier, e.manipulation, e.created_at, l.kind, l.relation, l.faces,
       l.score, l.spans, l.forward, l.asset_id, l.role, l.related_asset_id, l.related_role, l.pairs,
       CASE l.kind WHEN 'same_person' THEN (
           SELECT array_agg(DISTINCT p.person_id) FROM persons p WHERE p.entry_id = l.entry_id) END AS persons
FROM best l JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
WHERE ((b.organization_id = %(organization_id)s AND e.status <> 'withdrawn')
       OR (answers_to(b, %(organization_id)s) AND e.status = 'matchable'))
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id))
  AND (%(after_at)s::timestamptz IS NULL
       OR (e.created_at, e.entry_id) < (%(after_at)s, %(after_id)s::uuid)
       OR ((e.created_at, e.entry_id) = (%(after_at)s, %(after_id)s::uuid) AND l.kind > %(after_kind)s::text))
ORDER BY e.created_at DESC, e.entry_id DESC, l.kind
LIMIT %(limit)s;
