-- name: removed
-- Notices of a campaign at a platform that it had acted on, the latest first.
SELECT notice_id, entry_id, regime, state, place_digest, removed_at FROM notice
WHERE campaign_id = %(campaign_id)s AND platform = %(platform)s AND entry_id = ANY (%(entry_ids)s::uuid[])
  AND removed_at IS NOT NULL AND state IN ('removed', 'closed')
ORDER BY removed_at DESC, notice_id LIMIT 1000;

-- name: at_place
-- The campaign's notices of a place.
SELECT notice_id, regime, state FROM notice WHERE campaign_id = %(campaign_id)s AND place_digest = %(digest)s
ORDER BY notice_id;
