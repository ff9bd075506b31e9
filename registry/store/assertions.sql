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
SELECT ea.role, encode(a.sha256, 'hex') AS sha256
FROM entry_asset ea JOIN asset a USING (asset_id)
WHERE ea.entry_id = %(entry_id)s AND ea.role = 'fake' AND ea.matchable_at IS NOT NULL AND ea.tier <> 'unreviewed'
  AND a.sha256 IS NOT NULL
ORDER BY ea.added_at, ea.asset_id LIMIT 200;

-- name: opening
-- The event by which it first answered lookups, once it has its place.
SELECT l.leaf_index, e.* FROM event e JOIN ledger_leaf l USING (event_id)
WHERE e.entry_id = %(entry_id)s AND e.kind = 'entry.matchable' ORDER BY l.leaf_index LIMIT 1;
