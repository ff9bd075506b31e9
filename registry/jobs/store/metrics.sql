-- name: add_duration
-- Count a job in its bucket.
INSERT INTO work_time (task, outcome, bucket, count, seconds)
VALUES (%(task)s, %(outcome)s, %(bucket)s, 1, %(seconds)s)
ON CONFLICT (task, outcome, bucket) DO UPDATE
    SET count = work_time.count + 1, seconds = work_time.seconds + excluded.seconds;

-- name: durations
-- All counters.
SELECT task, outcome, bucket, count, seconds FROM work_time ORDER BY task, outcome, bucket;

-- name: task_depths
-- Open jobs by task and status, and the age of the oldest.
SELECT task, status, count(*) AS depth,
       coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_seconds
FROM job WHERE status IN ('queued', 'running') GROUP BY task, status ORDER BY task, status;

-- name: dead_letters
-- The number of unsettled dead letters.
SELECT count(*) AS dead FROM job WHERE status = 'failed' AND dead AND settled_at IS NULL;

-- name: waiting_letters
-- Unsettled dead letters: how many, up to a limit, and since when the oldest waits.
SELECT count(*)::integer AS count, min(finished_at) AS oldest
FROM (SELECT finished_at FROM job WHERE status = 'failed' AND dead AND settled_at IS NULL
      ORDER BY finished_at LIMIT %(limit)s) w;

-- name: backlog
-- Messages that the broker has not taken yet.
SELECT count(*) AS messages,
       coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_seconds
FROM outbox;

-- name: swept_at
-- When jobs were last swept.
SELECT extract(epoch FROM swept_at)::float8 AS swept_at FROM sweeper;

-- name: queue_depths
-- Open jobs by queue, and how long the oldest runnable job has waited that nobody works on. The number of workers is scaled by
-- it: more workers help neither running jobs nor jobs that wait for a dependency.
SELECT queue, count(*) AS depth,
       coalesce(extract(epoch FROM now() - min(greatest(created_at, due_at))
           FILTER (WHERE status = 'queued' AND coalesce(due_at <= now(), true))), 0)::float8 AS oldest_seconds
FROM job WHERE status IN ('queued', 'running') GROUP BY queue ORDER BY queue;
