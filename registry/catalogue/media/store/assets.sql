-- name: upsert
-- A media file of a bank, made if it is new; a file that comes again brings its media where none was kept. One of which
-- a hash list knew no more than a hash is pending: what its fingerprint says is still to be stored.
INSERT INTO asset (bank_id, sha256, filename, bytes, blob_key)
VALUES (%(bank_id)s, %(sha256)s, %(filename)s, %(bytes)s, %(blob_key)s)
ON CONFLICT (bank_id, sha256) DO UPDATE
    SET blob_key = coalesce(asset.blob_key, excluded.blob_key)
RETURNING asset_id, CASE WHEN 'hash_only' = ANY (notes) THEN 'pending' ELSE status END AS status, blob_key,
    (xmax = 0) AS created,
    coalesce((SELECT bool_and(g.recomputed) FROM asset_algorithm g WHERE g.asset_id = asset.asset_id), false)
        AS recomputed;

-- name: mark_fingerprinted
-- Its fingerprints are stored: say what it is. A document does not undo that its media could not be read.
UPDATE asset SET status = 'fingerprinted', fingerprinted_at = now(), kind = %(kind)s,
    duration_s = %(duration)s, width = %(width)s, height = %(height)s, bytes = %(bytes)s, notes = %(notes)s,
    error_code = CASE WHEN NOT %(recomputed)s THEN error_code END,
    error_message = CASE WHEN NOT %(recomputed)s THEN error_message END
WHERE asset_id = %(asset_id)s
RETURNING encode(sha256, 'hex') AS sha256;

-- name: save_md5
-- The MD5 of its media.
UPDATE asset SET md5 = %(md5)s WHERE asset_id = %(asset_id)s;

-- name: fail
-- It cannot be fingerprinted: say why. What a document said of it stays.
UPDATE asset SET status = CASE status WHEN 'fingerprinted' THEN status ELSE 'failed' END,
    error_code = %(code)s, error_message = %(message)s
WHERE asset_id = %(asset_id)s;

-- name: reset
-- It is asked for again: wait again.
UPDATE asset SET status = CASE status WHEN 'failed' THEN 'pending' ELSE status END,
    error_code = NULL, error_message = NULL
WHERE asset_id = %(asset_id)s AND error_code IS NOT NULL;

-- name: let_media_go
-- Nothing is left to compute from it, and this deployment keeps no media, nor small pictures of it.
WITH shown AS (
    UPDATE asset_manifest SET store = NULL WHERE asset_id = %(asset_id)s AND pictures AND store IS NOT NULL
)
UPDATE asset SET blob_key = NULL WHERE asset_id = %(asset_id)s
    AND NOT EXISTS (SELECT FROM job WHERE subject_id = %(asset_id)s AND status IN ('queued', 'running'));

-- name: retry
-- Failed media of an entry wait again.
UPDATE asset a SET status = CASE a.status WHEN 'failed' THEN 'pending' ELSE a.status END,
    error_code = NULL, error_message = NULL
FROM entry_asset ea
WHERE ea.asset_id = a.asset_id AND ea.entry_id = %(entry_id)s AND a.error_code IS NOT NULL
RETURNING a.asset_id, a.blob_key;

