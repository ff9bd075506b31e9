-- name: refund_attempt
-- The worker was told to stop, and may be killed before the work is done. Count this as a deferral and not as an
-- attempt, once for each lease.
UPDATE job SET attempts = least(attempts, %(attempts)s - 1), deferrals = greatest(deferrals, %(deferrals)s + 1)
WHERE job_id = %(job_id)s AND fence = %(fence)s AND status = 'running'
RETURNING true AS held;

-- name: return_job
-- Return a job to the queue, to be started again later as another attempt.
UPDATE job SET status = 'queued', lease_until = NULL, due_at = now() + make_interval(secs => %(delay)s),
    error_code = %(code)s, error_message = %(message)s
WHERE job_id = %(job_id)s;
