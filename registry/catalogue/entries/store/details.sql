-- name: replace
-- What is said of an entry, in place of what was.
INSERT INTO entry_detail (entry_id, key_id, sealed, changed_by)
VALUES (%(entry_id)s, %(key_id)s, %(sealed)s, %(changed_by)s)
ON CONFLICT (entry_id) DO UPDATE
SET key_id = excluded.key_id, sealed = excluded.sealed, changed_by = excluded.changed_by, changed_at = now(),
    erased_at = NULL;

-- name: of_entry
-- What is said of an entry.
SELECT key_id, sealed FROM entry_detail WHERE entry_id = %(entry_id)s;

-- name: of_entries
-- What is said of several entries.
SELECT entry_id, key_id, sealed FROM entry_detail
WHERE entry_id = ANY (%(entry_ids)s) AND sealed IS NOT NULL;

-- name: erase
-- Nothing is said any more: the key is destroyed.
UPDATE entry_detail SET key_id = NULL, sealed = NULL, erased_at = now()
WHERE entry_id = %(entry_id)s AND sealed IS NOT NULL
RETURNING true AS erased;

-- name: change
-- Another title, claim, language, references; null leaves what was.
UPDATE entry
SET title = coalesce(%(title)s, title),
    claim = CASE WHEN %(set_claim)s THEN %(claim)s ELSE claim END,
    language = CASE WHEN %(set_language)s THEN %(language)s ELSE language END,
    entry_references = coalesce(%(references)s, entry_references)
WHERE entry_id = %(entry_id)s;

-- name: join
-- Make an entry a variant of another, or of none; its own variants become that one's.
UPDATE entry SET variant_of = %(variant_of)s
WHERE entry_id = %(entry_id)s OR (%(variant_of)s::uuid IS NOT NULL AND variant_of = %(entry_id)s);

-- name: root
-- The entry that an entry is a variant of, else itself.
SELECT coalesce(variant_of, entry_id) AS root FROM entry WHERE entry_id = %(entry_id)s;

-- name: lock_joins
-- Whoever joins entries takes turns.
SELECT pg_advisory_xact_lock(1718706541);

-- name: lock
-- Whoever changes what is said of an entry takes turns.
SELECT entry_id FROM entry WHERE entry_id = %(entry_id)s FOR NO KEY UPDATE;

-- name: of_organization
-- What is said of an organization's entries, some at a time.
SELECT d.entry_id, d.key_id
FROM bank b JOIN entry e USING (bank_id) JOIN entry_detail d USING (entry_id)
WHERE b.organization_id = %(organization_id)s AND d.sealed IS NOT NULL
LIMIT %(limit)s;

-- name: variants
-- The entries that are variants of the same one, that one among them, as far as the organization may see them; private
-- cases only with `cases`.
SELECT e.entry_id, e.title, e.language, e.status, b.name AS bank
FROM entry e JOIN bank b USING (bank_id)
WHERE (e.variant_of = %(root)s OR e.entry_id = %(root)s) AND e.entry_id <> %(entry_id)s
  AND (b.organization_id = %(organization_id)s OR (answers_to(b, %(organization_id)s) AND e.status = 'matchable'))
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id))
ORDER BY e.entry_id <> %(root)s, e.created_at
LIMIT 200;
