-- name: insert
-- A new entry, not yet matchable.
INSERT INTO entry (bank_id, title, claim, language, manipulation, entry_references, created_by)
VALUES (%(bank_id)s, %(title)s, %(claim)s, %(language)s, %(manipulation)s, %(references)s, %(created_by)s)
RETURNING entry_id;

-- name: link
-- Say that an asset belongs to an entry; true where that is new.
INSERT INTO entry_asset (entry_id, asset_id, role, batch, added_by)
VALUES (%(entry_id)s, %(asset_id)s, %(role)s, %(batch)s, %(added_by)s)
ON CONFLICT DO NOTHING
RETURNING true AS linked;

-- name: join_batch
-- A medium that is given again and has not opened yet brings those that wait with it into the new batch.
UPDATE entry_asset SET batch = %(batch)s
WHERE entry_id = %(entry_id)s AND matchable_at IS NULL AND batch IN (
    SELECT batch FROM entry_asset
    WHERE entry_id = %(entry_id)s AND asset_id = %(asset_id)s AND role = %(role)s AND matchable_at IS NULL);

-- name: roles
-- As what an entry holds a file.
SELECT ea.role FROM entry_asset ea JOIN asset a USING (asset_id)
WHERE ea.entry_id = %(entry_id)s AND a.sha256 = %(sha256)s;

-- name: of_fakes
-- The oldest entry of a bank that holds all of these files as fakes. A private case is an entry of its own: nobody's file
-- joins it.
SELECT e.entry_id
FROM entry e JOIN entry_asset ea USING (entry_id) JOIN asset a USING (asset_id)
WHERE e.bank_id = %(bank_id)s AND ea.role = 'fake' AND a.sha256 = ANY(%(sha256)s)
  AND e.status <> 'withdrawn'
  AND NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id)
GROUP BY e.entry_id, e.created_at
HAVING count(*) = (SELECT count(DISTINCT one) FROM unnest(%(sha256)s) AS one)
ORDER BY e.created_at, e.entry_id
LIMIT 1;

-- name: lock_registrations
-- Registrations into one bank take turns, so that the same file twice at once is one asset and one entry.
SELECT pg_advisory_xact_lock(hashtextextended(%(bank_id)s::text, 0));

-- name: elsewhere
-- Entries, other than this one, that hold any of these files as a fake: the caller's own, and those that it sees; private
-- cases only with `cases`.
SELECT e.entry_id, a.asset_id, encode(a.sha256, 'hex') AS sha256, e.title, b.name AS bank
FROM asset a JOIN entry_asset ea USING (asset_id) JOIN entry e USING (entry_id)
JOIN bank b ON b.bank_id = e.bank_id
WHERE a.sha256 = ANY(%(sha256)s) AND ea.role = 'fake' AND e.entry_id <> %(entry_id)s
  AND ((b.organization_id = %(organization_id)s AND e.status <> 'withdrawn')
       OR (answers_to(b, %(organization_id)s) AND e.status = 'matchable' AND ea.matchable_at IS NOT NULL))
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id))
ORDER BY b.organization_id = %(organization_id)s DESC, e.created_at
LIMIT 20;

-- name: owned_by
-- Those of these entries that are of an organization's own banks; private cases only with `cases`.
SELECT e.entry_id FROM entry e JOIN bank b USING (bank_id)
WHERE e.entry_id = ANY (%(entry_ids)s) AND b.organization_id = %(organization_id)s
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id));

-- name: lock_of_files
-- Lock an entry and all that share these files with it. Everybody locks entries in this order, then assets,
-- then the job: of two that finish at once, the second sees both, and none waits for the other in a ring.
SELECT e.entry_id FROM entry e
WHERE e.entry_id = ANY (ARRAY(
    SELECT %(entry_id)s::uuid UNION SELECT ea.entry_id FROM entry_asset ea JOIN asset a USING (asset_id)
    WHERE a.bank_id = %(bank_id)s AND a.sha256 = ANY(%(sha256)s)))
ORDER BY e.entry_id FOR NO KEY UPDATE OF e;

-- name: lock_of_asset
-- Lock the entries of one asset, before it changes.
SELECT e.entry_id FROM entry e
WHERE e.entry_id IN (SELECT entry_id FROM entry_asset WHERE asset_id = %(asset_id)s)
ORDER BY e.entry_id FOR NO KEY UPDATE OF e;

