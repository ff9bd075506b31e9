-- Files that are hashed for somebody else's system, not looked up.
CREATE TABLE hashing (
    hashing_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL REFERENCES caller,
    content text NOT NULL CHECK (content IN ('photo', 'video')),
    blob_key text,
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'done', 'failed')),
    signals jsonb,
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (status <> 'done' OR signals IS NOT NULL),
    CHECK (status <> 'failed' OR error_code IS NOT NULL)
);
COMMENT ON TABLE hashing IS 'A file of which somebody wants the hashes, as Hasher-Matcher-Actioner gives them. Rows are deleted an hour later.';
COMMENT ON COLUMN hashing.hashing_id IS 'Identity.';
COMMENT ON COLUMN hashing.caller_id IS 'Who asked.';
COMMENT ON COLUMN hashing.content IS 'What it was said to be.';
COMMENT ON COLUMN hashing.blob_key IS 'The file while it waits; deleted and nulled once hashed.';
COMMENT ON COLUMN hashing.status IS 'queued until a worker has hashed it or given up.';
COMMENT ON COLUMN hashing.signals IS 'The hashes by type: pdq of a photo; video_md5 and vpdq of a video.';
COMMENT ON COLUMN hashing.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN hashing.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN hashing.created_at IS 'When it was asked for.';
CREATE INDEX hashing_created ON hashing (created_at);
CREATE INDEX hashing_blob ON hashing (blob_key) WHERE blob_key IS NOT NULL;
