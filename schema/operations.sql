-- Canary lookups, and how long work takes.

CREATE TABLE canary (
    canary text PRIMARY KEY CHECK (canary ~ '^[0-9a-f]{12}$'),
    asked_at timestamptz NOT NULL,
    found boolean NOT NULL,
    verdict text,
    seconds double precision NOT NULL
);
COMMENT ON TABLE canary IS 'Known lookups that are repeated and must match: the last answer to each.';
COMMENT ON COLUMN canary.canary IS 'The first digits of the SHA-256 of its document.';
COMMENT ON COLUMN canary.asked_at IS 'When it was last run.';
COMMENT ON COLUMN canary.found IS 'Whether it matched.';
COMMENT ON COLUMN canary.verdict IS 'The verdict, or the code of the error.';
COMMENT ON COLUMN canary.seconds IS 'How long the answer took.';

CREATE TABLE work_time (
    task text NOT NULL CHECK (task ~ '^[a-z_]{1,40}$'),
    outcome text NOT NULL CHECK (outcome IN ('done', 'failed', 'unavailable', 'lost')),
    bucket smallint NOT NULL CHECK (bucket >= 0),
    count bigint NOT NULL,
    seconds double precision NOT NULL,
    PRIMARY KEY (task, outcome, bucket)
) WITH (fillfactor = 50);
COMMENT ON TABLE work_time IS 'How long workers'' jobs took, for the metrics: counters that only grow, shared by all processes.';
COMMENT ON COLUMN work_time.task IS 'Name of the task: registry.jobs.store.jobs.Task.';
COMMENT ON COLUMN work_time.outcome IS 'done; failed: for good; unavailable: something it needs was unavailable; lost: another worker took it over.';
COMMENT ON COLUMN work_time.bucket IS 'How many of registry.jobs.store.work_times.BOUNDS are below the time it took.';
COMMENT ON COLUMN work_time.count IS 'How many jobs.';
COMMENT ON COLUMN work_time.seconds IS 'Total seconds of these jobs.';
