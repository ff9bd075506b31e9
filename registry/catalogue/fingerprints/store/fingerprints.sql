-- name: patience
-- The vector index takes milliseconds a frame: long media need more than a question may.
SELECT set_config('statement_timeout', '10min', true);

-- name: number
-- By which number the frames of an asset name it.
SELECT asset_no FROM asset WHERE asset_id = %(asset_id)s;

-- name: clear_frames
-- Forget what other transactions stored of an asset's frames, so that storing again is storing once.
DELETE FROM frame_fingerprint f USING asset a
WHERE a.asset_id = %(asset_id)s AND f.asset_no = a.asset_no AND f.xmin <> pg_current_xact_id()::xid;

-- name: clear_vectors
-- The same for the vectors of its frames.
DELETE FROM frame_vector WHERE asset_id = %(asset_id)s AND xmin <> pg_current_xact_id()::xid;

-- name: clear_faces
-- The same for its faces.
DELETE FROM face_fingerprint WHERE asset_id = %(asset_id)s AND xmin <> pg_current_xact_id()::xid;

-- name: clear_mosaics
-- The same for its mosaics.
DELETE FROM mosaic_fingerprint WHERE asset_id = %(asset_id)s AND xmin <> pg_current_xact_id()::xid;

-- name: clear_file
-- The same for the values of the whole file.
DELETE FROM file_fingerprint WHERE asset_id = %(asset_id)s;

-- name: clear_audio
-- The same for its sound.
DELETE FROM audio_fingerprint WHERE asset_id = %(asset_id)s;

-- name: clear_algorithms
-- What looked at it before does not speak for what is stored now.
DELETE FROM asset_algorithm WHERE asset_id = %(asset_id)s;

-- name: copy_frames
-- Frames in bulk, binary.
COPY frame_fingerprint (asset_no, time_s, duration_s, quality, view, phash256, pdq)
FROM STDIN (FORMAT binary);

-- name: copy_vectors
-- Their vectors in bulk, binary.
COPY frame_vector (asset_id, time_s, view, quality, sscd, model) FROM STDIN (FORMAT binary);

-- name: moments
-- The moments of an asset that a vector belongs to.
SELECT f.time_s, f.view FROM frame_fingerprint f JOIN asset a USING (asset_no)
WHERE a.asset_id = %(asset_id)s AND f.quality >= 50;

-- name: clear_version
-- Forget what one version of the model said, so that storing again is storing once.
DELETE FROM frame_vector WHERE asset_id = %(asset_id)s AND model = %(model)s;

-- name: add_version
-- One more version has looked at it.
INSERT INTO asset_algorithm (asset_id, algorithm, recomputed) VALUES (%(asset_id)s, %(model)s, true)
ON CONFLICT (asset_id, algorithm) DO UPDATE SET recomputed = true, computed_at = now();

-- name: copy_faces
-- Faces in bulk, binary.
COPY face_fingerprint (asset_id, time_s, track, box, pixels, score, quality, embedding, expression)
FROM STDIN (FORMAT binary);

-- name: copy_mosaics
-- Mosaics in bulk, binary.
COPY mosaic_fingerprint (asset_id, time_s, mosaic) FROM STDIN (FORMAT binary);

-- name: audio
-- What it sounds like, and what that is found by.
INSERT INTO audio_fingerprint (asset_id, chromaprint, peaks, keys)
VALUES (%(asset_id)s, %(chromaprint)s, %(peaks)s, %(keys)s::integer[]);

-- name: algorithms
-- Which algorithms have looked at an asset.
INSERT INTO asset_algorithm (asset_id, algorithm, recomputed)
SELECT %(asset_id)s, algorithm, %(recomputed)s FROM unnest(%(algorithms)s::text[]) AS algorithm;

-- name: read
-- What a fingerprinted asset is, what has looked at it, and its sound.
SELECT encode(a.sha256, 'hex') AS sha256, a.kind, coalesce(a.duration_s, 0) AS duration,
       coalesce(a.width, 0) AS width, coalesce(a.height, 0) AS height, coalesce(a.bytes, 0) AS bytes,
       ARRAY(SELECT g.algorithm FROM asset_algorithm g WHERE g.asset_id = a.asset_id
             ORDER BY g.algorithm) AS algorithms,
       (SELECT s.chromaprint FROM audio_fingerprint s WHERE s.asset_id = a.asset_id) AS audio,
       (SELECT s.peaks FROM audio_fingerprint s WHERE s.asset_id = a.asset_id) AS peaks
FROM asset a WHERE a.asset_id = %(asset_id)s AND a.status = 'fingerprinted';

-- name: read_frames
-- Its frames that can be compared, of long media evenly thinned. What is sent begins with a length of four bytes.
SELECT f.time_s, f.duration_s, f.view, f.quality, substring(bit_send(f.phash256) FROM 5) AS phash256,
       substring(bit_send(f.pdq) FROM 5) AS pdq, substring(halfvec_send(v.sscd) FROM 5) AS sscd
FROM (
    SELECT a.asset_id, g.*, row_number() OVER (ORDER BY g.time_s, g.view) - 1 AS number, count(*) OVER () AS total
    FROM asset a JOIN frame_fingerprint g USING (asset_no)
    WHERE a.asset_id = %(asset_id)s AND g.quality >= 50
) f
LEFT JOIN frame_vector v ON v.asset_id = f.asset_id AND v.time_s = f.time_s AND v.view = f.view
    AND v.model = %(model)s
WHERE f.total <= %(frames)s OR (f.number * %(frames)s) %% f.total < %(frames)s
ORDER BY f.time_s, f.view;

-- name: read_faces
-- Its faces.
SELECT time_s, track, box, pixels, score, quality, substring(halfvec_send(embedding) FROM 5) AS embedding,
       expression
FROM face_fingerprint WHERE asset_id = %(asset_id)s ORDER BY face_id;

-- name: read_mosaics
-- Its mosaics.
SELECT time_s, mosaic FROM mosaic_fingerprint WHERE asset_id = %(asset_id)s ORDER BY time_s;
