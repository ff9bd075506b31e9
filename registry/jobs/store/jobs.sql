-- name: enqueue
-- Insert a job and its message, unless the same work is open. Dead letters about the same work are settled as retried.
WITH made AS (
    INSERT INTO job (task, subject_id, queue, traceparent, caller_id, organization_id)
    VALUES (%(task)s, %(subject_id)s, coalesce((SELECT queue FROM job WHERE job_id = %(beside)s), %(queue)s),
            %(traceparent)s, %(caller_id)s, %(organization_id)s)
    ON CONFLICT (task, subject_id) WHERE status IN ('queued', 'running') DO NOTHING
    RETURNING job_id, task, queue
), settled AS (
    UPDATE job SET settled_at = now(), settled_as = 'retried'
    WHERE job_id IN (SELECT d.job_id FROM made m JOIN job d ON d.subject_id = %(subject_id)s AND d.task = m.task
                     WHERE d.status = 'failed' AND d.dead AND d.settled_at IS NULL FOR UPDATE OF d SKIP LOCKED)
)
INSERT INTO outbox (task, queue, job_id) SELECT 'fakeprint.' || task, queue, job_id FROM made
RETURNING job_id;

-- name: registering
-- The number of media of an asset's organization that wait on the queue `media`, counted up to `most`.
SELECT count(*) AS waiting FROM (
    SELECT FROM job j JOIN asset a ON a.asset_id = j.subject_id JOIN bank b USING (bank_id)
    WHERE j.queue = 'media' AND j.task = 'fingerprint_asset' AND j.status IN ('queued', 'running')
      AND b.organization_id = (SELECT o.organization_id FROM asset m JOIN bank o USING (bank_id)
                               WHERE m.asset_id = %(asset_id)s)
    LIMIT %(most)s) open;

-- name: load
-- By caller, the number of open jobs on some queues, counted up to `most`, and the age of the oldest unstarted job on one
-- of them. Deferred jobs are no sign of age. Previews do not count, nor files to look up that are read later, on `bulk`,
-- among media to register.
SELECT organization_id, caller_id, count(*) AS jobs,
       coalesce(extract(epoch FROM now() - min(created_at) FILTER (
           WHERE queue = %(aged)s AND status = 'queued' AND attempts = 0 AND deferrals = 0)), 0)::float8 AS oldest
FROM (SELECT organization_id, caller_id, status, queue, attempts, deferrals, created_at FROM job
      WHERE queue = ANY(%(queues)s) AND status IN ('queued', 'running') AND task <> 'make_previews'
        AND (task <> 'answer_lookup' OR queue = %(aged)s)
      LIMIT %(most)s) open
GROUP BY organization_id, caller_id;

-- name: is_idle
-- Whether no job on these queues runs or ended in the last `seconds`. Between two jobs a worker runs none.
SELECT NOT EXISTS (SELECT FROM job WHERE queue = ANY(%(queues)s) AND status = 'running')
   AND NOT EXISTS (SELECT FROM job WHERE queue = ANY(%(queues)s) AND began_at IS NOT NULL
                   AND finished_at > now() - make_interval(secs => %(seconds)s)) AS is_idle;

-- name: claim
-- Claim a job under a new lease, if it is due or was abandoned. The fence disables earlier holders. The lease is bound
-- to this database session.
UPDATE job SET status = 'running', attempts = attempts + 1, fence = fence + 1, progress = 0,
    lease_until = now() + make_interval(secs => %(lease)s), due_at = NULL, worker = %(worker)s,
    error_code = NULL, error_message = NULL, began_at = now(),
    renewed_at = now(), session_fence = fence + 1, session_pid = pg_backend_pid(),
    session_began = (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid()))
WHERE job_id = %(job_id)s AND attempts < %(max_attempts)s
  AND ((status = 'queued' AND %(waiting)s AND coalesce(due_at <= now(), true))
       OR job_abandoned(job, %(silence)s))
RETURNING job_id, task, subject_id, fence, attempts, deferrals, traceparent, queue;

-- name: renew
-- Renew a lease.
UPDATE job SET lease_until = now() + make_interval(secs => %(lease)s), progress = %(progress)s,
    renewed_at = now(), session_fence = fence, session_pid = pg_backend_pid(),
    session_began = (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid()))
WHERE job_id = %(job_id)s AND fence = %(fence)s AND status = 'running'
RETURNING true AS held;

-- name: hold
-- Lock a job that this worker still holds, before its result is written.
SELECT true AS held FROM job
WHERE job_id = %(job_id)s AND fence = %(fence)s AND status = 'running'
FOR UPDATE;

