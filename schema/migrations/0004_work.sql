-- Questions, jobs and the messages that wake the workers.
CREATE TABLE lookup (
    lookup_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL REFERENCES caller,
    bank_id uuid REFERENCES bank,
    input text NOT NULL CHECK (input IN ('document', 'file', 'sha256', 'hash')),
    sha256 bytea CHECK (octet_length(sha256) = 32),
    blob_key text,
    filename text NOT NULL DEFAULT '',
    status text NOT NULL CHECK (status IN ('queued', 'answered', 'failed')),
    verdict text CHECK (verdict IN
        ('known_fake', 'authentic_original', 'related', 'no_match', 'undecidable')),
    answer jsonb,
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    CHECK (status <> 'answered' OR (answer IS NOT NULL AND verdict IS NOT NULL)),
    CHECK (status <> 'failed' OR error_code IS NOT NULL)
);
COMMENT ON TABLE lookup IS 'A question and its answer. Holds no fingerprint of the query and no media once answered.';
COMMENT ON COLUMN lookup.lookup_id IS 'Identity.';
COMMENT ON COLUMN lookup.caller_id IS 'Who asked.';
COMMENT ON COLUMN lookup.bank_id IS 'The one bank asked, null: all that the caller may see.';
COMMENT ON COLUMN lookup.input IS 'What was given.';
COMMENT ON COLUMN lookup.sha256 IS 'SHA-256 of the file asked about, where known.';
COMMENT ON COLUMN lookup.blob_key IS 'The uploaded file while it waits; deleted and nulled once answered.';
COMMENT ON COLUMN lookup.filename IS 'The name it came with, for people; never used as a path.';
COMMENT ON COLUMN lookup.status IS 'queued until a worker has answered or given up.';
COMMENT ON COLUMN lookup.verdict IS 'The answer''s verdict.';
COMMENT ON COLUMN lookup.answer IS 'The answer as given, with all signals; they are shown only to callers with that scope.';
COMMENT ON COLUMN lookup.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN lookup.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN lookup.created_at IS 'When it was asked.';
COMMENT ON COLUMN lookup.answered_at IS 'When it was answered.';
CREATE INDEX lookup_caller ON lookup (caller_id, created_at DESC);

CREATE TABLE job (
    job_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    task text NOT NULL CHECK (task IN ('fingerprint_asset', 'answer_lookup')),
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
    finished_at timestamptz
);
COMMENT ON TABLE job IS 'Work that a worker must do. The row is the truth; a broker message only says that it is there.';
COMMENT ON COLUMN job.job_id IS 'Identity; the only thing a message carries.';
COMMENT ON COLUMN job.task IS 'What is to be done.';
COMMENT ON COLUMN job.subject_id IS 'The asset or the lookup.';
COMMENT ON COLUMN job.queue IS 'The broker queue its message goes to: interactive before media.';
COMMENT ON COLUMN job.status IS 'queued, running under a lease, done, or failed for good.';
COMMENT ON COLUMN job.attempts IS 'How often a worker has begun it.';
COMMENT ON COLUMN job.fence IS 'Counts the leases; a worker whose number is no longer the newest may write nothing.';
COMMENT ON COLUMN job.lease_until IS 'Until when the running worker is believed alive; it renews this while it works.';
COMMENT ON COLUMN job.progress IS 'Share of the media that has been read, 0-1.';
COMMENT ON COLUMN job.error_code IS 'Why the last attempt failed: a stable code.';
COMMENT ON COLUMN job.error_message IS 'Why the last attempt failed: for a person.';
COMMENT ON COLUMN job.created_at IS 'When it was asked for.';
COMMENT ON COLUMN job.sent_at IS 'When a message was last written to the outbox for it.';
COMMENT ON COLUMN job.finished_at IS 'When it was done or given up.';
CREATE UNIQUE INDEX job_open ON job (task, subject_id) WHERE status IN ('queued', 'running');
CREATE INDEX job_stale ON job (status, lease_until, sent_at) WHERE status IN ('queued', 'running');
CREATE INDEX job_subject ON job (subject_id, created_at DESC);

CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task text NOT NULL,
    queue text NOT NULL,
    job_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE outbox IS 'Messages written in the transaction that made the work; the relay publishes and deletes them.';
COMMENT ON COLUMN outbox.outbox_id IS 'Identity and order.';
COMMENT ON COLUMN outbox.task IS 'Name of the Celery task.';
COMMENT ON COLUMN outbox.queue IS 'Queue it is published to.';
COMMENT ON COLUMN outbox.job_id IS 'The job: all that the message carries.';
COMMENT ON COLUMN outbox.created_at IS 'When it was written.';