-- name: lock_entry
-- Lock an entry and all that share a medium with it.
SELECT e.entry_id FROM entry e
WHERE e.entry_id = ANY (ARRAY(
    SELECT %(entry_id)s::uuid
    UNION SELECT other.entry_id FROM entry_asset mine JOIN entry_asset other USING (asset_id)
    WHERE mine.entry_id = %(entry_id)s))
ORDER BY e.entry_id FOR NO KEY UPDATE OF e;

-- name: settle
-- Open, in this commit, every batch of the asset's entries (locked by the caller) whose media are all
-- fingerprinted by now; an entry becomes matchable with its first batch that holds a fake.
WITH batches AS (
    SELECT ea.entry_id, ea.batch, e.status,
           bool_or(ea.role = 'fake') AS fakes, bool_and(a.status = 'fingerprinted') AS complete
    FROM entry e JOIN entry_asset ea USING (entry_id) JOIN asset a USING (asset_id)
    WHERE e.entry_id IN (SELECT entry_id FROM entry_asset WHERE asset_id = %(asset_id)s)
      AND e.status <> 'withdrawn'
    GROUP BY ea.entry_id, ea.batch, e.status
    HAVING bool_or(ea.matchable_at IS NULL)
), ready AS (
    SELECT entry_id FROM batches WHERE complete
    GROUP BY entry_id, status
    HAVING status IN ('matchable', 'suspended') OR bool_or(fakes)
), media AS (
    UPDATE entry_asset ea SET matchable_at = now()
    FROM batches b JOIN ready r USING (entry_id)
    WHERE b.complete AND ea.entry_id = b.entry_id AND ea.batch = b.batch AND ea.matchable_at IS NULL
    RETURNING ea.entry_id
), opened AS (
    UPDATE entry e SET status = 'matchable', matchable_at = now(), error_code = NULL, error_message = NULL
    FROM ready r WHERE e.entry_id = r.entry_id AND e.status IN ('pending', 'failed')
    RETURNING e.entry_id
)
SELECT o.entry_id, b.organization_id FROM opened o JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
ORDER BY o.entry_id;

-- name: fail
-- An asset cannot be fingerprinted: its entries that answer nothing yet have failed, with the reason.
WITH failed AS (
    UPDATE entry e SET status = 'failed', error_code = %(code)s, error_message = %(message)s
    FROM entry_asset ea JOIN asset a USING (asset_id)
    WHERE ea.entry_id = e.entry_id AND ea.asset_id = %(asset_id)s AND a.status = 'failed'
      AND e.status IN ('pending', 'failed')
    RETURNING e.entry_id, e.bank_id
)
SELECT f.entry_id, b.organization_id FROM failed f JOIN bank b USING (bank_id) ORDER BY f.entry_id;

-- name: reopen
-- The failed entries of an asset that is tried again wait again, unless another medium of theirs has failed.
UPDATE entry e SET status = 'pending', error_code = NULL, error_message = NULL
WHERE e.entry_id IN (SELECT entry_id FROM entry_asset WHERE asset_id = %(asset_id)s)
  AND e.status = 'failed'
  AND NOT EXISTS (
    SELECT FROM entry_asset ea JOIN asset a USING (asset_id)
    WHERE ea.entry_id = e.entry_id AND a.status = 'failed');

-- name: get
-- One entry: of the caller's own in any state, of another's bank that it sees while it is matchable.
SELECT e.entry_id, b.name AS bank, e.title, e.claim, e.language, e.manipulation, e.variant_of,
       e.tier, e.original_tier, e.status,
       EXISTS (
           SELECT FROM entry_asset ea WHERE ea.entry_id = e.entry_id AND NOT coalesce(
               (SELECT bool_and(g.recomputed) FROM asset_algorithm g WHERE g.asset_id = ea.asset_id), false)
       ) AS unverified,
       CASE WHEN e.error_code IS NOT NULL THEN
           jsonb_build_object('code', e.error_code, 'message', e.error_message) END AS error,
       e.entry_references AS references, e.created_at,
       e.matchable_at, b.organization_id = %(organization_id)s AS own, e.bank_id, o.name AS organization,
       EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id) AS private_case
FROM entry e JOIN bank b USING (bank_id) JOIN organization o USING (organization_id)
WHERE e.entry_id = %(entry_id)s
  AND (b.organization_id = %(organization_id)s OR (answers_to(b, %(organization_id)s) AND e.status = 'matchable'));

