-- name: plan
-- For one transaction: reach the frames by their indexes, whatever the planner thinks of a small table.
SELECT set_config('enable_seqscan', 'off', true);

-- name: propose
-- From a query's frames to the entries that may answer it, each with all its media, in one round trip.
WITH phash256_hits AS MATERIALIZED (
    SELECT q.row, f.asset_id, 1 - min(f.phash256 <~> q.hash) / 256 AS likeness
    FROM unnest(%(phash256)b::bit(256)[]) WITH ORDINALITY AS q (hash, row)
    CROSS JOIN LATERAL (
        SELECT asset_id, phash256 FROM frame_fingerprint
        WHERE quality >= 50 AND band_keys(phash256) && band_keys(q.hash)
    ) f
    WHERE f.phash256 <~> q.hash <= %(radius)s
    GROUP BY q.row, f.asset_id
), pdq_hits AS MATERIALIZED (
    SELECT q.row, f.asset_id, 1 - min(f.pdq <~> q.hash) / 256 AS likeness
    FROM unnest(%(pdq)b::bit(256)[]) WITH ORDINALITY AS q (hash, row)
    CROSS JOIN LATERAL (
        SELECT asset_id, pdq FROM frame_fingerprint
        WHERE quality >= 50 AND band_keys(pdq) && band_keys(q.hash)
    ) f
    WHERE f.pdq <~> q.hash <= %(radius)s
    GROUP BY q.row, f.asset_id
), sscd_hits AS MATERIALIZED (
    SELECT q.row, f.asset_id, 1 - min(f.distance) AS likeness
    FROM unnest(%(sscd)b::halfvec(512)[]) WITH ORDINALITY AS q (vector, row)
    CROSS JOIN LATERAL (
        SELECT asset_id, sscd <=> q.vector AS distance FROM frame_fingerprint
        WHERE quality >= 50
        ORDER BY sscd <=> q.vector
        LIMIT %(nearest)s
    ) f
    WHERE f.distance <= %(far)s
    GROUP BY q.row, f.asset_id
), votes AS (
    SELECT asset_id, sum(likeness) AS votes
    FROM (SELECT * FROM phash256_hits UNION ALL SELECT * FROM pdq_hits UNION ALL SELECT * FROM sscd_hits) hits
    GROUP BY asset_id
    UNION ALL
    SELECT asset_id, 1e6 FROM asset WHERE sha256 = %(sha256)s
), proposed AS MATERIALIZED (
    SELECT ea.entry_id, max(v.votes) AS votes
    FROM votes v JOIN entry_asset ea USING (asset_id) JOIN entry e USING (entry_id)
    JOIN bank b ON b.bank_id = e.bank_id
    WHERE e.status = 'matchable' AND ea.matchable_at IS NOT NULL
      AND (b.organization_id = %(organization_id)s OR b.visibility = 'public')
      AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
    GROUP BY ea.entry_id
    ORDER BY votes DESC, ea.entry_id
    LIMIT %(entries)s
)
SELECT a.asset_id, e.entry_id, ea.role, encode(a.sha256, 'hex') AS sha256, a.kind,
       a.duration_s AS duration, e.title, b.name AS bank, e.tier, e.original_tier, e.manipulation,
       b.organization_id = %(organization_id)s AS own, b.policy, e.entry_references AS references,
       frames.*, faces.*
FROM proposed p
JOIN entry e USING (entry_id)
JOIN bank b ON b.bank_id = e.bank_id
JOIN entry_asset ea ON ea.entry_id = e.entry_id AND ea.matchable_at IS NOT NULL
JOIN asset a ON a.asset_id = ea.asset_id
CROSS JOIN LATERAL (
    SELECT string_agg(float4send(time_s), ''::bytea ORDER BY frame_id) AS frame_times,
           string_agg(float4send(duration_s), ''::bytea ORDER BY frame_id) AS frame_durations,
           string_agg(coalesce(bit_send(phash256), ''::bytea), ''::bytea ORDER BY frame_id) AS frame_phash256,
           array_agg(phash256 IS NOT NULL ORDER BY frame_id) AS frame_has_phash256,
           string_agg(coalesce(bit_send(pdq), ''::bytea), ''::bytea ORDER BY frame_id) AS frame_pdq,
           array_agg(pdq IS NOT NULL ORDER BY frame_id) AS frame_has_pdq,
           string_agg(coalesce(halfvec_send(sscd), ''::bytea), ''::bytea ORDER BY frame_id) AS frame_sscd,
           array_agg(sscd IS NOT NULL ORDER BY frame_id) AS frame_has_sscd
    FROM frame_fingerprint f WHERE f.asset_id = a.asset_id AND f.quality >= 50
) frames
CROSS JOIN LATERAL (
    SELECT string_agg(float4send(time_s), ''::bytea ORDER BY face_id) AS face_times,
           array_agg(track ORDER BY face_id) AS face_tracks,
           string_agg(float4send(pixels), ''::bytea ORDER BY face_id) AS face_pixels,
           string_agg(float4send(quality), ''::bytea ORDER BY face_id) AS face_quality,
           string_agg(halfvec_send(embedding), ''::bytea ORDER BY face_id) AS face_embeddings
    FROM face_fingerprint f WHERE f.asset_id = a.asset_id
) faces
ORDER BY p.votes DESC, e.entry_id, ea.role, a.asset_id;
