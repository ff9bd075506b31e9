-- name: plan
-- For one transaction: reach the frames by their indexes, whatever the planner thinks of a small table, and let
-- the vector index go on past frames that may not answer this caller.
SELECT set_config('enable_seqscan', 'off', true),
       set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.max_scan_tuples', %(scanned)s, true);

-- name: propose
-- From a query's frames to the entries that may answer it, each with the media that decide, in one round trip.
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
), nearest AS MATERIALIZED (
    -- Who may see it is asked within: what is nearest, but hidden, must not use up the places. The OFFSET keeps
    -- the planner from turning the question into a join, which would leave the index. The hashes are without
    -- a limit, so they ask below, once an asset.
    SELECT q.row, f.asset_id, f.distance
    FROM unnest(%(sscd)b::halfvec(512)[]) WITH ORDINALITY AS q (vector, row)
    CROSS JOIN LATERAL (
        SELECT asset_id, sscd <=> q.vector AS distance FROM frame_fingerprint ff
        WHERE quality >= 50 AND EXISTS (
            SELECT FROM entry_asset ea JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
            WHERE ea.asset_id = ff.asset_id AND ea.matchable_at IS NOT NULL AND e.status = 'matchable'
              AND (%(everybody)s OR b.organization_id = %(organization_id)s OR b.visibility = 'public')
              AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
              AND e.entry_id <> ALL (%(without)s::uuid[])
            OFFSET 0)
        ORDER BY sscd <=> q.vector
        LIMIT %(nearest)s
    ) f
    WHERE f.distance <= %(far)s
), beyond AS MATERIALIZED (
    -- Where all places are taken, what is trusted is looked for further away: nobody is hidden behind copies.
    SELECT q.row, f.asset_id, f.distance
    FROM unnest(%(sscd)b::halfvec(512)[]) WITH ORDINALITY AS q (vector, row)
    JOIN (SELECT row FROM nearest GROUP BY row HAVING count(*) >= %(nearest)s) crowded USING (row)
    CROSS JOIN LATERAL (
        SELECT asset_id, sscd <=> q.vector AS distance FROM frame_fingerprint ff
        WHERE quality >= 50 AND EXISTS (
            SELECT FROM entry_asset ea JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
            WHERE ea.asset_id = ff.asset_id AND ea.matchable_at IS NOT NULL AND e.status = 'matchable'
              AND (b.organization_id = %(organization_id)s
                   OR ((%(everybody)s OR b.visibility = 'public') AND (
                       coalesce((b.policy ->> 'strangers_see_unreviewed')::boolean, false)
                       OR lower_tier(ea.tier, CASE ea.role WHEN 'fake' THEN e.tier ELSE e.original_tier END)
                          <> 'unreviewed')))
              AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
              AND e.entry_id <> ALL (%(without)s::uuid[])
            OFFSET 0)
        ORDER BY sscd <=> q.vector
        LIMIT %(nearest)s
    ) f
    WHERE f.distance <= %(far)s
), sscd_hits AS MATERIALIZED (
    SELECT row, asset_id, 1 - min(distance) AS likeness
    FROM (SELECT * FROM nearest UNION ALL SELECT * FROM beyond) found
    GROUP BY row, asset_id
), votes AS MATERIALIZED (
    SELECT asset_id, sum(likeness) AS votes
    FROM (
        SELECT asset_id, likeness FROM phash256_hits
        UNION ALL SELECT asset_id, likeness FROM pdq_hits
        UNION ALL SELECT asset_id, likeness FROM sscd_hits
        -- Sound weighs more than pictures that are alike by chance, and less than a few that are the same.
        UNION ALL SELECT asset_id, 5 FROM unnest(%(heard)s::uuid[]) AS asset_id
        UNION ALL SELECT asset_id, 1e6 FROM asset WHERE sha256 = %(sha256)s
    ) hits
    GROUP BY asset_id
), links AS MATERIALIZED (
    SELECT ea.entry_id, ea.asset_id, ea.role, v.votes,
           (coalesce(b.organization_id = %(organization_id)s, false)
            OR coalesce((b.policy ->> 'strangers_see_unreviewed')::boolean, false)
            OR lower_tier(ea.tier, CASE ea.role WHEN 'fake' THEN e.tier ELSE e.original_tier END)
               <> 'unreviewed') AS trusted,
           row_number() OVER (PARTITION BY ea.entry_id, ea.role ORDER BY v.votes DESC, ea.asset_id) AS place
    FROM votes v JOIN asset a USING (asset_id) JOIN entry_asset ea USING (asset_id)
    JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
    WHERE e.status = 'matchable' AND ea.matchable_at IS NOT NULL AND a.status = 'fingerprinted'
      AND (%(everybody)s OR b.organization_id = %(organization_id)s OR b.visibility = 'public')
      AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
      AND e.entry_id <> ALL (%(without)s::uuid[])
), ranked AS (
    SELECT entry_id, max(votes) AS votes, bool_or(trusted) AS trusted FROM links GROUP BY entry_id
), placed AS (
    -- Trusted entries and others have places of their own: copies that a stranger registers hide nothing.
    SELECT entry_id, votes, trusted,
           row_number() OVER (PARTITION BY trusted ORDER BY votes DESC, entry_id) AS place
    FROM ranked
), proposed AS MATERIALIZED (
    SELECT entry_id, votes FROM placed
    WHERE place <= CASE WHEN trusted THEN %(trusted)s ELSE %(others)s END
), media AS MATERIALIZED (
    SELECT l.entry_id, l.asset_id, l.role FROM links l JOIN proposed USING (entry_id)
    WHERE l.role = 'fake' AND l.place <= %(media)s
    UNION ALL
    SELECT p.entry_id, o.asset_id, 'original' FROM proposed p
    CROSS JOIN LATERAL (
        SELECT ea.asset_id FROM entry_asset ea JOIN asset a USING (asset_id) LEFT JOIN votes v USING (asset_id)
        WHERE ea.entry_id = p.entry_id AND ea.role = 'original' AND ea.matchable_at IS NOT NULL
          AND a.status = 'fingerprinted'
        ORDER BY v.votes DESC NULLS LAST, ea.added_at, ea.asset_id
        LIMIT %(media)s
    ) o
)
SELECT a.asset_id, e.entry_id, ea.role, encode(a.sha256, 'hex') AS sha256, a.kind,
       a.duration_s AS duration, e.title, b.name AS bank,
       CASE ea.role WHEN 'fake' THEN lower_tier(ea.tier, e.tier) ELSE e.tier END AS tier,
       CASE ea.role WHEN 'original' THEN lower_tier(ea.tier, e.original_tier) ELSE e.original_tier END
           AS original_tier,
       e.manipulation, coalesce(b.organization_id = %(organization_id)s, false) AS own, b.policy,
       e.entry_references AS references,
       EXISTS (SELECT FROM asset_algorithm g
               WHERE g.asset_id = a.asset_id AND g.algorithm LIKE 'face.%%') AS faces_ran,
       CASE WHEN %(sounds)s THEN (SELECT s.chromaprint FROM audio_fingerprint s WHERE s.asset_id = a.asset_id) END
           AS chromaprint,
       frames.*, faces.*
