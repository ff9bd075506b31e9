-- name: standing
-- Status, tier and owner of an entry, and the number of people who approve it.
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
-- The entry's fakes that match and have its tier, by SHA-256.
SELECT a.asset_id, ea.role, encode(a.sha256, 'hex') AS sha256
FROM entry_asset ea JOIN asset a USING (asset_id)
WHERE ea.entry_id = %(entry_id)s AND ea.role = 'fake' AND ea.matchable_at IS NOT NULL AND ea.tier <> 'unreviewed'
  AND a.sha256 IS NOT NULL
ORDER BY ea.added_at, ea.asset_id LIMIT 200;

-- name: opening
-- The event that made the entry matchable, once it is in the ledger.
SELECT l.leaf_index, e.* FROM event e JOIN ledger_leaf l USING (event_id)
WHERE e.entry_id = %(entry_id)s AND e.kind = 'entry.matchable' ORDER BY l.leaf_index LIMIT 1;

-- name: same_place
-- The status number of an equal assertion, kept for longer.
UPDATE assertion_status SET holds_until = greatest(holds_until, %(until)s)
WHERE entry_id = %(entry_id)s AND said = %(said)s RETURNING status_no;

-- name: new_place
-- A new status number. If another process was faster, that number.
INSERT INTO assertion_status (entry_id, tier, media, said, holds_until)
VALUES (%(entry_id)s, %(tier)s, %(media)s, %(said)s, %(until)s)
ON CONFLICT (entry_id, said) DO UPDATE SET holds_until = greatest(assertion_status.holds_until, excluded.holds_until)
RETURNING status_no;

-- name: last_place
-- The highest status number in use.
SELECT max(status_no) AS last FROM assertion_status;

-- name: suspended
-- Status numbers in a range whose entry is disputed and suspended until the decision.
SELECT s.status_no FROM assertion_status s JOIN entry e USING (entry_id)
WHERE s.status_no >= %(first)s AND s.status_no < %(end)s AND s.holds_until > now() - interval '1 day'
  AND e.status = 'suspended';

-- name: revoked
-- Status numbers in a range that are no longer valid: the entry is gone or does not match, its tier is lower than
-- asserted, or an asserted medium is no longer one of its fakes, or has a lower tier.
SELECT s.status_no FROM assertion_status s LEFT JOIN entry e USING (entry_id)
WHERE s.status_no >= %(first)s AND s.status_no < %(end)s AND s.holds_until > now() - interval '1 day'
  AND (e.entry_id IS NULL OR e.status NOT IN ('matchable', 'suspended') OR lower_tier(e.tier, s.tier) <> s.tier
       OR EXISTS (SELECT FROM unnest(s.media) AS named (asset_id) WHERE NOT EXISTS (
           SELECT FROM entry_asset ea WHERE ea.entry_id = s.entry_id AND ea.asset_id = named.asset_id
             AND ea.role = 'fake' AND ea.matchable_at IS NOT NULL AND ea.tier <> 'unreviewed')));

-- name: delete_expired_places
-- Delete status numbers whose assertions have expired.
DELETE FROM assertion_status WHERE holds_until < now() - interval '30 days';
