-- name: phash256
-- The moments with a hash near these, found by their keys. `near_phash256()` is in schema/matching/candidates.sql.
SELECT q.place, f.asset_no, f.time_s AS time, f.bits AS apart
FROM unnest(%(hashes)s::bit(256)[]) WITH ORDINALITY AS q (hash, place)
CROSS JOIN LATERAL near_phash256(q.hash, %(radius)s, %(effort)s) f

-- name: pdq
-- The same for the other hash.
SELECT q.place, f.asset_no, f.time_s AS time, f.bits AS apart
FROM unnest(%(hashes)s::bit(256)[]) WITH ORDINALITY AS q (hash, place)
CROSS JOIN LATERAL near_pdq(q.hash, %(radius)s, %(effort)s) f

-- name: exact_phash256
-- The same, found by comparing with every hash there is: a second for ten million.
SELECT q.place, f.asset_no, f.time_s AS time, f.phash256 <~> q.hash AS apart
FROM unnest(%(hashes)s::bit(256)[]) WITH ORDINALITY AS q (hash, place)
JOIN frame_fingerprint f ON f.phash256 <~> q.hash <= %(radius)s AND f.quality >= 50

-- name: exact_pdq
-- The same for the other hash.
SELECT q.place, f.asset_no, f.time_s AS time, f.pdq <~> q.hash AS apart
FROM unnest(%(hashes)s::bit(256)[]) WITH ORDINALITY AS q (hash, place)
JOIN frame_fingerprint f ON f.pdq <~> q.hash <= %(radius)s AND f.quality >= 50

-- name: sscd
-- The moments with a vector near these, the nearest first. The vector index looks as far as the transaction's
-- settings say.
SELECT q.place, a.asset_no, f.time_s AS time, f.apart
FROM unnest(%(vectors)b::halfvec(512)[]) WITH ORDINALITY AS q (vector, place)
CROSS JOIN LATERAL (
    SELECT asset_id, time_s, sscd <=> q.vector AS apart FROM frame_vector
    WHERE quality >= 50 AND model = %(model)s
    ORDER BY sscd <=> q.vector
    LIMIT %(most)s
) f
JOIN asset a USING (asset_id)
WHERE f.apart <= %(distance)s

-- name: exact_sscd
-- The same, found by comparing with every vector there is. Adding zero keeps the vector index out.
SELECT q.place, a.asset_no, f.time_s AS time, f.apart
FROM unnest(%(vectors)b::halfvec(512)[]) WITH ORDINALITY AS q (vector, place)
CROSS JOIN LATERAL (
    SELECT asset_id, time_s, sscd <=> q.vector AS apart FROM frame_vector
    WHERE quality >= 50 AND model = %(model)s AND sscd <=> q.vector <= %(distance)s
    ORDER BY (sscd <=> q.vector) + 0
    LIMIT %(most)s
) f
JOIN asset a USING (asset_id)
