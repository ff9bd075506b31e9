-- name: add
-- One more job took so long.
INSERT INTO work_time (task, outcome, bucket, count, seconds)
VALUES (%(task)s, %(outcome)s, %(bucket)s, 1, %(seconds)s)
ON CONFLICT (task, outcome, bucket) DO UPDATE
    SET count = work_time.count + 1, seconds = work_time.seconds + excluded.seconds;

-- name: all
-- Every counter.
SELECT task, outcome, bucket, count, seconds FROM work_time ORDER BY task, outcome, bucket;

-- name: open
-- Jobs that wait or run and the age of the oldest, by kind.
SELECT task, status, count(*) AS depth,
       coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_seconds
FROM job WHERE status IN ('queued', 'running') GROUP BY task, status;

-- name: dead
-- Dead letters that nobody has dealt with.
SELECT count(*) AS dead FROM job WHERE status = 'failed' AND dead AND settled_at IS NULL;

-- name: outbox
-- Messages that the broker has not taken yet.
SELECT count(*) AS messages,
       coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_seconds
FROM outbox;

-- name: swept
-- When jobs were last swept.
SELECT extract(epoch FROM swept_at)::float8 AS swept_at FROM sweeper;
