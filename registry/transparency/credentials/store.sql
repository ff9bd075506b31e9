-- name: standing
-- What stands of an entry, and how many people approve it.
SELECT e.status, e.tier, e.manipulation, e.matchable_at, b.policy, o.organization_id, o.name AS organization,
       (SELECT count(DISTINCT r.caller_id) FROM review r
        WHERE r.entry_id = e.entry_id AND r.superseded_at IS NULL AND r.decision IN ('approve', 'court_order'))
           AS reviewers,
       (SELECT count(DISTINCT r.organization_id) FROM review r
        WHERE r.entry_id = e.entry_id AND r.superseded_at IS NULL AND r.decision IN ('approve', 'court_order'))
           AS organizations
FROM entry e JOIN bank b USING (bank_id) JOIN organization o USING (organization_id)
WHERE e.entry_id = %(entry_id)s;

-- name: media
-- Its media that answer lookups and are trusted as far as it, by their files' digests.
SELECT a.asset_id, ea.role, encode(a.sha256, 'hex') AS sha256
FROM entry_asset ea JOIN asset a USING (asset_id)
WHERE ea.entry_id = %(entry_id)s AND ea.role = 'fake' AND ea.matchable_at IS NOT NULL AND ea.tier <> 'unreviewed'
  AND a.sha256 IS NOT NULL
ORDER BY ea.added_at, ea.asset_id LIMIT 200;

-- name: opening
-- The event by which it first answered lookups, once it has its place.
SELECT l.leaf_index, e.* FROM event e JOIN ledger_leaf l USING (event_id)
WHERE e.entry_id = %(entry_id)s AND e.kind = 'entry.matchable' ORDER BY l.leaf_index LIMIT 1;

-- name: same_place
-- The place of what was asserted before, held for longer.
UPDATE assertion_status SET holds_until = greatest(holds_until, %(until)s)
WHERE entry_id = %(entry_id)s AND said = %(said)s RETURNING status_no;

-- name: new_place
-- A place for what is asserted the first time; where another was quicker, the same.
INSERT INTO assertion_status (entry_id, tier, media, said, holds_until)
VALUES (%(entry_id)s, %(tier)s, %(media)s, %(said)s, %(until)s)
ON CONFLICT (entry_id, said) DO UPDATE SET holds_until = greatest(assertion_status.holds_until, excluded.holds_until)
RETURNING status_no;

-- name: last_place
-- The highest place that was given.
SELECT max(status_no) AS last FROM assertion_status;

-- name: suspended
-- Of a stretch of places those whose entry is disputed, and suspended until that is decided.
SELECT s.status_no FROM assertion_status s JOIN entry e USING (entry_id)
WHERE s.status_no >= %(first)s AND s.status_no < %(end)s AND s.holds_until > now() - interval '1 day'
  AND e.status = 'suspended';

-- name: revoked
-- Of a stretch of places those that stand no longer: the entry is gone or answers no more, it is trusted less than was
-- said, or a medium that was named is none of its fakes any more, or trusted less.
SELECT s.status_no FROM assertion_status s LEFT JOIN entry e USING (entry_id)
WHERE s.status_no >= %(first)s AND s.status_no < %(end)s AND s.holds_until > now() - interval '1 day'
  AND (e.entry_id IS NULL OR e.status NOT IN ('matchable', 'suspended') OR lower_tier(e.tier, s.tier) <> s.tier
       OR EXISTS (SELECT FROM unnest(s.media) AS named (asset_id) WHERE NOT EXISTS (
           SELECT FROM entry_asset ea WHERE ea.entry_id = s.entry_id AND ea.asset_id = named.asset_id
             AND ea.role = 'fake' AND ea.matchable_at IS NOT NULL AND ea.tier <> 'unreviewed')));

-- name: delete_expired_places
-- Places of which nobody asks any more: what was said there ended long ago.
DELETE FROM assertion_status WHERE holds_until < now() - interval '30 days';
