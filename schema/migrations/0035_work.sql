-- Work: who holds a job and whether its session still lives, when it is tried again, and what became of those given up.
ALTER TABLE job
    ADD COLUMN worker text CHECK (length(worker) <= 200),
    ADD COLUMN renewed_at timestamptz,
    ADD COLUMN session_pid integer,
    ADD COLUMN session_began timestamptz,
    ADD COLUMN session_fence bigint,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN deferrals smallint NOT NULL DEFAULT 0,
    ADD COLUMN dead boolean NOT NULL DEFAULT false,
    ADD COLUMN settled_at timestamptz,
    ADD COLUMN settled_as text CHECK (settled_as IN ('retried', 'discarded')),
    ADD COLUMN settled_by uuid REFERENCES caller;
COMMENT ON COLUMN job.queue IS 'The broker queue its message goes to: interactive before media before bulk, each with workers of its own.';
COMMENT ON COLUMN job.worker IS 'Host and process that hold it, or held it last: for a person.';
COMMENT ON COLUMN job.renewed_at IS 'When its worker last said that it lives.';
COMMENT ON COLUMN job.session_pid IS 'The PostgreSQL session over which it said so.';
COMMENT ON COLUMN job.session_began IS 'When that session began: numbers of processes come again.';
COMMENT ON COLUMN job.session_fence IS 'The lease for which the session stands; a worker that keeps no session leaves an older number.';
COMMENT ON COLUMN job.due_at IS 'Not before then: what it needs was away.';
COMMENT ON COLUMN job.deferrals IS 'How often something it needs was away. These count as no attempts.';
COMMENT ON COLUMN job.dead IS 'Given up for a reason that is not the media''s own: a dead letter, for whoever runs the deployment.';
COMMENT ON COLUMN job.settled_at IS 'When a person dealt with the dead letter.';
COMMENT ON COLUMN job.settled_as IS 'retried: another job was made of it. discarded: it was let be.';
COMMENT ON COLUMN job.settled_by IS 'Who did.';
CREATE INDEX job_waiting ON job (queue, created_at) WHERE status IN ('queued', 'running');
CREATE INDEX job_dead ON job (finished_at DESC, job_id) WHERE status = 'failed';

CREATE FUNCTION job_abandoned(held job, silence double precision) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT held.status = 'running' AND (held.lease_until < now() OR (
        held.session_fence = held.fence
        AND held.renewed_at < now() - make_interval(secs => silence)
        -- A server that has just begun knows nobody's session.
        AND pg_postmaster_start_time() < held.session_began
        AND NOT EXISTS (
            SELECT FROM pg_stat_get_activity(held.session_pid) s
            WHERE s.backend_start IS NULL OR s.backend_start = held.session_began)))
$$;
COMMENT ON FUNCTION job_abandoned(job, double precision) IS 'Whether the worker of a job is gone: its lease has run out or, sooner, it missed renewals for so many seconds and PostgreSQL saw its session end, as when its process was killed.';
