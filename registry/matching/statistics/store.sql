-- name: reset
-- Count anew, in a database that was restored into another server, which numbers transactions anew. The counts of days
-- whose lookups were dropped stay.
WITH again AS (
    UPDATE lookup_count_cursor SET answered_in = 0, lookup_id = '00000000-0000-0000-0000-000000000000'
    WHERE answered_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    RETURNING 1
)
DELETE FROM lookup_count WHERE EXISTS (SELECT FROM again)
    AND day >= (SELECT min(answered_at AT TIME ZONE 'UTC')::date FROM lookup);

-- name: lock
-- One process counts at a time; no row where another one does.
SELECT answered_in, lookup_id FROM lookup_count_cursor FOR UPDATE SKIP LOCKED;

-- name: count
-- Count the next lookups whose transactions are all over. The index of answering transactions visits each lookup once.
WITH batch AS MATERIALIZED (
    SELECT l.lookup_id, l.answered_in, l.verdict, l.counts_for, c.organization_id, (l.answered_at AT TIME ZONE 'UTC')::date AS day
    FROM (SELECT * FROM lookup
          WHERE answered_in > 0 AND answered_in >= %(answered_in)s
            AND (answered_in, lookup_id) > (%(answered_in)s, %(lookup_id)s::uuid)
            AND answered_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
          ORDER BY answered_in, lookup_id LIMIT %(limit)s) l
    JOIN caller c USING (caller_id)
), counted AS (
    INSERT INTO lookup_count AS k (organization_id, day, verdict, count)
    SELECT organization_id, day, verdict, sum(counts_for) FROM batch WHERE verdict IS NOT NULL GROUP BY 1, 2, 3
    ON CONFLICT (organization_id, day, verdict) DO UPDATE SET count = k.count + excluded.count
), moved AS (
    UPDATE lookup_count_cursor SET (answered_in, lookup_id) = (
        SELECT answered_in, lookup_id FROM batch ORDER BY answered_in DESC, lookup_id DESC LIMIT 1)
    WHERE EXISTS (SELECT FROM batch)
)
SELECT count(*)::integer AS count FROM batch;

-- name: weeks
-- Lookups of an organization by week and verdict.
SELECT date_trunc('week', day)::date AS week, verdict AS of, sum(count)::double precision AS value
FROM lookup_count WHERE organization_id = %(organization_id)s AND day >= %(since)s::date
GROUP BY 1, 2 ORDER BY 1, 2;
