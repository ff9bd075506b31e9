-- name: unneeded
-- Which of these blobs no row names.
SELECT k.blob_key FROM unnest(%(keys)s::text[]) AS k (blob_key)
WHERE NOT EXISTS (SELECT FROM asset a
                  WHERE a.sha256 = decode(right(k.blob_key, 64), 'hex') AND a.blob_key = k.blob_key)
  AND NOT EXISTS (SELECT FROM lookup l WHERE l.blob_key = k.blob_key)
  AND NOT EXISTS (SELECT FROM hashing h WHERE h.blob_key = k.blob_key)
  AND NOT EXISTS (SELECT FROM person_photo p WHERE p.blob_key = k.blob_key)
  AND NOT EXISTS (SELECT FROM still s WHERE s.blob_key = k.blob_key);

-- name: named
-- All that rows name, each once.
SELECT blob_key FROM asset WHERE blob_key IS NOT NULL
UNION SELECT blob_key FROM lookup WHERE blob_key IS NOT NULL
UNION SELECT blob_key FROM hashing WHERE blob_key IS NOT NULL
UNION SELECT blob_key FROM person_photo WHERE blob_key IS NOT NULL
UNION SELECT blob_key FROM still WHERE blob_key IS NOT NULL;

-- name: let_failed_go
-- A deployment that keeps no media keeps none of what could not be read either; a file that comes again brings its own.
WITH failed AS (
    SELECT a.asset_id FROM asset a
    WHERE a.status = 'failed' AND a.blob_key IS NOT NULL
      AND NOT EXISTS (SELECT FROM job j WHERE j.subject_id = a.asset_id AND j.status IN ('queued', 'running'))
    LIMIT 100 FOR UPDATE SKIP LOCKED
)
UPDATE asset a SET blob_key = NULL FROM failed f WHERE a.asset_id = f.asset_id;

-- name: parting
-- What rows name no longer and nobody has deleted yet; of many some, by lot.
SELECT DISTINCT blob_key FROM (SELECT blob_key FROM parting_blob ORDER BY random() LIMIT %(limit)s) p;

-- name: parted
-- It is deleted now, or needed by a row that says so itself when it lets it go.
DELETE FROM parting_blob WHERE blob_key = %(blob_key)s;
