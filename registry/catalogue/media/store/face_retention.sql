-- name: expire_faces
-- Delete faces after the days that their bank's policy keeps them. The record that faces were searched is deleted too.
-- Otherwise an entry without a given manipulation would count as one that shows no face.
WITH due AS MATERIALIZED (
    SELECT a.asset_id FROM asset a JOIN bank b USING (bank_id)
    WHERE a.fingerprinted_at
          < now() - make_interval(secs => 86400 * (b.policy ->> 'face_retention_days')::float8)
      AND EXISTS (SELECT FROM face_fingerprint f WHERE f.asset_id = a.asset_id)
    ORDER BY a.fingerprinted_at, a.asset_id LIMIT %(limit)s
    FOR UPDATE OF a SKIP LOCKED
), faces AS (
    DELETE FROM face_fingerprint f USING due WHERE f.asset_id = due.asset_id
), algorithms AS (
    DELETE FROM asset_algorithm g USING due WHERE g.asset_id = due.asset_id AND g.algorithm LIKE 'face.%%'
)
UPDATE asset a SET notes = array_append(array_remove(a.notes, 'faces_expired'), 'faces_expired')
FROM due WHERE a.asset_id = due.asset_id
RETURNING a.asset_id;

-- name: release
-- Release the files of media and delete their faces, with the record that faces were searched, as in `expire_faces`.
WITH gone AS MATERIALIZED (
    SELECT a.asset_id, EXISTS (SELECT FROM face_fingerprint f WHERE f.asset_id = a.asset_id) AS faces
    FROM asset a WHERE a.asset_id = ANY (%(asset_ids)s)
), faces AS (
    DELETE FROM face_fingerprint f USING gone g WHERE f.asset_id = g.asset_id
), algorithms AS (
    DELETE FROM asset_algorithm x USING gone g WHERE x.asset_id = g.asset_id AND x.algorithm LIKE 'face.%%'
)
UPDATE asset a
SET blob_key = NULL,
    notes = CASE WHEN g.faces THEN array_append(array_remove(a.notes, 'faces_expired'), 'faces_expired') ELSE a.notes END
FROM gone g WHERE a.asset_id = g.asset_id;