FROM proposed p
JOIN media m USING (entry_id)
JOIN entry e USING (entry_id)
JOIN bank b ON b.bank_id = e.bank_id
JOIN entry_asset ea ON ea.entry_id = e.entry_id AND ea.asset_id = m.asset_id AND ea.role = m.role
JOIN asset a ON a.asset_id = m.asset_id
CROSS JOIN LATERAL (
    -- Long media are thinned evenly to the most frames that are compared.
    SELECT string_agg(float4send(time_s), ''::bytea ORDER BY frame_id) AS frame_times,
           string_agg(float4send(duration_s), ''::bytea ORDER BY frame_id) AS frame_durations,
           string_agg(coalesce(bit_send(phash256), ''::bytea), ''::bytea ORDER BY frame_id) AS frame_phash256,
           array_agg(phash256 IS NOT NULL ORDER BY frame_id) AS frame_has_phash256,
           string_agg(coalesce(bit_send(pdq), ''::bytea), ''::bytea ORDER BY frame_id) AS frame_pdq,
           array_agg(pdq IS NOT NULL ORDER BY frame_id) AS frame_has_pdq,
           string_agg(coalesce(halfvec_send(sscd), ''::bytea), ''::bytea ORDER BY frame_id) AS frame_sscd,
           array_agg(sscd IS NOT NULL ORDER BY frame_id) AS frame_has_sscd
    FROM (
        SELECT *, row_number() OVER (ORDER BY frame_id) - 1 AS number, count(*) OVER () AS total
        FROM frame_fingerprint WHERE asset_id = a.asset_id AND quality >= 50
    ) f
    WHERE f.total <= %(frames)s OR (f.number * %(frames)s) %% f.total < %(frames)s
) frames
CROSS JOIN LATERAL (
    SELECT string_agg(float4send(time_s), ''::bytea ORDER BY face_id) AS face_times,
           array_agg(track ORDER BY face_id) AS face_tracks,
           string_agg(float4send(pixels), ''::bytea ORDER BY face_id) AS face_pixels,
           string_agg(float4send(quality), ''::bytea ORDER BY face_id) AS face_quality,
           string_agg(float4send((box[1] + box[3] / 2)::real) || float4send((box[2] + box[4] / 2)::real), ''::bytea
                      ORDER BY face_id) AS face_centres,
           string_agg(halfvec_send(embedding), ''::bytea ORDER BY face_id) AS face_embeddings,
           array_agg(coalesce(expression, ''::bytea) ORDER BY face_id) AS face_expressions
    FROM face_fingerprint f WHERE f.asset_id = a.asset_id
) faces
ORDER BY p.votes DESC, e.entry_id, ea.role, a.asset_id;