-- name: of_entry
-- The media of an entry with what is known of them.
SELECT a.asset_id, ea.role, encode(a.sha256, 'hex') AS sha256, a.filename, a.kind,
       a.duration_s AS duration, a.width, a.height, a.bytes, a.status,
       CASE WHEN a.error_code IS NOT NULL THEN
           jsonb_build_object('code', a.error_code, 'message', a.error_message) END AS error,
       a.blob_key IS NOT NULL AS media_kept, a.notes, ea.matchable_at,
       coalesce((SELECT least(sum(s.share * CASE WHEN s.done_at IS NULL THEN coalesce(j.progress, 0) ELSE 1 END), .99)
                 FROM division d JOIN segment s USING (asset_id)
                 LEFT JOIN job j ON j.task = 'fingerprint_segment' AND j.subject_id = s.segment_id
                 WHERE d.asset_id = a.asset_id AND NOT d.undivided HAVING count(*) > 0),
                (SELECT j.progress FROM job j WHERE j.subject_id = a.asset_id AND j.task = 'fingerprint_asset'
                 ORDER BY j.created_at DESC LIMIT 1),
                CASE a.status WHEN 'fingerprinted' THEN 1 ELSE 0 END) AS progress,
       (SELECT jsonb_build_object('done', d.segments - d.remaining, 'of', d.segments) FROM division d
        WHERE d.asset_id = a.asset_id AND NOT d.undivided) AS segments,
       (SELECT count(DISTINCT f.time_s) FROM frame_fingerprint f WHERE f.asset_no = a.asset_no) AS frames,
       (SELECT count(*) FROM face_fingerprint f WHERE f.asset_id = a.asset_id) AS faces,
       ARRAY(SELECT g.algorithm FROM asset_algorithm g WHERE g.asset_id = a.asset_id
             ORDER BY g.algorithm) AS algorithms
FROM entry_asset ea JOIN asset a USING (asset_id)
WHERE ea.entry_id = %(entry_id)s
ORDER BY ea.role, ea.added_at, a.asset_id;

-- name: blob_of
-- The media of an asset, where it is kept.
SELECT blob_key FROM asset WHERE asset_id = %(asset_id)s;

-- name: note_forged
-- A medium whose document lied.
UPDATE asset SET notes = array_append(array_remove(notes, 'forged_fingerprint'), 'forged_fingerprint')
WHERE asset_id = %(asset_id)s;

-- name: suspend_forged
-- Entries of an asset whose document lied stop answering.
UPDATE entry e SET status = 'suspended', suspended_for = 'forged_fingerprint'
FROM bank b
WHERE b.bank_id = e.bank_id AND e.status = 'matchable'
  AND e.entry_id IN (SELECT entry_id FROM entry_asset WHERE asset_id = %(asset_id)s)
RETURNING e.entry_id, b.organization_id;

-- name: unproved
-- Whether what is stored of an asset came in a document, which nobody has compared with the media.
SELECT a.status = 'fingerprinted' AND NOT coalesce(
    (SELECT bool_and(g.recomputed) FROM asset_algorithm g WHERE g.asset_id = a.asset_id), true) AS unproved
FROM asset a WHERE a.asset_id = %(asset_id)s;

-- name: by_md5
-- Which media a file of this MD5 may be: those of matchable entries.
SELECT a.asset_id FROM asset a WHERE a.md5 = %(md5)s AND a.status = 'fingerprinted' ORDER BY a.asset_id LIMIT 1000;

-- name: give_media
-- The media of an asset that was known by its document alone.
UPDATE asset SET blob_key = coalesce(blob_key, %(blob_key)s) WHERE asset_id = %(asset_id)s;

-- name: fail_of_organization
-- Its media that wait to be fingerprinted wait no longer.
UPDATE asset a SET status = 'failed', error_code = %(code)s, error_message = %(message)s
FROM bank b WHERE b.bank_id = a.bank_id AND b.organization_id = %(organization_id)s AND a.status = 'pending';

-- name: open_jobs
-- Open jobs that fingerprint an organization's media, and the segments of long videos.
SELECT j.task, array_agg(DISTINCT j.subject_id) AS subject_ids
FROM bank b JOIN asset a USING (bank_id) LEFT JOIN segment s USING (asset_id)
JOIN job j ON (j.task = 'fingerprint_asset' AND j.subject_id = a.asset_id)
           OR (j.task = 'fingerprint_segment' AND j.subject_id = s.segment_id)
WHERE j.status IN ('queued', 'running') AND b.organization_id = %(organization_id)s
GROUP BY j.task ORDER BY j.task;
