-- name: plan
-- For one transaction: reach the frames by their indexes, whatever the planner thinks of a small table, let the
-- vector index look so far, and further past frames that may not answer this caller; plan once a connection.
SELECT set_config('enable_seqscan', 'off', true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.max_scan_tuples', %(scanned)s, true),
       set_config('hnsw.ef_search', %(searched)s, true);

-- name: by_near
-- Votes for assets that were found before. `fetch` follows.
WITH votes AS MATERIALIZED (
    SELECT asset_id, known.likeness AS votes
    FROM unnest(%(near)s::integer[], %(likeness)s::float8[]) AS known (asset_no, likeness)
    JOIN asset USING (asset_no)
)

-- name: by_all
-- Votes for the assets that are near a query's frames, sound like it or are the very file. `fetch` follows.
WITH first_hits AS MATERIALIZED (
    SELECT q.moment, f.asset_no, min(f.bits) AS bits
    FROM unnest(%(first)s::bit(256)[]) WITH ORDINALITY AS q (hash, moment)
    CROSS JOIN LATERAL near_phash256(q.hash, %(radius)s, %(first_effort)s) f
    GROUP BY q.moment, f.asset_no
), settled AS MATERIALIZED (
    -- Moments at which an asset is as good as found: one that the caller may see and that others cannot plant,
    -- close at several of them. What lies around them is not asked again, by dearer means.
    SELECT DISTINCT h.moment FROM first_hits h
    JOIN (
        SELECT c.asset_no FROM first_hits c WHERE c.bits <= %(close)s GROUP BY c.asset_no
        HAVING count(*) >= %(agreeing)s AND EXISTS (
            SELECT FROM asset a JOIN entry_asset ea USING (asset_id)
            JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
            WHERE a.asset_no = c.asset_no AND ea.matchable_at IS NOT NULL AND e.status = 'matchable'
              AND b.kind <> 'negative'
              AND (b.organization_id = %(organization_id)s
                   OR (answers_to(b, %(organization_id)s) AND (
                       coalesce((b.policy ->> 'strangers_see_unreviewed')::boolean, false)
                       OR lower_tier(ea.tier, CASE ea.role WHEN 'fake' THEN e.tier ELSE e.original_tier END)
                          <> 'unreviewed')))
              AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
              AND e.entry_id <> ALL (%(without)s::uuid[]))
    ) agreed USING (asset_no)
    WHERE h.bits <= %(close)s
), phash256_asked AS MATERIALIZED (
    SELECT q.row, q.hash
    FROM unnest(%(phash256)s::bit(256)[], %(phash256_at)s::integer[]) WITH ORDINALITY AS q (hash, moment, row)
    WHERE NOT EXISTS (SELECT FROM settled s WHERE s.moment = q.moment)
), pdq_asked AS MATERIALIZED (
    SELECT q.row, q.hash
    FROM unnest(%(pdq)s::bit(256)[], %(pdq_at)s::integer[]) WITH ORDINALITY AS q (hash, moment, row)
    WHERE NOT EXISTS (SELECT FROM settled s WHERE s.moment = q.moment)
), sscd_asked AS MATERIALIZED (
    SELECT q.row, q.vector
    FROM unnest(%(sscd)b::halfvec(512)[], %(sscd_at)s::integer[]) WITH ORDINALITY AS q (vector, moment, row)
    WHERE NOT EXISTS (SELECT FROM settled s WHERE s.moment = q.moment)
), hash_hits AS MATERIALIZED (
    SELECT f.asset_no, 1 - min(f.bits) / 256 AS likeness
    FROM phash256_asked q
    CROSS JOIN LATERAL near_phash256(q.hash, %(radius)s, %(effort)s) f
    GROUP BY q.row, f.asset_no
    UNION ALL
    SELECT f.asset_no, 1 - min(f.bits) / 256
    FROM pdq_asked q
    CROSS JOIN LATERAL near_pdq(q.hash, %(radius)s, %(effort)s) f
    GROUP BY q.row, f.asset_no
    UNION ALL
    -- One of these stands for all that is not asked around it.
    SELECT asset_no, %(weight)s * (1 - bits / 256) FROM first_hits
    UNION ALL
    SELECT asset_no, likeness
    FROM unnest(%(near)s::integer[], %(likeness)s::float8[]) AS known (asset_no, likeness)
), nearest AS MATERIALIZED (
    -- Who may see it is asked within: what is nearest, but hidden, must not use up the places. It is not asked
    -- of what is too far: all after it is farther, and takes none from what is near. The OFFSET keeps the planner
    -- from turning the question into a join, which would leave the index. The hashes are without a limit, so they
    -- ask below, once an asset.
    SELECT q.row, f.asset_id, f.distance
    FROM sscd_asked q
    CROSS JOIN LATERAL (
        SELECT asset_id, sscd <=> q.vector AS distance FROM frame_vector ff
        WHERE quality >= 50 AND CASE WHEN sscd <=> q.vector > %(far)s THEN true ELSE model = %(model)s AND EXISTS (
            SELECT FROM entry_asset ea JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
            WHERE ea.asset_id = ff.asset_id AND ea.matchable_at IS NOT NULL AND e.status = 'matchable'
              AND (%(everybody)s OR answers_to(b, %(organization_id)s))
              AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
              AND e.entry_id <> ALL (%(without)s::uuid[])
            OFFSET 0) END
        ORDER BY sscd <=> q.vector
        LIMIT %(nearest)s
    ) f
    WHERE f.distance <= %(far)s
), beyond AS MATERIALIZED (
    -- Where all places are taken, what is trusted is looked for further away: nobody is hidden behind copies.
    SELECT q.row, f.asset_id, f.distance
    FROM sscd_asked q
    JOIN (SELECT row FROM nearest GROUP BY row HAVING count(*) >= %(nearest)s) crowded USING (row)
    CROSS JOIN LATERAL (
        SELECT asset_id, sscd <=> q.vector AS distance FROM frame_vector ff
        WHERE quality >= 50 AND CASE WHEN sscd <=> q.vector > %(far)s THEN true ELSE model = %(model)s AND EXISTS (
            SELECT FROM entry_asset ea JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
            WHERE ea.asset_id = ff.asset_id AND ea.matchable_at IS NOT NULL AND e.status = 'matchable'
              AND b.kind <> 'negative'
              AND (b.organization_id = %(organization_id)s
                   OR ((%(everybody)s OR answers_to(b, %(organization_id)s)) AND (
                       coalesce((b.policy ->> 'strangers_see_unreviewed')::boolean, false)
                       OR lower_tier(ea.tier, CASE ea.role WHEN 'fake' THEN e.tier ELSE e.original_tier END)
                          <> 'unreviewed')))
              AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
              AND e.entry_id <> ALL (%(without)s::uuid[])
            OFFSET 0) END
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
        SELECT a.asset_id, h.likeness
        FROM (SELECT asset_no, sum(likeness) AS likeness FROM hash_hits GROUP BY asset_no) h
        JOIN asset a USING (asset_no)
        UNION ALL SELECT asset_id, likeness FROM sscd_hits
        -- Sound weighs more than pictures that are alike by chance, and less than a few that are the same.
        UNION ALL SELECT asset_id, 5 FROM unnest(%(preselected)s::uuid[]) AS asset_id
        UNION ALL SELECT asset_id, 1e6 FROM asset WHERE sha256 = %(sha256)s
    ) hits
    GROUP BY asset_id
)

-- name: fetch
-- From votes to the entries that may answer the query, each with the media that decide.
links AS MATERIALIZED (
    SELECT ea.entry_id, ea.asset_id, ea.role, v.votes,
           CASE WHEN b.kind = 'negative' THEN 2
                WHEN b.organization_id = %(organization_id)s
                     OR coalesce((b.policy ->> 'strangers_see_unreviewed')::boolean, false)
                     OR lower_tier(ea.tier, CASE ea.role WHEN 'fake' THEN e.tier ELSE e.original_tier END)
                        <> 'unreviewed' THEN 1
                ELSE 0 END AS standing,
           row_number() OVER (PARTITION BY ea.entry_id, ea.role ORDER BY v.votes DESC, ea.asset_id) AS place
    FROM votes v JOIN asset a USING (asset_id) JOIN entry_asset ea USING (asset_id)
    JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
    WHERE e.status = 'matchable' AND ea.matchable_at IS NOT NULL AND a.status = 'fingerprinted'
      AND (%(everybody)s OR answers_to(b, %(organization_id)s))
      AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
      AND e.entry_id <> ALL (%(without)s::uuid[])
), ranked AS (
    SELECT entry_id, max(votes) AS votes, max(standing) AS standing FROM links GROUP BY entry_id
), placed AS (
    -- Trusted entries, others and negative banks have places of their own: copies that a stranger registers, and
    -- what is harmless, hide nothing.
    SELECT entry_id, votes, standing,
           row_number() OVER (PARTITION BY standing ORDER BY votes DESC, entry_id) AS place
    FROM ranked
), proposed AS MATERIALIZED (
    SELECT entry_id, votes FROM placed
    WHERE place <= CASE standing WHEN 0 THEN %(others)s ELSE %(trusted)s END
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
       seen_tier(b.organization_id = %(organization_id)s, ea.role = 'fake', ea.tier, e.tier, ea.own_tier, e.own_tier)
           AS tier,
       seen_tier(b.organization_id = %(organization_id)s, ea.role = 'original', ea.tier, e.original_tier, ea.own_tier,
                 e.own_original_tier) AS original_tier,
       e.manipulation, coalesce(b.organization_id = %(organization_id)s, false) AS own, b.policy,
       e.entry_references AS references, b.bank_id, b.overlaid, b.kind = 'negative' AS allowlisted,
       EXISTS (SELECT FROM asset_algorithm g
               WHERE g.asset_id = a.asset_id AND g.algorithm LIKE 'face.%%') AS faces_ran,
       CASE WHEN %(sounds)s THEN (SELECT s.chromaprint FROM audio_fingerprint s WHERE s.asset_id = a.asset_id) END
           AS chromaprint,
       CASE WHEN %(sounds)s THEN (SELECT s.peaks FROM audio_fingerprint s WHERE s.asset_id = a.asset_id) END AS peaks,
       frames.*, faces.*
FROM proposed p
JOIN media m USING (entry_id)
JOIN entry e USING (entry_id)
JOIN bank b ON b.bank_id = e.bank_id
JOIN entry_asset ea ON ea.entry_id = e.entry_id AND ea.asset_id = m.asset_id AND ea.role = m.role
JOIN asset a ON a.asset_id = m.asset_id
CROSS JOIN LATERAL (
    -- Long media are thinned evenly to the most frames that are compared.
    SELECT string_agg(float4send(f.time_s), ''::bytea ORDER BY f.time_s, f.view) AS frame_times,
           string_agg(float4send(f.duration_s), ''::bytea ORDER BY f.time_s, f.view) AS frame_durations,
           string_agg(coalesce(bit_send(f.phash256), ''::bytea), ''::bytea ORDER BY f.time_s, f.view) AS frame_phash256,
           array_agg(f.phash256 IS NOT NULL ORDER BY f.time_s, f.view) AS frame_has_phash256,
           string_agg(coalesce(bit_send(f.pdq), ''::bytea), ''::bytea ORDER BY f.time_s, f.view) AS frame_pdq,
           array_agg(f.pdq IS NOT NULL ORDER BY f.time_s, f.view) AS frame_has_pdq,
           string_agg(coalesce(halfvec_send(v.sscd), ''::bytea), ''::bytea ORDER BY f.time_s, f.view) AS frame_sscd,
           array_agg(v.sscd IS NOT NULL ORDER BY f.time_s, f.view) AS frame_has_sscd,
           array_agg(f.view = 'middle' ORDER BY f.time_s, f.view) AS frame_middle
    FROM (
        SELECT *, row_number() OVER (ORDER BY time_s, view) - 1 AS number, count(*) OVER () AS total
        FROM frame_fingerprint WHERE asset_no = a.asset_no AND quality >= 50
    ) f
    LEFT JOIN frame_vector v ON %(vectors)s AND v.asset_id = a.asset_id AND v.time_s = f.time_s AND v.view = f.view
        AND v.model = %(model)s
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

-- name: mosaics
-- The mosaics of media, in order of time.
SELECT asset_id, string_agg(float4send(time_s), ''::bytea ORDER BY time_s) AS mosaic_times,
       string_agg(mosaic, ''::bytea ORDER BY time_s) AS mosaics
FROM mosaic_fingerprint WHERE asset_id = ANY (%(asset_ids)s) GROUP BY asset_id;
