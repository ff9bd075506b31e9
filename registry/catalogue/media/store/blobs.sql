-- name: lock
-- Who keeps a medium and who lets it go take turns.
SELECT pg_advisory_xact_lock(hashtextextended(%(blob_key)s, 1));

-- name: be_patient
-- A large medium takes longer than a transaction may wait for its client elsewhere.
SELECT set_config('idle_in_transaction_session_timeout', '0', true);

-- name: needed
-- Those of these blobs that an asset or a picture of one names.
SELECT k.blob_key FROM unnest(%(keys)s::text[]) AS k (blob_key)
WHERE EXISTS (SELECT FROM asset a
              WHERE a.sha256 = decode(right(k.blob_key, 64), 'hex') AND a.blob_key = k.blob_key)
   OR EXISTS (SELECT FROM preview s WHERE s.blob_key = k.blob_key);

-- name: named
-- All that assets and pictures of them name, each once.
SELECT blob_key FROM asset WHERE blob_key IS NOT NULL
UNION SELECT blob_key FROM preview WHERE blob_key IS NOT NULL;

-- name: let_failed_go
-- A deployment that keeps no media keeps none of what could not be read either; a file that comes again brings its own.
WITH failed AS (
    SELECT a.asset_id FROM asset a
    WHERE a.status = 'failed' AND a.blob_key IS NOT NULL
      AND NOT EXISTS (SELECT FROM job j WHERE j.subject_id = a.asset_id AND j.status IN ('queued', 'running'))
    LIMIT 100 FOR UPDATE SKIP LOCKED
)
UPDATE asset a SET blob_key = NULL FROM failed f WHERE a.asset_id = f.asset_id;

-- name: list_unnamed
-- What rows name no longer and nobody has deleted yet; of many some, by lot.
SELECT DISTINCT blob_key FROM (SELECT blob_key FROM parting_blob ORDER BY random() LIMIT %(limit)s) p;

-- name: delete_note
-- It is deleted now, or needed by a row that says so itself when it lets it go.
DELETE FROM parting_blob WHERE blob_key = %(blob_key)s;
