-- name: patience
-- What a bank holds may take longer than a question.
SELECT set_config('statement_timeout', '10min', true);

-- name: lock_entries
-- A bank's entries that are not withdrawn, locked in the order in which everybody locks entries.
SELECT entry_id, (tier = 'court_order' OR own_tier = 'court_order') AS ordered FROM entry
WHERE bank_id = %(bank_id)s AND status <> 'withdrawn'
ORDER BY entry_id FOR NO KEY UPDATE;

-- name: lock_old
-- Entries that are older than their bank keeps them. Those of a court stay, those in dispute until it is decided;
-- those that somebody holds are for the next time.
SELECT e.entry_id, b.organization_id
FROM bank b JOIN entry e USING (bank_id)
WHERE b.policy ? 'entry_retention_days' AND b.closed_at IS NULL
  AND e.created_at < now() - make_interval(secs => 86400 * (b.policy ->> 'entry_retention_days')::float8)
  AND e.status IN ('matchable', 'pending', 'failed') AND e.tier <> 'court_order' AND e.own_tier <> 'court_order'
ORDER BY e.entry_id LIMIT %(limit)s
FOR NO KEY UPDATE OF e SKIP LOCKED;

-- name: fail_media
-- Media of these entries that wait to be fingerprinted wait no longer, where no other entry needs them.
UPDATE asset a SET status = 'failed', error_code = 'entry_withdrawn', error_message = 'The entry was withdrawn.'
WHERE a.status = 'pending'
  AND EXISTS (SELECT FROM entry_asset ea WHERE ea.asset_id = a.asset_id AND ea.entry_id = ANY (%(entry_ids)s))
  AND NOT EXISTS (SELECT FROM entry_asset ea JOIN entry e USING (entry_id)
                  WHERE ea.asset_id = a.asset_id AND e.entry_id <> ALL (%(entry_ids)s) AND e.status <> 'withdrawn')
RETURNING a.asset_id;

-- name: withdraw
-- These entries answer no lookup after the commit.
UPDATE entry SET status = 'withdrawn', suspended_for = NULL WHERE entry_id = ANY (%(entry_ids)s);

-- name: segment_ids
-- The segments of media that are read in parts.
SELECT segment_id FROM segment WHERE asset_id = ANY (%(asset_ids)s);
