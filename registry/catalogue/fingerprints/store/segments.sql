-- name: divide
-- A long video is to be read in segments; once.
INSERT INTO division (asset_id, plan, segments, remaining)
VALUES (%(asset_id)s, %(plan)s, %(segments)s, %(segments)s)
ON CONFLICT (asset_id) DO NOTHING RETURNING asset_id;

-- name: add
-- A segment of a long video.
INSERT INTO segment (asset_id, number, task, share)
VALUES (%(asset_id)s, %(number)s, %(task)s, %(share)s) RETURNING segment_id;

-- name: ids
-- The segments of an asset. `unread`: those without a result.
SELECT segment_id, found IS NULL AS unread FROM segment WHERE asset_id = %(asset_id)s ORDER BY number;

-- name: lock
-- How an asset is divided, locked.
SELECT asset_id, plan, remaining, undivided FROM division WHERE asset_id = %(asset_id)s FOR UPDATE;

-- name: is_read
-- Whether anybody reads, or will read, what remains.
SELECT true AS is_read FROM segment s
JOIN job j ON j.task = 'fingerprint_segment' AND j.subject_id = s.segment_id
WHERE s.asset_id = %(asset_id)s AND j.status IN ('queued', 'running') LIMIT 1;

-- name: asset_of
-- Whose segment it is.
SELECT asset_id FROM segment WHERE segment_id = %(segment_id)s;

-- name: find
-- A segment that is still to be read.
SELECT s.asset_id, s.number, d.plan, s.task FROM segment s JOIN division d USING (asset_id)
WHERE s.segment_id = %(segment_id)s AND s.found IS NULL AND NOT d.undivided;

-- name: list_results
-- What the segments found, in order.
SELECT found FROM segment WHERE asset_id = %(asset_id)s ORDER BY number;

-- name: save_result
-- What one found, and one fewer to wait for: both or none, and once.
WITH kept AS (
    UPDATE segment SET found = %(found)s, fence = %(fence)s, done_at = now()
    WHERE segment_id = %(segment_id)s AND found IS NULL RETURNING asset_id
)
UPDATE division d SET remaining = remaining - 1 FROM kept k WHERE d.asset_id = k.asset_id RETURNING d.remaining;

-- name: make_undivided
-- It is read in one.
UPDATE division SET undivided = true WHERE asset_id = %(asset_id)s;

-- name: waiting
-- The jobs of an asset that nobody has taken: its segments in order, and last its own, where that is to join them.
SELECT job_id, task FROM (
    SELECT j.job_id, j.task, j.due_at, s.number FROM segment s
    JOIN job j ON j.task = 'fingerprint_segment' AND j.subject_id = s.segment_id
    WHERE s.asset_id = %(asset_id)s AND j.status = 'queued'
    UNION ALL
    SELECT j.job_id, j.task, j.due_at, NULL FROM division d
    JOIN job j ON j.task = 'fingerprint_asset' AND j.subject_id = d.asset_id
    WHERE d.asset_id = %(asset_id)s AND NOT d.undivided AND j.status = 'queued'
) AS open WHERE coalesce(due_at <= now(), true)
ORDER BY number;

-- name: forget
-- The division, and its segments with it.
DELETE FROM division WHERE asset_id = %(asset_id)s;

-- name: idle
-- Divisions on which no job works. `ready`: the asset's job can join the segments, or read the medium in one piece.
-- A division whose medium is no longer pending, for example because its entries were withdrawn, is not ready.
SELECT d.asset_id, a.status = 'pending' AND (d.remaining = 0 OR d.undivided) AS ready
FROM division d JOIN asset a USING (asset_id)
WHERE NOT EXISTS (SELECT FROM job j WHERE j.task = 'fingerprint_asset' AND j.subject_id = d.asset_id
                  AND (j.status IN ('queued', 'running')
                       -- A dead letter keeps the results for a week while its medium is kept: it may be retried.
                       OR (j.status = 'failed' AND j.dead AND j.settled_at IS NULL
                           AND j.finished_at > now() - interval '7 days'
                           AND a.error_code IS NOT NULL AND a.blob_key IS NOT NULL
                           AND EXISTS (SELECT FROM entry_asset ea JOIN entry e USING (entry_id)
                                       WHERE ea.asset_id = a.asset_id AND e.status <> 'withdrawn'))))
  AND NOT EXISTS (SELECT FROM segment s JOIN job j ON j.subject_id = s.segment_id
                  WHERE s.asset_id = d.asset_id AND j.status IN ('queued', 'running'))
FOR UPDATE OF d SKIP LOCKED;
