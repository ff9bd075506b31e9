-- name: add_request
-- Request an algorithm for kept media, from the oldest on. A repeated request begins again.
INSERT INTO refingerprinting (algorithm) VALUES (%(algorithm)s)
ON CONFLICT (algorithm) DO UPDATE SET asked_at = now(), reached = 0;

-- name: delete_request
-- End the request of an algorithm.
DELETE FROM refingerprinting WHERE algorithm = %(algorithm)s;

-- name: list_requests
-- The requested algorithms.
SELECT algorithm FROM refingerprinting ORDER BY algorithm;

-- name: lacking
-- The requested algorithms without values of this medium.
SELECT algorithm FROM refingerprinting r
WHERE NOT EXISTS (SELECT FROM asset_algorithm g WHERE g.asset_id = %(asset_id)s AND g.algorithm = r.algorithm)
ORDER BY algorithm;

-- name: next_media
-- The next kept media without values of an algorithm. Their number limits the open jobs. Store the last one.
WITH open AS (
    SELECT count(*) AS jobs FROM job WHERE task = %(task)s AND status IN ('queued', 'running')
), picked AS (
    SELECT a.asset_id, a.asset_no
    FROM asset a JOIN refingerprinting r ON r.algorithm = %(algorithm)s AND a.asset_no > r.reached
    WHERE a.status = 'fingerprinted' AND a.blob_key IS NOT NULL AND a.kind = ANY (%(kinds)s)
      AND NOT EXISTS (SELECT FROM asset_algorithm g WHERE g.asset_id = a.asset_id AND g.algorithm = %(algorithm)s)
    ORDER BY a.asset_no
    LIMIT greatest(0, %(most)s - (SELECT jobs FROM open))
), reached AS (
    UPDATE refingerprinting SET reached = (SELECT max(asset_no) FROM picked)
    WHERE algorithm = %(algorithm)s AND EXISTS (SELECT FROM picked)
)
SELECT asset_id FROM picked;

-- name: version
-- How many media have values of an algorithm, lack them, and cannot have them.
SELECT EXISTS (SELECT FROM refingerprinting WHERE algorithm = %(algorithm)s) AS asked,
       (SELECT count(*) FROM asset_algorithm WHERE algorithm = %(algorithm)s) AS have,
       count(*) FILTER (WHERE working) AS open,
       count(*) FILTER (WHERE NOT working AND failing) AS failed,
       count(*) FILTER (WHERE blob_key IS NOT NULL) AS lacking,
       count(*) FILTER (WHERE blob_key IS NULL) AS gone
FROM (
    SELECT a.blob_key,
           EXISTS (SELECT FROM job j WHERE j.subject_id = a.asset_id AND j.task = %(task)s
                   AND j.status IN ('queued', 'running')) AS working,
           EXISTS (SELECT FROM job j WHERE j.subject_id = a.asset_id AND j.task = %(task)s
                   AND j.status = 'failed') AS failing
    FROM asset a
    WHERE a.status = 'fingerprinted' AND a.kind = ANY (%(kinds)s)
      AND NOT EXISTS (SELECT FROM asset_algorithm g WHERE g.asset_id = a.asset_id AND g.algorithm = %(algorithm)s)
) lacking;

-- name: retire
-- Some media forget what a version said of them.
WITH picked AS (
    SELECT asset_id FROM asset_algorithm WHERE algorithm = %(algorithm)s LIMIT %(most)s FOR UPDATE SKIP LOCKED
), vectors AS (
    DELETE FROM frame_vector v USING picked p WHERE v.asset_id = p.asset_id AND v.model = %(algorithm)s
)
DELETE FROM asset_algorithm g USING picked p WHERE g.asset_id = p.asset_id AND g.algorithm = %(algorithm)s;
