-- name: plan
-- For one transaction: reach the sounds by their index, whatever the planner thinks of a small table.
SELECT set_config('enable_seqscan', 'off', true);

-- name: hits
-- Media that share most keys with a query. Who may see them is asked within, and a song that all the world uses,
-- which takes all places of a key, does not hide what is trusted (see `nearest` and `beyond` of candidates.sql).
WITH seen AS MATERIALIZED (
    SELECT q.key, f.asset_id
    FROM unnest(%(keys)s::integer[]) AS q (key)
    CROSS JOIN LATERAL (
        SELECT asset_id FROM audio_fingerprint af
        WHERE keys && ARRAY[q.key] AND EXISTS (
            SELECT FROM entry_asset ea JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
            WHERE ea.asset_id = af.asset_id AND ea.matchable_at IS NOT NULL AND e.status = 'matchable'
              AND answers_to(b, %(organization_id)s)
              AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
            OFFSET 0)
        LIMIT %(per_key)s
    ) f
), crowded AS MATERIALIZED (
    SELECT key FROM seen GROUP BY key HAVING count(*) >= %(per_key)s
), trusted AS MATERIALIZED (
    SELECT q.key, f.asset_id
    FROM crowded q
    CROSS JOIN LATERAL (
        SELECT asset_id FROM audio_fingerprint af
        WHERE keys && ARRAY[q.key] AND EXISTS (
            SELECT FROM entry_asset ea JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
            WHERE ea.asset_id = af.asset_id AND ea.matchable_at IS NOT NULL AND e.status = 'matchable'
              AND b.kind <> 'negative'
              AND (b.organization_id = %(organization_id)s
                   OR (answers_to(b, %(organization_id)s) AND (
                       coalesce((b.policy ->> 'strangers_see_unreviewed')::boolean, false)
                       OR lower_tier(ea.tier, CASE ea.role WHEN 'fake' THEN e.tier ELSE e.original_tier END)
                          <> 'unreviewed')))
              AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
            OFFSET 0)
        LIMIT %(per_key)s
    ) f
), most AS (
    (SELECT asset_id FROM seen GROUP BY asset_id HAVING count(*) >= %(least)s
     ORDER BY count(*) DESC, asset_id LIMIT %(hits)s)
    UNION
    (SELECT asset_id FROM trusted GROUP BY asset_id HAVING count(*) >= %(least)s
     ORDER BY count(*) DESC, asset_id LIMIT %(hits)s)
)
SELECT asset_id, chromaprint, peaks, (SELECT count(*) FROM crowded) AS crowded FROM most JOIN audio_fingerprint USING (asset_id);