-- name: finish
-- Mark a job as done, if this worker still holds it.
UPDATE job SET status = 'done', progress = 1, finished_at = now(), lease_until = NULL
WHERE job_id = %(job_id)s AND fence = %(fence)s AND status = 'running'
RETURNING true AS held;

-- name: fail
-- Mark a job as failed for good.
UPDATE job SET status = 'failed', finished_at = now(), lease_until = NULL, error_code = %(code)s,
    error_message = %(message)s, dead = %(dead)s
WHERE job_id = %(job_id)s;

-- name: defer
-- Return a job to the queue, because a dependency is away. The attempt is not counted. If the worker was also told to
-- stop, this still counts as one deferral.
UPDATE job SET status = 'queued', lease_until = NULL, due_at = now() + make_interval(secs => %(delay)s),
    attempts = least(attempts, greatest(%(attempts)s - 1, 0)), deferrals = greatest(deferrals, %(deferrals)s + 1),
    error_code = %(code)s, error_message = %(message)s
WHERE job_id = %(job_id)s;

-- name: note
-- Note a message at a waiting job.
UPDATE job SET error_code = %(code)s, error_message = %(message)s WHERE job_id = %(job_id)s AND status = 'queued'
RETURNING true AS waits;

-- name: asset_blob
-- The media of an asset.
SELECT blob_key, filename FROM asset WHERE asset_id = %(subject_id)s;

-- name: segment_blob
-- The media of a segment's asset.
SELECT a.blob_key, a.filename FROM segment s JOIN asset a USING (asset_id) WHERE s.segment_id = %(subject_id)s;

-- name: lookup_blob
-- The media of a lookup. Its file name is not stored.
SELECT blob_key, '' AS filename FROM lookup WHERE lookup_id = %(subject_id)s;

-- name: hashing_blob
-- The media of a file to be hashed. Its file name is not stored.
SELECT blob_key, '' AS filename FROM hashing WHERE hashing_id = %(subject_id)s;

-- name: photo_blob
-- The encrypted photo of a person. Its file name is encrypted too.
SELECT blob_key, '' AS filename FROM person_photo WHERE photo_id = %(subject_id)s;

-- name: list_spent
-- Jobs that are out of attempts: the worker went silent, or the limit was lowered while they waited.
SELECT job_id, task, subject_id, fence, attempts, deferrals, error_code, error_message FROM job
WHERE attempts >= %(max_attempts)s
  AND (status = 'queued' OR job_abandoned(job, %(silence)s))
ORDER BY created_at LIMIT 500;

-- name: hold_spent
-- Lock a job that is out of attempts, if nobody has claimed or failed it since.
SELECT true AS held FROM job
WHERE job_id = %(job_id)s AND fence = %(fence)s
  AND (status = 'queued' OR job_abandoned(job, %(silence)s))
FOR UPDATE SKIP LOCKED;

-- name: record_sweep
-- Record that the database accepts writes. Return whether it has done so for `settles` seconds on the same server,
-- without a pause longer than `pause`. A server that recovers from a crash ends all sessions and resets its statistics.
INSERT INTO sweeper (server_began)
VALUES (greatest(pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time()))
ON CONFLICT (is_only) DO UPDATE SET swept_at = now(), server_began = excluded.server_began, steady_since =
    CASE WHEN sweeper.swept_at < now() - make_interval(secs => %(pause)s)
           OR sweeper.server_began IS DISTINCT FROM excluded.server_began
         THEN now() ELSE sweeper.steady_since END
RETURNING steady_since <= now() - make_interval(secs => %(settles)s) AS steady;

-- name: waiting_queues
-- Queues with a job whose message was last sent that long ago.
SELECT DISTINCT queue FROM job
WHERE status = 'queued' AND coalesce(due_at <= now(), true) AND attempts < %(max_attempts)s
  AND sent_at < now() - make_interval(secs => %(patience)s);

