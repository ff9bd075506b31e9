-- name: photo_blobs
-- The sealed files of a person's photos.
SELECT blob_key FROM person_photo WHERE person_id = %(person_id)s AND blob_key IS NOT NULL;

-- name: forget_photos
-- The photos of a person, and what was found in them.
DELETE FROM person_photo WHERE person_id = %(person_id)s RETURNING photo_id;

-- name: forget_matches
-- Lookups in which the person was found; their answers never held it.
DELETE FROM face_match WHERE person_id = %(person_id)s;

-- name: forget_links
-- Registered media in which the person was found.
DELETE FROM asset_person WHERE person_id = %(person_id)s;

-- name: unerased
-- Which of these persons are not erased.
SELECT person_id FROM person WHERE person_id = ANY(%(person_ids)s) AND state <> 'erased';

-- name: erased_of
-- Which of these persons are erased.
SELECT person_id FROM person WHERE person_id = ANY(%(person_ids)s) AND state = 'erased';

-- name: forget_matches_outside
-- What lookups found of persons whose newest consent covers lookups no longer.
DELETE FROM face_match m USING person p
WHERE m.person_id = p.person_id AND p.state = 'active' AND NOT 'lookups' = ANY (p.scope);

-- name: forget_links_outside
-- Likewise of registered media.
DELETE FROM asset_person a USING person p
WHERE a.person_id = p.person_id AND p.state = 'active' AND NOT 'entries' = ANY (p.scope);

-- name: remains
-- Persons erased of whom rows are left.
SELECT p.person_id FROM person p
WHERE p.state = 'erased' AND (
    EXISTS (SELECT FROM person_photo f WHERE f.person_id = p.person_id)
    OR EXISTS (SELECT FROM face_match m WHERE m.person_id = p.person_id)
    OR EXISTS (SELECT FROM asset_person a WHERE a.person_id = p.person_id))
LIMIT %(limit)s;
