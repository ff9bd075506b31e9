-- name: claim
-- Claim the newest checkpoint if a timestamp is due. Nobody else claims it for a while. Nothing if it has a timestamp
-- already.
WITH newest AS MATERIALIZED (
    SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1
), claimed AS (
    UPDATE ledger_timestamping s SET due_at = clock_timestamp() + make_interval(secs => %(held)s)
    FROM newest n
    WHERE s.due_at <= clock_timestamp() AND NOT EXISTS (SELECT FROM ledger_stamp t WHERE t.size = n.size)
    RETURNING s.failures
)
SELECT n.size, n.note, c.failures FROM newest n, claimed c;

-- name: store
-- Store a timestamp. The first one of a checkpoint stays.
INSERT INTO ledger_stamp (size, response, stamped_at, authority)
VALUES (%(size)s, %(response)s, %(stamped_at)s, %(authority)s)
ON CONFLICT (size) DO NOTHING;

-- name: record_success
-- Schedule the next timestamp.
UPDATE ledger_timestamping SET due_at = clock_timestamp() + make_interval(secs => %(pause)s), failures = 0,
    error_code = NULL, failed_at = NULL;

-- name: record_failure
-- Record a failed attempt, and schedule the next.
UPDATE ledger_timestamping SET due_at = clock_timestamp() + make_interval(secs => %(pause)s), failures = failures + 1,
    error_code = %(code)s, failed_at = clock_timestamp();

-- name: newest
-- The newest timestamp, or the first that covers a leaf, with its checkpoint.
SELECT s.size, c.note, s.response, s.stamped_at, s.authority
FROM ledger_stamp s JOIN ledger_checkpoint c USING (size)
WHERE %(covering)s::bigint IS NULL OR s.size > %(covering)s
ORDER BY CASE WHEN %(covering)s::bigint IS NULL THEN -s.size ELSE s.size END
LIMIT 1;

-- name: state
-- The state of timestamping: seconds since the newest timestamp, and for how long a checkpoint has waited.
SELECT s.failures, s.error_code, s.failed_at,
       extract(epoch FROM clock_timestamp() - t.created_at)::float8 AS age,
       coalesce(extract(epoch FROM clock_timestamp() - (
           SELECT c.signed_at FROM ledger_checkpoint c WHERE c.size > coalesce(t.size, 0) ORDER BY c.size LIMIT 1
       )), 0)::float8 AS waiting
FROM ledger_timestamping s
LEFT JOIN (SELECT size, created_at FROM ledger_stamp ORDER BY size DESC LIMIT 1) t ON true;