-- name: wake
-- Write messages again for jobs that wait too long, have become due, or lost their worker. A long wait is repeated ever
-- more rarely, so that a backlog does not multiply its messages, but at once if the broker's queue is empty. Jobs that
-- still have a message in the outbox are left out.
WITH stale AS (
    SELECT job_id FROM job
    WHERE attempts < %(max_attempts)s AND (
        (status = 'queued' AND coalesce(due_at <= now(), true)
         AND (sent_at < due_at
              OR now() - sent_at > greatest(make_interval(secs => %(patience)s),
                                            CASE WHEN queue = ANY (%(empty)s) THEN interval '0' ELSE (now() - created_at) / 2 END)))
        OR (%(steady)s AND job_abandoned(job, %(silence)s)
            AND (sent_at < CASE WHEN session_fence = fence THEN renewed_at ELSE lease_until END
                 OR now() - sent_at > make_interval(secs => %(patience)s))))
    AND NOT EXISTS (SELECT FROM outbox o WHERE o.job_id = job.job_id)
    ORDER BY created_at LIMIT 500
    FOR UPDATE SKIP LOCKED
), woken AS (
    UPDATE job j SET sent_at = now() FROM stale s WHERE j.job_id = s.job_id
    RETURNING j.job_id, j.task, j.queue
)
INSERT INTO outbox (task, queue, job_id) SELECT 'fakeprint.' || task, queue, job_id FROM woken
RETURNING job_id;

-- name: lock_messages
-- The oldest messages, interactive work first and bulk work last, locked against other relays. A message goes to the
-- queue of its job, or to its own queue if the job is gone. Queues in `held` are left out.
SELECT o.outbox_id, o.task, coalesce(j.queue, o.queue) AS queue, o.job_id, j.traceparent
FROM outbox o LEFT JOIN job j USING (job_id)
WHERE coalesce(j.queue, o.queue) <> ALL (%(held)s)
ORDER BY coalesce(j.queue, o.queue) <> 'interactive', coalesce(j.queue, o.queue) = 'bulk', o.outbox_id
LIMIT %(limit)s FOR UPDATE OF o SKIP LOCKED;

-- name: drop_messages
-- Delete messages that the broker has confirmed. Jobs whose messages waited long count as sent now.
WITH dropped AS (
    DELETE FROM outbox WHERE outbox_id = ANY(%(outbox_ids)s) RETURNING job_id, created_at
), late AS (
    SELECT j.job_id FROM job j JOIN dropped d USING (job_id)
    WHERE d.created_at < now() - interval '5 seconds' AND j.status = 'queued'
    FOR UPDATE OF j SKIP LOCKED
)
UPDATE job j SET sent_at = now() FROM late l WHERE j.job_id = l.job_id;

-- name: delete_old
-- Delete done and failed jobs that ended long ago. Unsettled dead letters stay, and so do failures of computing
-- fingerprints again or values of whole files, which are not tried again.
DELETE FROM job WHERE job_id IN (
    (SELECT job_id FROM job WHERE status = 'done' AND finished_at < now() - make_interval(days => %(done_days)s)
     ORDER BY finished_at LIMIT 5000)
    UNION ALL
    (SELECT job_id FROM job
     WHERE status = 'failed' AND finished_at < now() - make_interval(days => %(failed_days)s)
       AND (NOT dead OR settled_at IS NOT NULL) AND task NOT IN ('refingerprint_asset', 'hash_whole_file')
     ORDER BY finished_at LIMIT 5000))
RETURNING job_id;

-- name: fail_all
-- Fail the open jobs of a task about these subjects. A worker that holds one cannot write its result.
UPDATE job SET status = 'failed', finished_at = now(), lease_until = NULL, error_code = %(code)s,
    error_message = %(message)s
WHERE task = %(task)s AND status IN ('queued', 'running') AND subject_id = ANY (%(subject_ids)s);

-- name: delete_ended
-- Delete jobs of a task that ended an hour ago.
DELETE FROM job WHERE job_id IN (
    SELECT job_id FROM job WHERE task = %(task)s AND status IN ('done', 'failed')
      AND (NOT dead OR settled_at IS NOT NULL) AND finished_at < now() - interval '1 hour' LIMIT 5000);

-- name: delete_ended_about
-- Delete jobs of a task about these subjects that ended an hour ago.
DELETE FROM job WHERE job_id IN (
    SELECT job_id FROM job WHERE subject_id = ANY (%(subject_ids)s) AND task = %(task)s AND status IN ('done', 'failed')
      AND (NOT dead OR settled_at IS NOT NULL) AND finished_at < now() - interval '1 hour' LIMIT 5000);

-- name: drop_open
-- Delete an open job. A worker that holds it finds its lease lost.
DELETE FROM job WHERE task = %(task)s AND subject_id = %(subject_id)s AND status IN ('queued', 'running');

-- name: drop_all
-- All jobs about these subjects. A worker that holds one finds its lease lost.
DELETE FROM job WHERE task = %(task)s AND subject_id = ANY (%(subject_ids)s);

-- name: reassign
-- The job is now about another subject.
UPDATE job SET task = %(task)s, subject_id = %(subject_id)s WHERE job_id = %(job_id)s;
