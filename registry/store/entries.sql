-- name: insert
-- A new entry, not yet matchable.
INSERT INTO entry (bank_id, title, claim, manipulation, entry_references, unverified, created_by)
VALUES (%(bank_id)s, %(title)s, %(claim)s, %(manipulation)s, %(references)s, %(unverified)s, %(created_by)s)
RETURNING entry_id;

-- name: link
-- Say that an asset belongs to an entry; true where that is new.
INSERT INTO entry_asset (entry_id, asset_id, role)
VALUES (%(entry_id)s, %(asset_id)s, %(role)s)
ON CONFLICT DO NOTHING
RETURNING true AS linked;

-- name: of_fakes
-- Entries of a bank that hold any of these assets as fakes, oldest first, with how many of them.
SELECT e.entry_id, count(*) AS held
FROM entry e JOIN entry_asset ea USING (entry_id) JOIN asset a USING (asset_id)
WHERE e.bank_id = %(bank_id)s AND ea.role = 'fake' AND a.sha256 = ANY(%(sha256)s)
  AND e.status <> 'withdrawn'
GROUP BY e.entry_id, e.created_at
ORDER BY held DESC, e.created_at
LIMIT 1;

-- name: lock_bank
-- Registrations into one bank take turns, so that the same file twice at once is one asset and one entry.
SELECT pg_advisory_xact_lock(hashtextextended(%(bank_id)s::text, 0));

-- name: elsewhere
-- Visible entries, other than this one, that hold any of these files as a fake.
SELECT e.entry_id, a.asset_id, encode(a.sha256, 'hex') AS sha256, e.title, b.name AS bank
FROM asset a JOIN entry_asset ea USING (asset_id) JOIN entry e USING (entry_id)
JOIN bank b ON b.bank_id = e.bank_id
WHERE a.sha256 = ANY(%(sha256)s) AND ea.role = 'fake' AND e.entry_id <> %(entry_id)s
  AND e.status = 'matchable'
  AND (b.organization_id = %(organization_id)s OR b.visibility = 'public')
ORDER BY e.created_at
LIMIT 20;

-- name: lock_of_asset
-- Lock the entries that wait for an asset, before it changes: of two that finish at once, the second sees both.
SELECT e.entry_id FROM entry e JOIN entry_asset ea USING (entry_id)
WHERE ea.asset_id = %(asset_id)s ORDER BY e.entry_id FOR UPDATE OF e;

-- name: verify
-- An entry all of whose media were recomputed here is no longer made from fingerprints alone.
UPDATE entry e SET unverified = false
FROM entry_asset mine
WHERE mine.asset_id = %(asset_id)s AND e.entry_id = mine.entry_id AND e.unverified
  AND NOT EXISTS (
    SELECT FROM entry_asset ea JOIN asset_algorithm g USING (asset_id)
    WHERE ea.entry_id = e.entry_id AND NOT g.recomputed);

-- name: settle
-- Make matchable, in this commit, every entry of an asset whose media are all fingerprinted by now.
WITH waiting AS (
    SELECT DISTINCT entry_id FROM entry_asset WHERE asset_id = %(asset_id)s
), locked AS MATERIALIZED (
    SELECT e.entry_id, e.status FROM entry e JOIN waiting USING (entry_id)
    ORDER BY e.entry_id FOR UPDATE OF e
), complete AS (
    SELECT l.entry_id FROM locked l
    WHERE (l.status IN ('pending', 'failed') AND NOT EXISTS (
        SELECT FROM entry_asset ea JOIN asset a USING (asset_id)
        WHERE ea.entry_id = l.entry_id AND a.status <> 'fingerprinted'))
), opened AS (
    UPDATE entry e SET status = 'matchable', matchable_at = now(), error_code = NULL, error_message = NULL
    FROM complete c WHERE e.entry_id = c.entry_id
    RETURNING e.entry_id
), first_media AS (
    UPDATE entry_asset ea SET matchable_at = now()
    FROM complete c WHERE ea.entry_id = c.entry_id AND ea.matchable_at IS NULL
    RETURNING ea.entry_id
), later_media AS (
    UPDATE entry_asset ea SET matchable_at = now()
    FROM locked l
    WHERE ea.entry_id = l.entry_id AND ea.asset_id = %(asset_id)s AND ea.matchable_at IS NULL
      AND l.status IN ('matchable', 'suspended')
    RETURNING ea.entry_id
)
SELECT (SELECT count(*) FROM opened) AS entries, (SELECT count(*) FROM first_media) AS media,
       (SELECT count(*) FROM later_media) AS added;

-- name: fail
-- An asset cannot be fingerprinted: its entries that were not matchable yet have failed, with the reason.
UPDATE entry e SET status = 'failed', error_code = %(code)s, error_message = %(message)s
FROM entry_asset ea
WHERE ea.entry_id = e.entry_id AND ea.asset_id = %(asset_id)s AND e.status IN ('pending', 'failed');

-- name: reopen
-- A failed entry is tried again.
UPDATE entry SET status = 'pending', error_code = NULL, error_message = NULL
WHERE entry_id = %(entry_id)s AND status = 'failed'
RETURNING entry_id;

-- name: show
-- One entry: of the caller's own in any state, of a public bank while it is matchable.
SELECT e.entry_id, b.name AS bank, e.title, e.claim, e.manipulation, e.tier, e.original_tier, e.status,
       e.unverified, e.error_code, e.error_message, e.entry_references AS references, e.created_at,
       e.matchable_at, b.organization_id = %(organization_id)s AS own, e.bank_id
FROM entry e JOIN bank b USING (bank_id)
WHERE e.entry_id = %(entry_id)s
  AND (b.organization_id = %(organization_id)s OR (b.visibility = 'public' AND e.status = 'matchable'));

-- name: list
-- Entries of the caller's own banks, newest first, after a cursor.
SELECT e.entry_id, b.name AS bank, e.title, e.claim, e.manipulation, e.tier, e.original_tier, e.status,
       e.unverified, e.error_code, e.error_message, e.entry_references AS references, e.created_at,
       e.matchable_at
FROM entry e JOIN bank b USING (bank_id)
WHERE b.organization_id = %(organization_id)s
  AND (%(bank_id)s::uuid IS NULL OR e.bank_id = %(bank_id)s)
  AND (%(status)s::text IS NULL OR e.status = %(status)s)
  AND (%(after_at)s::timestamptz IS NULL OR (e.created_at, e.entry_id) < (%(after_at)s, %(after_id)s::uuid))
ORDER BY e.created_at DESC, e.entry_id DESC
LIMIT %(limit)s;
