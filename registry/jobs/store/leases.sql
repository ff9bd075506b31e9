-- name: spare
-- The worker that holds a job was told to end, and may be killed before the work is done: that counts as no attempt, once,
-- but as a deferral.
UPDATE job SET attempts = least(attempts, %(attempts)s - 1), deferrals = greatest(deferrals, %(deferrals)s + 1)
WHERE job_id = %(job_id)s AND fence = %(fence)s AND status = 'running'
RETURNING true AS held;

-- name: give_back
-- It is begun again later, as another attempt.
UPDATE job SET status = 'queued', lease_until = NULL, due_at = now() + make_interval(secs => %(delay)s),
    error_code = %(code)s, error_message = %(message)s
WHERE job_id = %(job_id)s;
