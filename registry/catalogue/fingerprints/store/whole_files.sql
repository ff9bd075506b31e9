-- name: save
-- Store the values of a whole file, once.
INSERT INTO file_fingerprint (asset_id, videohash, iscc_content, iscc_data, iscc_instance)
VALUES (%(asset_id)s, %(videohash)s, %(content)s, %(data)s, %(instance)s)
ON CONFLICT (asset_id) DO UPDATE SET videohash = excluded.videohash, iscc_content = excluded.iscc_content,
    iscc_data = excluded.iscc_data, iscc_instance = excluded.iscc_instance;

-- name: add_algorithms
-- These algorithms have read the media.
INSERT INTO asset_algorithm (asset_id, algorithm, recomputed)
SELECT %(asset_id)s, algorithm, true FROM unnest(%(algorithms)s::text[]) AS algorithm
ON CONFLICT (asset_id, algorithm) DO UPDATE SET recomputed = true, computed_at = now();

-- name: medium
-- Kind and digest of a fingerprinted medium.
SELECT kind, encode(sha256, 'hex') AS sha256 FROM asset WHERE asset_id = %(asset_id)s AND status = 'fingerprinted';

-- name: read
-- The stored values of media.
SELECT w.asset_id, a.kind, substring(bit_send(w.videohash) FROM 5) AS videohash,
       substring(bit_send(w.iscc_content) FROM 5) AS content, substring(bit_send(w.iscc_data) FROM 5) AS data,
       substring(bit_send(w.iscc_instance) FROM 5) AS instance
FROM file_fingerprint w JOIN asset a USING (asset_id)
WHERE w.asset_id = ANY (%(asset_ids)s);

-- name: plan
-- For one transaction: reach the hashes by their indexes, whatever the planner thinks of a small table.
SELECT set_config('enable_seqscan', 'off', true);

-- name: near_videohash
-- The media near a videohash. `answering` follows, as after the others.
SELECT w.asset_id, w.videohash <~> %(hash)s::bit(64) AS distance FROM file_fingerprint w
WHERE whole_file_keys(w.videohash) && %(keys)s::integer[] AND w.videohash <~> %(hash)s::bit(64) <= %(radius)s

-- name: near_content
-- The media of a kind near the first bits of a Content-Code. Searched by the code first, then by kind.
SELECT c.asset_id, c.distance FROM (
    SELECT w.asset_id, substring(w.iscc_content FROM 1 FOR 64)::bit(64) <~> %(hash)s::bit(64) AS distance
    FROM file_fingerprint w
    WHERE whole_file_keys(substring(w.iscc_content FROM 1 FOR 64)::bit(64)) && %(keys)s::integer[]
      AND substring(w.iscc_content FROM 1 FOR 64)::bit(64) <~> %(hash)s::bit(64) <= %(radius)s
    OFFSET 0
) c JOIN asset a USING (asset_id) WHERE a.kind = %(kind)s

-- name: near_data
-- The media near the first bits of a Data-Code.
SELECT w.asset_id, substring(w.iscc_data FROM 1 FOR 64)::bit(64) <~> %(hash)s::bit(64) AS distance
FROM file_fingerprint w
WHERE whole_file_keys(substring(w.iscc_data FROM 1 FOR 64)::bit(64)) && %(keys)s::integer[]
  AND substring(w.iscc_data FROM 1 FOR 64)::bit(64) <~> %(hash)s::bit(64) <= %(radius)s

-- name: same_instance
-- The media whose Instance-Code begins with these bits.
SELECT w.asset_id, 0 AS distance FROM file_fingerprint w
WHERE substring(w.iscc_instance FROM 1 FOR 64) = %(hash)s::bit(64)

-- name: answering
-- Of the media in `near`, those that may answer a caller. Their own and what is reviewed come first, so that
-- no stranger crowds them out, then the nearest.
SELECT n.asset_id FROM near n CROSS JOIN LATERAL (
    SELECT bool_or(b.organization_id = %(organization_id)s
                   OR lower_tier(ea.tier, CASE ea.role WHEN 'fake' THEN e.tier ELSE e.original_tier END)
                      <> 'unreviewed') AS trusted
    FROM entry_asset ea JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
    WHERE ea.asset_id = n.asset_id AND ea.matchable_at IS NOT NULL AND e.status = 'matchable'
      AND answers_to(b, %(organization_id)s) AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
) t
WHERE t.trusted IS NOT NULL
ORDER BY t.trusted DESC, n.distance, n.asset_id LIMIT %(most)s;
