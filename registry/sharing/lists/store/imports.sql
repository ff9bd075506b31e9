-- name: insert
-- A list that begins to be taken in.
INSERT INTO import (organization_id, bank_id, created_by, name, format, assumed)
VALUES (%(organization_id)s, %(bank_id)s, %(created_by)s, %(name)s, %(format)s, %(assumed)s)
RETURNING import_id;

-- name: show
-- One of an organization's.
SELECT i.*, b.name AS bank FROM import i JOIN bank b USING (bank_id)
WHERE i.import_id = %(import_id)s AND i.organization_id = %(organization_id)s;

-- name: lock
-- The same, before it goes on: until the transaction ends nobody else continues it.
SELECT i.*, b.name AS bank FROM import i JOIN bank b USING (bank_id)
WHERE i.import_id = %(import_id)s AND i.organization_id = %(organization_id)s
FOR NO KEY UPDATE OF i;

-- name: advance
-- How far it has come, in the commit that keeps its rows.
UPDATE import SET bytes = %(bytes)s, line = %(line)s, crc32 = %(crc32)s, format = %(format)s, header = %(header)s,
    read = read + %(read)s, added = added + %(added)s, duplicates = duplicates + %(duplicates)s,
    conflicts = conflicts + %(conflicts)s, rejected = rejected + %(rejected)s, changed_at = now()
WHERE import_id = %(import_id)s;

-- name: finish
-- Its end has come.
UPDATE import SET state = 'finished', finished_at = now(), changed_at = now() WHERE import_id = %(import_id)s;

-- name: page
-- An organization's lists, newest first, after a cursor.
SELECT i.*, b.name AS bank FROM import i JOIN bank b USING (bank_id)
WHERE i.organization_id = %(organization_id)s
  AND (%(name)s::text IS NULL OR i.name = %(name)s)
  AND (%(state)s::text IS NULL OR i.state = %(state)s)
  AND (%(after_at)s::timestamptz IS NULL OR (i.created_at, i.import_id) < (%(after_at)s, %(after_id)s::uuid))
ORDER BY i.created_at DESC, i.import_id DESC
LIMIT %(limit)s;

-- name: faults
-- What was wrong with its lines, in their order, after one of them.
SELECT line, code, message, next_step FROM import_fault
WHERE import_id = %(import_id)s AND line > %(after)s
ORDER BY line LIMIT %(limit)s;

-- name: copy_faults
-- Faults in bulk.
COPY import_fault (import_id, line, code, message, next_step) FROM STDIN;
