-- name: caller_fragment
-- First part of a statement that checks the caller's API key and looks hashes up. It returns the caller, and all
-- assets near the hashes, also those that the caller may not see. No row if the key is not valid.
SELECT c.caller_id, c.organization_id, c.name, c.roles,
       near.places::text, near.assets::text, near.bits::text
FROM api_key k JOIN caller c USING (caller_id)
CROSS JOIN LATERAL (
    SELECT array_agg(place) AS places, array_agg(asset_no) AS assets, array_agg(bits) AS bits
    FROM (
        SELECT found.place, found.asset_no, min(found.apart) AS bits

-- name: by_caller_fragment
-- Last part, after `FROM (query of near.sql) found`.
        GROUP BY found.place, found.asset_no
    ) found
) near
WHERE k.key_sha256 = %(key_sha256)s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
  AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now());

-- name: media_fragment
-- First part of a statement: the media that may answer, from assets near hashes, chosen as in `candidates.sql`.
WITH votes AS MATERIALIZED (
    SELECT n.place, a.asset_id, 1 - n.bits / 256 AS votes
    FROM unnest(%(places)s::integer[], %(assets)s::integer[], %(bits)s::float8[]) AS n (place, asset_no, bits)
    JOIN asset a USING (asset_no)
    WHERE a.status = 'fingerprinted'
), links AS MATERIALIZED (
    SELECT v.place, ea.entry_id, ea.asset_id, ea.role, v.votes,
           CASE WHEN b.kind = 'negative' THEN 2
                WHEN b.organization_id = %(organization_id)s
                     OR coalesce((b.policy ->> 'strangers_see_unreviewed')::boolean, false)
                     OR lower_tier(ea.tier, CASE ea.role WHEN 'fake' THEN e.tier ELSE e.original_tier END)
                        <> 'unreviewed' THEN 1
                ELSE 0 END AS standing,
           row_number() OVER (PARTITION BY v.place, ea.entry_id, ea.role ORDER BY v.votes DESC, ea.asset_id) AS rank
    FROM votes v JOIN entry_asset ea USING (asset_id)
    JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
    WHERE e.status = 'matchable' AND ea.matchable_at IS NOT NULL
      AND answers_to(b, %(organization_id)s)
), ranked AS (
    SELECT place, entry_id, max(votes) AS votes, max(standing) AS standing FROM links GROUP BY place, entry_id
), ordered AS (
    SELECT place, entry_id, votes, standing,
           row_number() OVER (PARTITION BY place, standing ORDER BY votes DESC, entry_id) AS rank
    FROM ranked
), proposed AS MATERIALIZED (
    SELECT place, entry_id, votes FROM ordered
    WHERE rank <= CASE standing WHEN 0 THEN %(others)s ELSE %(trusted)s END
), media AS MATERIALIZED (
    SELECT p.place, p.entry_id, p.votes, l.asset_id, l.role
    FROM proposed p JOIN links l USING (place, entry_id)
    WHERE l.role = 'fake' AND l.rank <= %(media)s
    UNION ALL
    -- An original may be near though it shares no key: each is looked at.
    SELECT p.place, p.entry_id, p.votes, o.asset_id, 'original' FROM proposed p
    CROSS JOIN LATERAL (
        SELECT ea.asset_id FROM entry_asset ea JOIN asset a USING (asset_id)
        LEFT JOIN votes v ON v.asset_id = ea.asset_id AND v.place = p.place
        WHERE ea.entry_id = p.entry_id AND ea.role = 'original' AND ea.matchable_at IS NOT NULL
          AND a.status = 'fingerprinted'
        ORDER BY v.votes DESC NULLS LAST, ea.added_at, ea.asset_id
        LIMIT %(media)s
    ) o
)
SELECT m.place, a.asset_id, e.entry_id, ea.role, a.duration_s AS duration, e.title, b.name AS bank,
       seen_tier(b.organization_id = %(organization_id)s, ea.role = 'fake', ea.tier, e.tier, ea.own_tier, e.own_tier)
           AS tier,
       seen_tier(b.organization_id = %(organization_id)s, ea.role = 'original', ea.tier, e.original_tier, ea.own_tier,
                 e.own_original_tier) AS original_tier,
       e.manipulation, b.organization_id = %(organization_id)s AS own, b.policy, e.entry_references AS references,
       b.bank_id, b.overlaid, b.kind = 'negative' AS allowlisted,
       EXISTS (SELECT FROM asset_algorithm g
               WHERE g.asset_id = a.asset_id AND g.algorithm LIKE 'face.%%') AS faces_ran,
       EXISTS (SELECT FROM face_fingerprint f WHERE f.asset_id = a.asset_id) AS has_faces,
       nearest.time_s, nearest.bits, around.duration_s, around.following, around.measured
FROM media m
JOIN entry e USING (entry_id)
JOIN bank b ON b.bank_id = e.bank_id
JOIN entry_asset ea ON ea.entry_id = e.entry_id AND ea.asset_id = m.asset_id AND ea.role = m.role
JOIN asset a ON a.asset_id = m.asset_id

-- name: nearest_phash256_fragment
-- Second part, after `media_fragment`: the moment of each medium most like its hash, the first of several.
CROSS JOIN LATERAL (
    SELECT f.time_s, f.bits
    FROM (
        SELECT time_s, phash256 <~> (%(hashes)s::bit(256)[])[m.place] AS bits FROM frame_fingerprint
        WHERE asset_no = a.asset_no AND quality >= 50
    ) f
    WHERE f.bits <= %(radius)s
    ORDER BY f.bits, f.time_s
    LIMIT 1
) nearest

-- name: nearest_pdq_fragment
-- Second part for PDQ: as `nearest_phash256_fragment`.
CROSS JOIN LATERAL (
    SELECT f.time_s, f.bits
    FROM (
        SELECT time_s, pdq <~> (%(hashes)s::bit(256)[])[m.place] AS bits FROM frame_fingerprint
        WHERE asset_no = a.asset_no AND quality >= 50
    ) f
    WHERE f.bits <= %(radius)s
    ORDER BY f.bits, f.time_s
    LIMIT 1
) nearest

-- name: around_fragment
-- Last part: how long that moment lasts, when the next begins, and whether the medium has PDQ; the order of rows.
CROSS JOIN LATERAL (
    SELECT max(f.duration_s) FILTER (WHERE f.time_s = nearest.time_s) AS duration_s,
           min(f.time_s) FILTER (WHERE f.time_s > nearest.time_s) AS following,
           bool_or(f.pdq IS NOT NULL) AS measured
    FROM frame_fingerprint f WHERE f.asset_no = a.asset_no AND f.quality >= 50
) around
ORDER BY m.place, m.votes DESC, e.entry_id, ea.role, a.asset_id;
