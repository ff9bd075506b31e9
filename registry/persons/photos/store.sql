-- name: add
-- A photo of a person who is locked, at the first free place.
INSERT INTO person_photo (photo_id, person_id, number, digest, blob_key, sealed_reading)
SELECT %(photo_id)s, %(person_id)s, min(one), %(digest)s, %(blob_key)s, %(sealed_reading)s
FROM generate_series(1, 20) AS one
WHERE one NOT IN (SELECT number FROM person_photo WHERE person_id = %(person_id)s);

-- name: of_person
-- A person's photos in the order of their numbers.
SELECT * FROM person_photo WHERE person_id = %(person_id)s ORDER BY number;

-- name: viewed_photos
-- The photos of a person that a caller has looked at.
SELECT DISTINCT photo_id FROM person_event
WHERE person_id = %(person_id)s AND caller_id = %(caller_id)s AND event = 'photo_viewed';

-- name: whose
-- The person of a photo.
SELECT person_id FROM person_photo WHERE photo_id = %(photo_id)s;

-- name: save_findings
-- What a worker saw, and what that makes of the photo.
UPDATE person_photo SET sealed_reading = %(sealed_reading)s, state = %(state)s, reason = %(reason)s,
    other_photo_id = %(other_photo_id)s, read_at = coalesce(read_at, now())
WHERE photo_id = %(photo_id)s;

-- name: judge
-- What a photo is among the others.
UPDATE person_photo SET state = %(state)s, reason = %(reason)s, other_photo_id = %(other_photo_id)s,
    read_at = coalesce(read_at, now())
WHERE photo_id = %(photo_id)s;

-- name: fail
-- The work on it failed.
UPDATE person_photo SET state = 'refused', reason = %(reason)s, read_at = now()
WHERE photo_id = %(photo_id)s AND state = 'pending';

-- name: remove
-- A photo that was sent by mistake.
DELETE FROM person_photo WHERE photo_id = %(photo_id)s AND person_id = %(person_id)s
RETURNING photo_id, blob_key;

-- name: close
-- The person was decided on, or has ended: nothing that was read stays with the photos.
UPDATE person_photo SET sealed_reading = NULL, digest = NULL,
    reason = CASE state WHEN 'pending' THEN 'not_read' ELSE reason END,
    state = CASE state WHEN 'pending' THEN 'refused' ELSE state END
WHERE person_id = %(person_id)s;

-- name: blobs
-- The sealed files of a person that are still kept.
SELECT blob_key FROM person_photo WHERE person_id = %(person_id)s AND blob_key IS NOT NULL;

-- name: forget_blobs
-- They were deleted.
UPDATE person_photo SET blob_key = NULL WHERE person_id = %(person_id)s AND state <> 'pending';

-- name: decided
-- Who was accepted and whose photos are still kept, since something came between.
SELECT DISTINCT p.person_id FROM person p JOIN person_photo f USING (person_id)
WHERE p.state = 'active' AND f.blob_key IS NOT NULL
LIMIT 100;

-- name: needed_blobs
-- Those of these files that are kept.
SELECT blob_key FROM person_photo WHERE blob_key = ANY (%(keys)s::text[]);

-- name: named_blobs
-- All files that are kept.
SELECT blob_key FROM person_photo WHERE blob_key IS NOT NULL;
