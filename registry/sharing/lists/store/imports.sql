-- name: insert
-- Insert a new import.
INSERT INTO import (organization_id, bank_id, created_by, name, format, assumed)
VALUES (%(organization_id)s, %(bank_id)s, %(created_by)s, %(name)s, %(format)s, %(assumed)s)
RETURNING import_id;

-- name: find
-- An import of an organization.
SELECT i.*, i.line AS lines, b.name AS bank FROM import i JOIN bank b USING (bank_id)
WHERE i.import_id = %(import_id)s AND i.organization_id = %(organization_id)s;

-- name: lock
-- Lock an import until the transaction ends, so that nobody else continues it.
SELECT i.*, i.line AS lines, b.name AS bank FROM import i JOIN bank b USING (bank_id)
WHERE i.import_id = %(import_id)s AND i.organization_id = %(organization_id)s
FOR NO KEY UPDATE OF i;

-- name: advance
-- Store the position reached, in the commit that stores the rows.
UPDATE import SET bytes = %(bytes)s, line = %(line)s, crc32 = %(crc32)s, format = %(format)s, header = %(header)s,
    read = read + %(read)s, added = added + %(added)s, duplicates = duplicates + %(duplicates)s,
    conflicts = conflicts + %(conflicts)s, rejected = rejected + %(rejected)s, changed_at = now()
WHERE import_id = %(import_id)s;

-- name: finish
-- Mark an import as finished.
UPDATE import SET state = 'finished', finished_at = now(), changed_at = now() WHERE import_id = %(import_id)s;

-- name: page
-- An organization's imports, newest first, after a cursor.
SELECT i.*, i.line AS lines, b.name AS bank FROM import i JOIN bank b USING (bank_id)
WHERE i.organization_id = %(organization_id)s
  AND (%(name)s::text IS NULL OR i.name = %(name)s)
  AND (%(state)s::text IS NULL OR i.state = %(state)s)
  AND (%(after_at)s::timestamptz IS NULL OR (i.created_at, i.import_id) < (%(after_at)s, %(after_id)s::uuid))
ORDER BY i.created_at DESC, i.import_id DESC
LIMIT %(limit)s;

-- name: faults
-- Faults of an import's lines, in order, after a line.
SELECT line, code, message, next_step FROM import_fault
WHERE import_id = %(import_id)s AND line > %(after)s
ORDER BY line LIMIT %(limit)s;

-- name: copy_faults
-- Insert faults.
COPY import_fault (import_id, line, code, message, next_step) FROM STDIN;
