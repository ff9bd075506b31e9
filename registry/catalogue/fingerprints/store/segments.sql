-- name: divide
-- A long video is to be read in segments; once.
INSERT INTO division (asset_id, plan, segments, remaining)
VALUES (%(asset_id)s, %(plan)s, %(segments)s, %(segments)s)
ON CONFLICT (asset_id) DO NOTHING RETURNING asset_id;

-- name: add
-- One of them, its job on the queue of the asset's, and the message that says so.
WITH piece AS (
    INSERT INTO segment (asset_id, number, task, share)
    VALUES (%(asset_id)s, %(number)s, %(task)s, %(share)s) RETURNING segment_id
), made AS (
    INSERT INTO job (task, subject_id, queue)
    SELECT 'fingerprint_segment', p.segment_id, j.queue FROM piece p, job j WHERE j.job_id = %(job_id)s
    RETURNING job_id, task, queue
)
INSERT INTO outbox (task, queue, job_id) SELECT 'fakeprint.' || task, queue, job_id FROM made;

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

-- name: found
-- What the segments found, in order.
SELECT found FROM segment WHERE asset_id = %(asset_id)s ORDER BY number;

-- name: keep
-- What one found, and one fewer to wait for: both or none, and once.
WITH kept AS (
    UPDATE segment SET found = %(found)s, fence = %(fence)s, done_at = now()
    WHERE segment_id = %(segment_id)s AND found IS NULL RETURNING asset_id
)
UPDATE division d SET remaining = remaining - 1 FROM kept k WHERE d.asset_id = k.asset_id RETURNING d.remaining;

-- name: make_undivided
-- It is read in one.
UPDATE division SET undivided = true WHERE asset_id = %(asset_id)s;

-- name: ask_for_whole
-- The asset's own job again, and its message.
WITH made AS (
    INSERT INTO job (task, subject_id, queue)
    SELECT 'fingerprint_asset', %(asset_id)s, queue FROM job WHERE job_id = %(job_id)s
    ON CONFLICT (task, subject_id) WHERE status IN ('queued', 'running') DO NOTHING
    RETURNING job_id, task, queue
)
INSERT INTO outbox (task, queue, job_id) SELECT 'fakeprint.' || task, queue, job_id FROM made;

-- name: read_on
-- Jobs for what is still to be read, on the queue of the asset's own, and their messages.
WITH made AS (
    INSERT INTO job (task, subject_id, queue)
    SELECT 'fingerprint_segment', s.segment_id, j.queue FROM segment s, job j
    WHERE s.asset_id = %(asset_id)s AND s.found IS NULL AND j.job_id = %(job_id)s ORDER BY s.number
    RETURNING job_id, task, queue
)
INSERT INTO outbox (task, queue, job_id) SELECT 'fakeprint.' || task, queue, job_id FROM made;

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

-- name: drop_jobs
-- The jobs of an asset's segments: a worker that has one finds its lease lost.
DELETE FROM job j USING segment s
WHERE s.asset_id = %(asset_id)s AND j.task = 'fingerprint_segment' AND j.subject_id = s.segment_id;

-- name: forget
-- The division, and its segments with it.
DELETE FROM division WHERE asset_id = %(asset_id)s;

-- name: become_assets
-- A failed segment's job stands for the asset's.
UPDATE job SET task = 'fingerprint_asset', subject_id = %(asset_id)s WHERE job_id = %(job_id)s;

-- name: tidy
-- Divisions on which nobody works: all read and nobody asked to join them, or nobody reads the rest. What became of the
-- medium meanwhile, as where its entries were withdrawn, is not read after all.
WITH idle AS (
    SELECT d.asset_id, a.status = 'pending' AND (d.remaining = 0 OR d.undivided) AS ready
    FROM division d JOIN asset a USING (asset_id)
    WHERE NOT EXISTS (SELECT FROM job j WHERE j.task = 'fingerprint_asset' AND j.subject_id = d.asset_id
                      AND (j.status IN ('queued', 'running')
                           -- A dead letter keeps what was found for a week, as long as its medium is kept: it may be retried.
                           OR (j.status = 'failed' AND j.dead AND j.settled_at IS NULL
                               AND j.finished_at > now() - interval '7 days'
                               AND a.error_code IS NOT NULL AND a.blob_key IS NOT NULL
                               AND EXISTS (SELECT FROM entry_asset ea JOIN entry e USING (entry_id)
                                           WHERE ea.asset_id = a.asset_id AND e.status <> 'withdrawn'))))
      AND NOT EXISTS (SELECT FROM segment s JOIN job j ON j.subject_id = s.segment_id
                      WHERE s.asset_id = d.asset_id AND j.status IN ('queued', 'running'))
    FOR UPDATE OF d SKIP LOCKED
), made AS (
    INSERT INTO job (task, subject_id, queue)
    SELECT 'fingerprint_asset', asset_id, 'media' FROM idle WHERE ready
    ON CONFLICT (task, subject_id) WHERE status IN ('queued', 'running') DO NOTHING
    RETURNING job_id, task, queue
), sent AS (
    INSERT INTO outbox (task, queue, job_id) SELECT 'fakeprint.' || task, queue, job_id FROM made
), gone AS (
    DELETE FROM job j USING segment s, idle i
    WHERE s.asset_id = i.asset_id AND NOT i.ready AND j.task = 'fingerprint_segment' AND j.subject_id = s.segment_id
), over AS (
    DELETE FROM division d USING idle i WHERE d.asset_id = i.asset_id AND NOT i.ready
)
SELECT asset_id FROM idle;
