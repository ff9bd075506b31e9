-- name: lock_pool
-- One process of a pool at a time looks for its next job.
SELECT pg_advisory_xact_lock(hashtextextended('turns of ' || %(pool)s, 0));

-- name: busy
-- The number of processes of a pool that have a job.
SELECT count(*) AS busy FROM job
WHERE queue = %(queue)s AND status = 'running' AND starts_with(worker, %(pool)s || ':');

-- name: used_fragment
-- First part of the next two: the time that the jobs of each caller took since the oldest waiting file came, at most
-- lately. What was taken before kept nobody waiting who waits now.
WITH since AS MATERIALIZED (
    SELECT greatest(min(created_at), now() - make_interval(secs => %(window)s)) AS oldest
    FROM job
    WHERE queue = %(queue)s AND status = 'queued' AND task = ANY (%(tasks)s) AND attempts < %(max_attempts)s
      AND coalesce(due_at <= now(), true)
), taken AS MATERIALIZED (
    SELECT organization_id, caller_id, began_at, NULL::timestamptz AS finished_at
    FROM job WHERE queue = %(queue)s AND status = 'running' AND began_at IS NOT NULL
    UNION ALL
    SELECT organization_id, caller_id, began_at, finished_at
    FROM job WHERE queue = %(queue)s AND began_at IS NOT NULL AND finished_at > (SELECT oldest FROM since)
), used AS MATERIALIZED (
    SELECT organization_id, caller_id,
           sum(extract(epoch FROM coalesce(finished_at, now()) - greatest(began_at, oldest)) + %(least)s) AS seconds
    FROM taken, since GROUP BY organization_id, caller_id
)

-- name: next_in_turn
-- The next waiting job of these tasks on a queue. It is of the organization whose jobs took least time, and among
-- its callers of the one whose did, and of its jobs the oldest. `last`: only of an organization that runs none there.
, heads AS MATERIALIZED (
    SELECT DISTINCT ON (organization_id, caller_id) job_id, organization_id, caller_id, created_at
    FROM job j
    WHERE queue = %(queue)s AND status = 'queued' AND task = ANY (%(tasks)s) AND attempts < %(max_attempts)s
      AND coalesce(due_at <= now(), true)
      AND NOT (%(last)s AND EXISTS (SELECT FROM job r WHERE r.queue = %(queue)s AND r.status = 'running'
                                    AND r.organization_id IS NOT DISTINCT FROM j.organization_id))
    ORDER BY organization_id, caller_id, created_at, job_id
)
SELECT h.job_id
FROM heads h
LEFT JOIN used c ON (c.organization_id, c.caller_id) IS NOT DISTINCT FROM (h.organization_id, h.caller_id)
ORDER BY coalesce((SELECT sum(o.seconds) FROM used o WHERE o.organization_id IS NOT DISTINCT FROM h.organization_id), 0),
         coalesce(c.seconds, 0), h.created_at, h.job_id
LIMIT 1;

-- name: gives_way
-- Whether a running job gives way to callers that have waited for `patience` seconds, run none and took less time lately.
-- Others give way first, whose organizations took more time. Callers of the job's own organization count too.
, shares AS MATERIALIZED (
    SELECT organization_id, sum(seconds) AS seconds FROM used GROUP BY organization_id
), running AS MATERIALIZED (
    SELECT j.job_id, j.organization_id, j.caller_id, j.began_at, s.seconds, c.seconds AS own_seconds
    FROM job j
    JOIN shares s ON s.organization_id IS NOT DISTINCT FROM j.organization_id
    JOIN used c ON (c.organization_id, c.caller_id) IS NOT DISTINCT FROM (j.organization_id, j.caller_id)
    WHERE j.queue = %(queue)s AND j.status = 'running'
), own AS MATERIALIZED (
    SELECT * FROM running WHERE job_id = %(job_id)s
), waiting AS MATERIALIZED (
    SELECT DISTINCT w.organization_id, w.caller_id, w.organization_id IS NOT DISTINCT FROM own.organization_id AS kin
    FROM job w, own
    WHERE w.queue = %(queue)s AND w.status = 'queued' AND w.task = ANY (%(tasks)s) AND w.attempts < %(max_attempts)s
      AND coalesce(w.due_at <= now(), true) AND w.created_at < now() - make_interval(secs => %(patience)s)
)
SELECT (SELECT count(*) FROM running r
        WHERE (r.seconds, own.began_at) > (own.seconds, r.began_at)) < (
    SELECT count(*) FROM waiting w
    WHERE NOT EXISTS (SELECT FROM running r
                      WHERE r.organization_id IS NOT DISTINCT FROM w.organization_id
                        AND (NOT w.kin OR r.caller_id IS NOT DISTINCT FROM w.caller_id))
      AND CASE WHEN w.kin THEN
              coalesce((SELECT c.seconds FROM used c WHERE (c.organization_id, c.caller_id)
                        IS NOT DISTINCT FROM (w.organization_id, w.caller_id)), 0) < own.own_seconds
          ELSE
              coalesce((SELECT o.seconds FROM shares o
                        WHERE o.organization_id IS NOT DISTINCT FROM w.organization_id), 0) < own.seconds
          END
) AS gives_way
FROM own;

-- name: move
-- End a job, so that its turn counts, and put its work at the end of the queue `media`; of `bulk` if it was there, or if so
-- much work of its organization was put there already.
WITH ended AS (
    UPDATE job SET status = 'done', finished_at = now(), lease_until = NULL
    WHERE job_id = %(job_id)s
    RETURNING task, subject_id, queue, traceparent, caller_id, organization_id
), made AS (
    INSERT INTO job (task, subject_id, queue, traceparent, caller_id, organization_id)
    SELECT task, subject_id,
           CASE WHEN ended.queue <> 'media'
                 AND (SELECT count(*) FROM job m WHERE m.queue = 'media' AND m.status IN ('queued', 'running')
                      AND m.organization_id = ended.organization_id) < %(most)s THEN 'media' ELSE 'bulk' END,
           traceparent, caller_id, organization_id
    FROM ended
    RETURNING job_id, task, queue
)
INSERT INTO outbox (task, queue, job_id) SELECT 'fakeprint.' || task, queue, job_id FROM made;
