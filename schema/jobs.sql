-- The job queue, the outbox of messages that wake workers, when the sweeper last ran, and how long work takes.

CREATE TABLE job (
    job_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    task text NOT NULL CHECK (task ~ '^[a-z_]{1,40}$'),
    subject_id uuid NOT NULL,
    queue text NOT NULL,
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed')),
    attempts smallint NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    progress real NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    worker text CHECK (length(worker) <= 200),
    renewed_at timestamptz,
    session_pid integer,
    session_began timestamptz,
    session_fence bigint,
    due_at timestamptz,
    deferrals smallint NOT NULL DEFAULT 0,
    dead boolean NOT NULL DEFAULT false,
    settled_at timestamptz,
    settled_as text CHECK (settled_as IN ('retried', 'discarded')),
    settled_by uuid REFERENCES caller,
    traceparent text CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'),
    caller_id uuid,
    organization_id uuid,
    began_at timestamptz
);
COMMENT ON TABLE job IS 'Work for a worker. The row is the truth; a broker message only says that the row exists.';
COMMENT ON COLUMN job.job_id IS 'Identity; the only thing a message carries.';
COMMENT ON COLUMN job.task IS 'Name of the task: registry.jobs.store.jobs.Task.';
COMMENT ON COLUMN job.subject_id IS 'The asset, the lookup, the entry, the photo of a person, the webhook or the exchange.';
COMMENT ON COLUMN job.queue IS 'The broker queue of its message: interactive before media before bulk, each with its own workers.';
COMMENT ON COLUMN job.status IS 'queued, running under a lease, done, or failed for good.';
COMMENT ON COLUMN job.attempts IS 'How often a worker has started it.';
COMMENT ON COLUMN job.fence IS 'Counts the leases. A worker whose number is not the newest may write nothing.';
COMMENT ON COLUMN job.lease_until IS 'Until when the running worker is believed alive; the worker renews it.';
COMMENT ON COLUMN job.progress IS 'Share of the media that was read, or compared, 0-1.';
COMMENT ON COLUMN job.error_code IS 'Why the last attempt failed: a stable code.';
COMMENT ON COLUMN job.error_message IS 'Why the last attempt failed: for a person.';
COMMENT ON COLUMN job.created_at IS 'When it was requested.';
COMMENT ON COLUMN job.sent_at IS 'When a message was last written to the outbox for it.';
COMMENT ON COLUMN job.finished_at IS 'When it was done or given up.';
COMMENT ON COLUMN job.worker IS 'Host and process that hold it, or held it last: for people.';
COMMENT ON COLUMN job.renewed_at IS 'When its worker last renewed the lease.';
COMMENT ON COLUMN job.session_pid IS 'PostgreSQL session by which the lease was renewed.';
COMMENT ON COLUMN job.session_began IS 'When that session began: process numbers are reused.';
COMMENT ON COLUMN job.session_fence IS 'The lease of that session; a worker without a session leaves an older number.';
COMMENT ON COLUMN job.due_at IS 'Not to be started before; null: at once. Set where something it needs was unavailable.';
COMMENT ON COLUMN job.deferrals IS 'How often something it needs was unavailable, or its worker was shut down. These count as no attempts.';
COMMENT ON COLUMN job.dead IS 'A dead letter: given up for a reason that does not lie in the media, for the operator to look at.';
COMMENT ON COLUMN job.settled_at IS 'When a person settled the dead letter.';
COMMENT ON COLUMN job.settled_as IS 'retried: another job was made of it. discarded: nothing more is done.';
COMMENT ON COLUMN job.settled_by IS 'The caller that settled it.';
COMMENT ON COLUMN job.caller_id IS 'Who sent the file; null: nobody in particular. Waiting files take turns by caller and organization.';
COMMENT ON COLUMN job.organization_id IS 'The organization of that caller.';
COMMENT ON COLUMN job.began_at IS 'When a worker last started it.';
COMMENT ON COLUMN job.traceparent IS 'The trace that requested it (W3C Trace Context); null: none.';
CREATE UNIQUE INDEX job_open ON job (task, subject_id) WHERE status IN ('queued', 'running');
CREATE INDEX job_stale ON job (status, lease_until, sent_at) WHERE status IN ('queued', 'running');
CREATE INDEX job_subject ON job (subject_id, created_at DESC);
CREATE INDEX job_waiting ON job (queue, created_at) WHERE status IN ('queued', 'running');
CREATE INDEX job_dead ON job (finished_at DESC, job_id) WHERE status = 'failed';
CREATE INDEX job_unsettled ON job (finished_at) WHERE status = 'failed' AND dead AND settled_at IS NULL;
CREATE INDEX job_taken ON job (queue, finished_at) INCLUDE (organization_id, caller_id, began_at) WHERE began_at IS NOT NULL;
CREATE INDEX job_done ON job (finished_at) WHERE status = 'done';

CREATE FUNCTION job_abandoned(held job, silence double precision) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT held.status = 'running' AND (held.lease_until < now() OR (
        held.session_fence = held.fence
        AND held.renewed_at < now() - make_interval(secs => silence)
        -- A server that has just started knows no session.
        AND pg_postmaster_start_time() < held.session_began
        AND NOT EXISTS (
            SELECT FROM pg_stat_get_activity(held.session_pid) s
            WHERE s.backend_start IS NULL OR s.backend_start = held.session_began)))
$$;
COMMENT ON FUNCTION job_abandoned(job, double precision) IS 'Whether the worker of a job is gone: its lease has expired or, sooner, it missed renewals for so many seconds and PostgreSQL saw its session end, as when its process was killed.';

CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task text NOT NULL,
    queue text NOT NULL,
    job_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE outbox IS 'Broker messages, written in the transaction that makes the job. The relay publishes and deletes them.';
COMMENT ON COLUMN outbox.outbox_id IS 'Identity and order.';
COMMENT ON COLUMN outbox.task IS 'Name of the Celery task.';
COMMENT ON COLUMN outbox.queue IS 'The queue of the job when the message was written.';
COMMENT ON COLUMN outbox.job_id IS 'The job: all that the message carries.';
COMMENT ON COLUMN outbox.created_at IS 'When it was written.';

CREATE TABLE sweeper (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    swept_at timestamptz NOT NULL DEFAULT now(),
    steady_since timestamptz NOT NULL DEFAULT '-infinity',
    server_began timestamptz
);
COMMENT ON TABLE sweeper IS 'When the sweeper of jobs last saw the database take writes. One row.';
COMMENT ON COLUMN sweeper.is_only IS 'There is one row.';
COMMENT ON COLUMN sweeper.swept_at IS 'When it last saw that.';
COMMENT ON COLUMN sweeper.steady_since IS 'Since when it has seen that without a pause, on the same server.';
COMMENT ON COLUMN sweeper.server_began IS 'When that server started, or recovered from a crash.';

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
COMMENT ON COLUMN work_time.bucket IS 'How many of registry.jobs.model.metrics.BOUNDS are below the time it took.';
COMMENT ON COLUMN work_time.count IS 'How many jobs.';
COMMENT ON COLUMN work_time.seconds IS 'Total seconds of these jobs.';
