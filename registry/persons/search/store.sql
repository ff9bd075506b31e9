-- name: keep_match
-- Only while the consent is in force and covers it; the lock makes whoever ends it wait, and then delete this too.
INSERT INTO face_match (lookup_id, person_id, sealed)
SELECT %(lookup_id)s, p.person_id, %(sealed)s FROM person p
WHERE p.person_id = %(person_id)s AND p.state = 'active' AND p.expires_at > now() AND 'lookups' = ANY (p.scope)
FOR SHARE
RETURNING person_id;

-- name: keep_link
-- Likewise for a registered medium.
INSERT INTO asset_person (asset_id, person_id)
SELECT %(asset_id)s, p.person_id FROM person p
WHERE p.person_id = %(person_id)s AND p.state = 'active' AND p.expires_at > now() AND 'entries' = ANY (p.scope)
FOR SHARE
RETURNING person_id;

-- name: clear_links
-- Before a medium is searched again.
DELETE FROM asset_person WHERE asset_id = %(asset_id)s;

-- name: record
-- One search, for good.
INSERT INTO face_search (organization_id, caller_id, lookup_id, asset_id, tracks, persons, skipped, matched)
VALUES (%(organization_id)s, %(caller_id)s, %(lookup_id)s, %(asset_id)s, %(tracks)s, %(persons)s,
        %(skipped)s, %(matched)s::uuid[]);

-- name: matches
-- The persons whom a lookup found, as long as their consent is in force.
SELECT m.person_id, m.sealed
FROM face_match m JOIN person p USING (person_id)
WHERE m.lookup_id = %(lookup_id)s AND p.organization_id = %(organization_id)s
  AND p.state = 'active' AND p.expires_at > now() AND 'lookups' = ANY (p.scope)
ORDER BY m.person_id;

-- name: page
-- Searches on record, newest first, before a number.
SELECT face_search_id, searched_at AS at, caller_id, lookup_id, asset_id, tracks, persons, skipped, matched
FROM face_search
WHERE organization_id = %(organization_id)s
  AND (%(before)s::bigint IS NULL OR face_search_id < %(before)s)
ORDER BY face_search_id DESC LIMIT %(limit)s;

-- name: protects
-- Whether anybody's consent in force covers lookups.
SELECT EXISTS (
    SELECT FROM person WHERE organization_id = %(organization_id)s AND state = 'active'
      AND expires_at > now() AND 'lookups' = ANY (scope)) AS protects;

-- name: due_assets
-- Media with faces that this deployment found in them itself, of organizations that protect somebody, which were
-- not searched since the newest of both came, or in a search that had to skip somebody, a day ago: the keys may be
-- back. What came in a fingerprint document is never searched.
WITH protecting AS MATERIALIZED (
    SELECT organization_id, max(reviewed_at) AS since FROM person
    WHERE state = 'active' AND expires_at > now() AND 'entries' = ANY (scope)
    GROUP BY organization_id
)
SELECT a.asset_id, b.organization_id, a.duration_s AS duration
FROM protecting o JOIN bank b USING (organization_id) JOIN asset a USING (bank_id)
WHERE a.status = 'fingerprinted' AND NOT 'quarantined' = ANY (a.notes)
  AND greatest(a.fingerprinted_at, o.since) < now() - make_interval(secs => %(settled)s)
  AND NOT EXISTS (SELECT FROM face_search s WHERE s.asset_id = a.asset_id
                  AND s.searched_at > greatest(a.fingerprinted_at, o.since)
                  AND (s.skipped = 0 OR s.searched_at > now() - interval '1 day'))
  AND EXISTS (SELECT FROM asset_algorithm g
              WHERE g.asset_id = a.asset_id AND g.algorithm LIKE 'face.%%' AND g.recomputed)
  AND EXISTS (SELECT FROM face_fingerprint f WHERE f.asset_id = a.asset_id)
ORDER BY a.fingerprinted_at, a.asset_id LIMIT %(limit)s
FOR UPDATE OF a SKIP LOCKED;

-- name: faces
-- A medium's faces, packed.
SELECT string_agg(float4send(time_s), ''::bytea ORDER BY face_id) AS times,
       array_agg(track ORDER BY face_id) AS tracks,
       string_agg(float4send(pixels), ''::bytea ORDER BY face_id) AS pixels,
       string_agg(float4send(quality), ''::bytea ORDER BY face_id) AS quality,
       string_agg(halfvec_send(embedding), ''::bytea ORDER BY face_id) AS embeddings
FROM face_fingerprint WHERE asset_id = %(asset_id)s;

-- name: delete_matches
-- Matches of lookups whose ids are lower.
DELETE FROM face_match WHERE lookup_id < %(lookup_id)s;
