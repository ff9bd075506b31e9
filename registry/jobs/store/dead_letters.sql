-- name: page
-- Jobs as the operator sees them, newest first.
SELECT job_id, task, subject_id, queue, status, attempts, deferrals, progress, worker, error_code, error_message, dead,
       created_at, due_at, finished_at, settled_as, settled_at
FROM job
WHERE CASE %(state)s WHEN 'dead' THEN status = 'failed' AND dead AND settled_at IS NULL
                     WHEN 'failed' THEN status = 'failed'
                     WHEN 'open' THEN status IN ('queued', 'running')
                     ELSE true END
  AND (%(task)s::text IS NULL OR task = %(task)s)
  AND (%(after)s::timestamptz IS NULL OR (created_at, job_id) < (%(after)s, %(after_id)s::uuid))
ORDER BY created_at DESC, job_id DESC LIMIT %(limit)s;

-- name: get_job
-- A job as the operator sees it.
SELECT job_id, task, subject_id, queue, status, attempts, deferrals, progress, worker, error_code, error_message, dead,
       created_at, due_at, finished_at, settled_as, settled_at
FROM job WHERE job_id = %(job_id)s;

-- name: lock
-- Lock a failed job that is not settled yet.
SELECT job_id FROM job WHERE job_id = %(job_id)s AND status = 'failed' AND settled_at IS NULL FOR UPDATE;

-- name: settle
-- Settle a dead letter.
UPDATE job SET settled_at = now(), settled_as = %(how)s, settled_by = %(caller_id)s WHERE job_id = %(job_id)s;

-- name: add_dead_letter
-- Insert a dead letter about a subject, unless it has an unsettled one.
INSERT INTO job (task, subject_id, queue, status, attempts, error_code, error_message, finished_at, dead)
SELECT %(task)s, %(subject_id)s, %(queue)s, 'failed', %(attempts)s, %(code)s, %(message)s, now(), true
WHERE NOT EXISTS (SELECT FROM job WHERE task = %(task)s AND subject_id = %(subject_id)s AND status = 'failed'
                  AND dead AND settled_at IS NULL)
RETURNING job_id;

-- name: settle_dead_letters
-- Settle the dead letters about a subject, because the work succeeded after all.
UPDATE job SET settled_at = now(), settled_as = 'retried'
WHERE task = %(task)s AND subject_id = %(subject_id)s AND status = 'failed' AND dead AND settled_at IS NULL;

-- name: discard_dead_letters
-- Discard the unsettled dead letters about these subjects.
UPDATE job SET settled_at = now(), settled_as = 'discarded', settled_by = %(caller_id)s
WHERE task = %(task)s AND subject_id = ANY (%(subject_ids)s) AND status = 'failed' AND dead AND settled_at IS NULL
RETURNING job_id;
