-- name: queue
-- Insert a file to be hashed.
INSERT INTO hashing (caller_id, content, blob_key) VALUES (%(caller_id)s, %(content)s, %(blob_key)s)
RETURNING hashing_id;

-- name: get
-- A file of the caller.
SELECT status, signals, error_code, error_message FROM hashing
WHERE hashing_id = %(hashing_id)s AND caller_id = %(caller_id)s;

-- name: content
-- The declared content type of a file that waits to be hashed.
SELECT content FROM hashing WHERE hashing_id = %(hashing_id)s AND status = 'queued';

-- name: finish
-- Store the hashes of a file.
UPDATE hashing SET status = 'done', signals = %(signals)s WHERE hashing_id = %(hashing_id)s AND status = 'queued';

-- name: fail
-- Record that a file cannot be hashed.
UPDATE hashing SET status = 'failed', error_code = %(code)s, error_message = %(message)s
WHERE hashing_id = %(hashing_id)s AND status = 'queued';

-- name: delete_old_hashings
-- Delete old rows whose media are gone.
DELETE FROM hashing WHERE created_at < now() - make_interval(secs => %(seconds)s) AND blob_key IS NULL;

-- name: needed_blobs
-- Those of these media that wait to be hashed.
SELECT DISTINCT blob_key FROM hashing WHERE blob_key = ANY (%(keys)s::text[]) AND status = 'queued';

-- name: named_blobs
-- All media that rows refer to.
SELECT DISTINCT blob_key FROM hashing WHERE blob_key IS NOT NULL;

-- name: clear_blob
-- Remove the reference to a deleted medium from finished rows.
UPDATE hashing SET blob_key = NULL WHERE blob_key = %(blob_key)s AND status <> 'queued';

-- name: unneeded_blobs
-- Media of finished rows that should have been deleted, a random hundred.
SELECT blob_key FROM (
    SELECT DISTINCT blob_key FROM hashing WHERE blob_key IS NOT NULL AND status <> 'queued'
) over
ORDER BY random() LIMIT 100;
