-- name: patience
-- The vector index takes milliseconds a frame: long media need more than a question may.
SELECT set_config('statement_timeout', '10min', true);

-- name: clear_frames
-- Forget what other transactions stored of an asset's frames, so that storing again is storing once.
DELETE FROM frame_fingerprint WHERE asset_id = %(asset_id)s AND xmin <> pg_current_xact_id()::xid;

-- name: clear_faces
-- The same for its faces.
DELETE FROM face_fingerprint WHERE asset_id = %(asset_id)s AND xmin <> pg_current_xact_id()::xid;

-- name: clear_video
-- The same for its whole-video hash.
DELETE FROM video_fingerprint WHERE asset_id = %(asset_id)s;

-- name: clear_audio
-- The same for its sound.
DELETE FROM audio_fingerprint WHERE asset_id = %(asset_id)s;

-- name: clear_algorithms
-- What looked at it before does not speak for what is stored now.
DELETE FROM asset_algorithm WHERE asset_id = %(asset_id)s;

-- name: copy_frames
-- Frames in bulk, binary.
COPY frame_fingerprint (asset_id, time_s, duration_s, view, quality, phash256, pdq, sscd)
FROM STDIN (FORMAT binary);

-- name: copy_faces
-- Faces in bulk, binary.
COPY face_fingerprint (asset_id, time_s, track, box, pixels, score, quality, embedding, expression)
FROM STDIN (FORMAT binary);

-- name: video
-- The whole-video hash.
INSERT INTO video_fingerprint (asset_id, videohash) VALUES (%(asset_id)s, %(videohash)s);

-- name: audio
-- What it sounds like, and what that is found by.
INSERT INTO audio_fingerprint (asset_id, chromaprint, keys)
VALUES (%(asset_id)s, %(chromaprint)s, %(keys)s::integer[]);

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
       (SELECT s.chromaprint FROM audio_fingerprint s WHERE s.asset_id = a.asset_id) AS audio
FROM asset a WHERE a.asset_id = %(asset_id)s AND a.status = 'fingerprinted';

-- name: read_frames
-- Its frames that can be compared, of long media evenly thinned. What is sent begins with a length of four bytes.
SELECT time_s, duration_s, view, quality, substring(bit_send(phash256) FROM 5) AS phash256,
       substring(bit_send(pdq) FROM 5) AS pdq, substring(halfvec_send(sscd) FROM 5) AS sscd
FROM (
    SELECT *, row_number() OVER (ORDER BY frame_id) - 1 AS number, count(*) OVER () AS total
    FROM frame_fingerprint WHERE asset_id = %(asset_id)s AND quality >= 50
) f
WHERE f.total <= %(frames)s OR (f.number * %(frames)s) %% f.total < %(frames)s
ORDER BY frame_id;

-- name: read_faces
-- Its faces.
SELECT time_s, track, box, pixels, score, quality, substring(halfvec_send(embedding) FROM 5) AS embedding,
       expression
FROM face_fingerprint WHERE asset_id = %(asset_id)s ORDER BY face_id;
