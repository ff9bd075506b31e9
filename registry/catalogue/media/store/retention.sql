-- name: needed
-- Which of these blobs an asset or a preview names.
SELECT k.blob_key FROM unnest(%(keys)s::text[]) AS k (blob_key)
WHERE EXISTS (SELECT FROM asset a
              WHERE a.sha256 = decode(right(k.blob_key, 64), 'hex') AND a.blob_key = k.blob_key)
   OR EXISTS (SELECT FROM preview s WHERE s.blob_key = k.blob_key);

-- name: named
-- All blobs that assets and previews name, each once.
SELECT blob_key FROM asset WHERE blob_key IS NOT NULL
UNION SELECT blob_key FROM preview WHERE blob_key IS NOT NULL;

-- name: let_failed_go
-- Release the files that could not be read, the first time or once more, in a deployment that keeps no media. A file
-- sent again is stored again.
WITH failed AS (
    SELECT a.asset_id FROM asset a
    WHERE a.blob_key IS NOT NULL
      AND (a.status = 'failed' OR EXISTS (
          SELECT FROM job j WHERE j.subject_id = a.asset_id AND j.status = 'failed'
              AND j.task IN ('refingerprint_asset', 'hash_whole_file')))
      AND NOT EXISTS (SELECT FROM job j WHERE j.subject_id = a.asset_id AND j.status IN ('queued', 'running'))
    LIMIT 100 FOR UPDATE SKIP LOCKED
)
UPDATE asset a SET blob_key = NULL FROM failed f WHERE a.asset_id = f.asset_id;

-- name: list_unnamed
-- Blobs that rows no longer name and that are not deleted yet: a random part, if there are many.
SELECT DISTINCT blob_key FROM (SELECT blob_key FROM parting_blob ORDER BY random() LIMIT %(limit)s) p;

-- name: delete_note
-- The caller deletes the blob now, or a row needs it. A row that releases a blob writes a new note.
DELETE FROM parting_blob WHERE blob_key = %(blob_key)s;
