-- name: lock_campaign
-- Recurrences of one campaign are handled one after another.
SELECT pg_advisory_xact_lock(hashtextextended('returns of ' || %(campaign_id)s::text, 0));

-- name: list_removed_notices
-- Notices of a campaign that the platform had acted on, the latest first.
SELECT notice_id, entry_id, regime, state, place_digest, removed_at FROM notice
WHERE campaign_id = %(campaign_id)s AND platform = %(platform)s AND entry_id = ANY (%(entry_ids)s::uuid[])
  AND removed_at IS NOT NULL
ORDER BY removed_at DESC, notice_id LIMIT 1000;

-- name: at_place
-- Notices of a campaign about a place.
SELECT notice_id, regime, state FROM notice WHERE campaign_id = %(campaign_id)s AND place_digest = %(digest)s
ORDER BY notice_id;

-- name: find_by_lookup
-- The recurrence of a campaign that used a lookup's verdict on an entry as its proof.
SELECT recurrence_id, outcome, notice_id, place_digest FROM recurrence
WHERE campaign_id = %(campaign_id)s AND entry_id = %(entry_id)s AND lookup_id = %(lookup_id)s AND verdict = %(verdict)s
  AND place_digest = %(digest)s;

-- name: add
-- Insert a recurrence. No row if the proof was used already, or if a person has to decide on that place.
INSERT INTO recurrence (organization_id, campaign_id, entry_id, lookup_id, asked_by, via, platform, sealed,
                           place_digest, verdict, match, seen_time, outcome, why, first_id, notice_id, decided_by, decided_at)
SELECT c.organization_id, c.campaign_id, %(entry_id)s, %(lookup_id)s, %(asked_by)s, %(via)s, %(platform)s, %(sealed)s,
       %(digest)s, %(verdict)s, %(match)s, %(seen_time)s, %(outcome)s, %(why)s, %(first_id)s, %(notice_id)s,
       %(caller_id)s, CASE WHEN %(caller_id)s::uuid IS NOT NULL THEN clock_timestamp() END
FROM campaign c WHERE c.campaign_id = %(campaign_id)s
ON CONFLICT DO NOTHING
RETURNING recurrence_id;

-- name: settle
-- Decide the proposals about a place, and a dismissed proof that is accepted after all.
UPDATE recurrence SET outcome = %(outcome)s, notice_id = %(notice_id)s, decided_by = %(caller_id)s,
    decided_at = CASE WHEN %(caller_id)s::uuid IS NOT NULL THEN clock_timestamp() END
WHERE campaign_id = %(campaign_id)s AND entry_id = %(entry_id)s AND place_digest = %(digest)s
  AND (outcome = 'proposed' OR (outcome = 'dismissed' AND lookup_id = %(lookup_id)s AND %(notice_id)s::uuid IS NOT NULL));

-- name: page
-- Recurrences of a campaign, the newest first.
SELECT r.* FROM recurrence r
WHERE r.campaign_id = %(campaign_id)s AND (%(outcome)s::text IS NULL OR r.outcome = %(outcome)s)
  AND (%(at)s::timestamptz IS NULL OR (r.created_at, r.recurrence_id) < (%(at)s, %(before_id)s::uuid))
ORDER BY r.created_at DESC, r.recurrence_id DESC LIMIT %(limit)s;

-- name: count_proposed
-- Count the recurrences on which a person has to decide.
SELECT count(*)::integer AS number FROM recurrence WHERE campaign_id = %(campaign_id)s AND outcome = 'proposed';

-- name: find
-- A recurrence of a campaign.
SELECT r.* FROM recurrence r
WHERE r.campaign_id = %(campaign_id)s AND r.recurrence_id = %(recurrence_id)s;
