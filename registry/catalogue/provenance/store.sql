-- name: write
-- What a medium says of its origin; what was read before gives way to what is read now.
INSERT INTO asset_manifest (asset_id, state, store, store_sha256, store_bytes, pictures, signer, signed_at,
                            claim_generator, said, reader, declared, source)
VALUES (%(asset_id)s, %(state)s, %(store)s, %(store_sha256)s, %(store_bytes)s, %(pictures)s, %(signer)s, %(signed_at)s,
        %(claim_generator)s, %(said)s, %(reader)s, %(declared)s, %(source)s)
ON CONFLICT (asset_id) DO UPDATE SET state = excluded.state, store = excluded.store,
    store_sha256 = excluded.store_sha256, store_bytes = excluded.store_bytes, pictures = excluded.pictures,
    signer = excluded.signer, signed_at = excluded.signed_at, claim_generator = excluded.claim_generator,
    said = excluded.said, reader = excluded.reader, declared = excluded.declared, source = excluded.source,
    read_at = now();

-- name: of_assets
-- What media say of their origin, without the stores themselves.
SELECT m.asset_id, m.state, encode(m.store_sha256, 'hex') AS store_sha256, m.store_bytes, m.store IS NOT NULL AS kept,
       m.pictures, m.signer, m.signed_at, m.claim_generator, m.declared, m.source, m.said, m.reader, m.read_at
FROM asset_manifest m WHERE m.asset_id = ANY (%(asset_ids)s) ORDER BY m.asset_id;

-- name: manifest_store
-- The manifest store of a medium.
SELECT store FROM asset_manifest WHERE asset_id = %(asset_id)s;

-- name: let_pictures_go
-- Small pictures of media that are not kept are not kept either; of media whose ids lie between two.
UPDATE asset_manifest m SET store = NULL FROM asset a
WHERE m.asset_id BETWEEN %(first)s AND %(last)s AND m.pictures AND m.store IS NOT NULL
  AND a.asset_id = m.asset_id AND a.blob_key IS NULL;

-- name: of_matches
-- What a match says of its medium's origin, and of other registries that say its entry.
SELECT q.asset_id, q.entry_id, m.state, m.signer, m.declared,
       (SELECT jsonb_agg(jsonb_build_object('origin', x.options ->> 'origin', 'entry_id', f.origin_entry_id,
                                            'licence', f.licence) ORDER BY f.said_at, f.origin_entry_id)
        FROM foreign_entry f JOIN exchange x USING (exchange_id)
        WHERE f.entry_id = q.entry_id AND f.status <> 'withdrawn') AS foreign_said
FROM unnest(%(asset_ids)s::uuid[], %(entry_ids)s::uuid[]) AS q (asset_id, entry_id)
LEFT JOIN asset_manifest m USING (asset_id);

-- name: missing
-- Which of an entry's media have no manifest, though another registered medium of the same kind with the same footage, in an
-- entry that the organization may see, has one that holds.
WITH pairs AS (
    SELECT other_entry_id AS entry_id, one_asset_id AS asset_id, other_asset_id AS related_asset_id
    FROM entry_link WHERE one_entry_id = %(entry_id)s AND one_role = other_role
      AND relation IN ('copy', 'shares_original') AND faces IS DISTINCT FROM 'other'
    UNION ALL
    SELECT one_entry_id, other_asset_id, one_asset_id
    FROM entry_link WHERE other_entry_id = %(entry_id)s AND one_role = other_role
      AND relation IN ('copy', 'shares_original') AND faces IS DISTINCT FROM 'other'
)
SELECT DISTINCT p.asset_id
FROM pairs p JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
JOIN asset_manifest mine ON mine.asset_id = p.asset_id AND mine.state = 'absent'
JOIN asset_manifest theirs ON theirs.asset_id = p.related_asset_id AND theirs.state IN ('trusted', 'valid')
WHERE (b.organization_id = %(organization_id)s AND e.status <> 'withdrawn')
   OR (answers_to(b, %(organization_id)s) AND e.status = 'matchable');

-- name: fetchable
-- Media whose manifest an organization may fetch, of these or of those whose active manifest has a label: its own, and of others
-- their originals', as far as their banks share them. One that is a fake anywhere there is none's original, and small pictures
-- of fakes are given to nobody, and nothing of private cases. What does not hold, or answers nothing, is left out. The most
-- trusted first.
SELECT m.asset_id, m.said ->> 'label' AS label
FROM asset_manifest m JOIN asset a USING (asset_id) JOIN bank b ON b.bank_id = a.bank_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE ea.role = 'original') > 0 AS original, count(*) FILTER (WHERE ea.role = 'fake') > 0 AS fake,
           count(p.entry_id) > 0 AS private
    FROM entry_asset ea JOIN entry e USING (entry_id) LEFT JOIN private_case p USING (entry_id)
    WHERE ea.asset_id = m.asset_id AND e.status = 'matchable' AND ea.matchable_at IS NOT NULL
) is_an
WHERE (m.asset_id = ANY (%(asset_ids)s) OR m.said ->> 'label' = %(label)s)
  AND m.store IS NOT NULL AND m.state IN ('trusted', 'valid') AND m.said ->> 'label' IS NOT NULL
  AND b.closed_at IS NULL AND answers_to(b, %(organization_id)s)
  AND (is_an.original OR is_an.fake) AND NOT (is_an.fake AND m.pictures) AND NOT is_an.private
  AND (b.organization_id = %(organization_id)s
       OR (NOT is_an.fake AND (b.policy ->> 'share_manifests' = 'all'
                               OR (b.policy ->> 'share_manifests' = 'without_pictures' AND NOT m.pictures))))
ORDER BY m.state = 'trusted' DESC, b.organization_id = %(organization_id)s DESC, m.read_at, m.asset_id
LIMIT 1000;