-- name: public
-- One entry that answers as a known fake, whoever asks, with the policy of its bank: `get` without a caller.
SELECT e.entry_id, e.title, e.claim, e.language, e.manipulation, e.tier, e.original_tier, e.status,
       e.entry_references AS references, e.created_at, e.matchable_at, b.policy, o.name AS organization
FROM entry e JOIN bank b USING (bank_id) JOIN organization o USING (organization_id)
WHERE e.entry_id = %(entry_id)s AND e.status = 'matchable' AND b.kind = 'fakes';

-- name: visible
-- Those of some entries that `get` would return.
SELECT e.entry_id FROM entry e JOIN bank b USING (bank_id)
WHERE e.entry_id = ANY (%(entry_ids)s)
  AND (b.organization_id = %(organization_id)s OR (answers_to(b, %(organization_id)s) AND e.status = 'matchable'));

-- name: list
-- Entries of the caller's own banks, or of another's that it may list, those that answer. Private cases only with `cases`.
-- Of each bank the first are read by an index, then the first of all banks. An order follows: `newest`, `oldest` or `title`.
WITH listed AS MATERIALIZED (
    SELECT b.bank_id, b.name, b.organization_id = %(organization_id)s AS own FROM bank b
    WHERE (b.organization_id = %(organization_id)s OR (%(listed)s AND answers_to(b, %(organization_id)s)))
      AND (%(bank_id)s::uuid IS NULL OR b.bank_id = %(bank_id)s)
)
SELECT e.entry_id, b.name AS bank, e.title, e.claim, e.language, e.manipulation, e.variant_of,
       e.tier, e.original_tier, e.status,
       EXISTS (
           SELECT FROM entry_asset ea WHERE ea.entry_id = e.entry_id AND NOT coalesce(
               (SELECT bool_and(g.recomputed) FROM asset_algorithm g WHERE g.asset_id = ea.asset_id), false)
       ) AS unverified,
       CASE WHEN e.error_code IS NOT NULL THEN
           jsonb_build_object('code', e.error_code, 'message', e.error_message) END AS error,
       e.entry_references AS references, e.created_at,
       e.matchable_at
FROM listed b CROSS JOIN LATERAL (
    SELECT e.* FROM entry e
    WHERE e.bank_id = b.bank_id AND (b.own OR e.status = 'matchable')
      AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id))
      AND (%(status)s::text IS NULL OR e.status = %(status)s)
      AND (%(tier)s::text IS NULL OR e.tier = %(tier)s)
      AND (%(since)s::timestamptz IS NULL OR e.created_at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR e.created_at < %(until)s)
      AND (%(words)s::text[] IS NULL OR NOT EXISTS (
          SELECT FROM unnest(%(words)s::text[]) AS one
          WHERE strpos(lower(concat_ws(' ', e.title, e.claim)), lower(one)) = 0))
      AND (NOT %(detailed)s OR EXISTS (
          SELECT FROM entry_detail d WHERE d.entry_id = e.entry_id AND d.sealed IS NOT NULL))
      AND (%(person_id)s::uuid IS NULL OR EXISTS (
          SELECT FROM entry_asset ea JOIN asset_person s USING (asset_id) JOIN person p USING (person_id)
          WHERE ea.entry_id = e.entry_id AND s.person_id = %(person_id)s
            AND p.organization_id = %(organization_id)s AND p.state = 'active' AND p.expires_at > now()
            AND 'entries' = ANY (p.scope)));

-- name: newest
-- The end of `list`: newest first, after a cursor.
      AND (%(after_at)s::timestamptz IS NULL OR (e.created_at, e.entry_id) < (%(after_at)s, %(after_id)s::uuid))
    ORDER BY e.created_at DESC, e.entry_id DESC LIMIT %(limit)s) e
ORDER BY e.created_at DESC, e.entry_id DESC
LIMIT %(limit)s;

-- name: oldest
-- The end of `list`: oldest first, after a cursor.
      AND (%(after_at)s::timestamptz IS NULL OR (e.created_at, e.entry_id) > (%(after_at)s, %(after_id)s::uuid))
    ORDER BY e.created_at, e.entry_id LIMIT %(limit)s) e
ORDER BY e.created_at, e.entry_id
LIMIT %(limit)s;

-- name: title
-- The end of `list`: by title, after the entry of the cursor.
      AND (%(after_at)s::timestamptz IS NULL OR (lower(e.title), e.entry_id) > (
          (SELECT lower(last.title) FROM entry last WHERE last.entry_id = %(after_id)s), %(after_id)s::uuid))
    ORDER BY lower(e.title), e.entry_id LIMIT %(limit)s) e
ORDER BY lower(e.title), e.entry_id
LIMIT %(limit)s;

-- name: failed
-- Failed entries of the organization's own banks: how many, up to a limit, and since when the oldest waits. Private cases only
-- with `cases`.
SELECT least(count(*), %(limit)s)::integer AS count, min(w.created_at) AS oldest
FROM bank b CROSS JOIN LATERAL (
    SELECT e.created_at FROM entry e WHERE e.bank_id = b.bank_id AND e.status = 'failed'
      AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id))
    ORDER BY e.created_at LIMIT %(limit)s) w
WHERE b.organization_id = %(organization_id)s;

-- name: weeks
-- Entries registered in the organization's own banks by week. Of each bank the newest, up to a limit.
SELECT (%(mondays)s::date[])[width_bucket(w.created_at, %(starts)s::timestamptz[])] AS week, 'registered' AS of, count(*)::double precision AS value
FROM bank b CROSS JOIN LATERAL (
    SELECT e.created_at FROM entry e WHERE e.bank_id = b.bank_id AND e.created_at >= %(since)s
    ORDER BY e.created_at DESC LIMIT %(limit)s) w
WHERE b.organization_id = %(organization_id)s
GROUP BY 1 ORDER BY 1;

-- name: private_cases
-- Those of these entries that are private cases.
SELECT entry_id FROM private_case WHERE entry_id = ANY (%(entry_ids)s);

-- name: trust_media
-- How far the media of an entry are trusted.
UPDATE entry_asset ea SET tier = t.tier, own_tier = t.own_tier
FROM unnest(%(assets)s::uuid[], %(roles)s::text[], %(tiers)s::text[], %(own_tiers)s::text[])
    AS t (asset_id, role, tier, own_tier)
WHERE ea.entry_id = %(entry_id)s AND ea.asset_id = t.asset_id AND ea.role = t.role
  AND (ea.tier, ea.own_tier) IS DISTINCT FROM (t.tier, t.own_tier);

-- name: trust_entry
-- How far an entry is trusted: as far as the most trusted of its fakes, and of its originals.
UPDATE entry SET tier = %(tier)s, original_tier = %(original_tier)s, own_tier = %(own_tier)s,
    own_original_tier = %(own_original_tier)s
WHERE entry_id = %(entry_id)s
  AND (tier, original_tier, own_tier, own_original_tier)
      IS DISTINCT FROM (%(tier)s, %(original_tier)s, %(own_tier)s, %(own_original_tier)s);

-- name: set_status
-- An entry takes another status.
UPDATE entry SET status = %(status)s, suspended_for = %(suspended_for)s,
    matchable_at = CASE %(status)s::text WHEN 'matchable' THEN coalesce(matchable_at, now()) ELSE matchable_at END
WHERE entry_id = %(entry_id)s;

-- name: make_originals
-- Fakes of an entry that are what it was made from after all: as originals nobody has reviewed them.
INSERT INTO entry_asset (entry_id, asset_id, role, batch, added_at, matchable_at, added_by)
SELECT entry_id, asset_id, 'original', batch, now(), matchable_at, added_by FROM entry_asset
WHERE entry_id = %(entry_id)s AND role = 'fake' AND asset_id = ANY (%(assets)s)
ON CONFLICT DO NOTHING;

-- name: drop_fakes
-- And as fakes they are gone.
DELETE FROM entry_asset WHERE entry_id = %(entry_id)s AND role = 'fake' AND asset_id = ANY (%(assets)s)
RETURNING asset_id;

-- name: lock_of_organization
-- Its entries that are not withdrawn, locked in the order in which everybody locks entries.
SELECT e.entry_id FROM entry e JOIN bank b USING (bank_id)
WHERE b.organization_id = %(organization_id)s AND e.status <> 'withdrawn'
ORDER BY e.entry_id FOR NO KEY UPDATE OF e;

-- name: open_media
-- Media of entries that answer from now on, and had not before.
UPDATE entry_asset ea SET matchable_at = now()
FROM entry e
WHERE ea.entry_id = e.entry_id AND e.entry_id = ANY (%(entries)s) AND e.status = 'matchable' AND ea.matchable_at IS NULL;
