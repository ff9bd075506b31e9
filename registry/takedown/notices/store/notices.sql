-- name: add
-- Add notices as drafts, each with its first move. A place that the campaign has already is skipped.
WITH given AS (
    SELECT * FROM unnest(%(notice_ids)s::uuid[], %(entry_ids)s::uuid[], %(regimes)s::text[], %(platforms)s::text[],
                         %(sealed)s::bytea[], %(digests)s::bytea[], %(marks)s::text[])
        AS g (notice_id, entry_id, regime, platform, place_sealed, place_digest, marks)
), made AS (
    INSERT INTO notice (notice_id, organization_id, campaign_id, entry_id, regime, platform, place_sealed,
                        place_digest, address_marks, created_by)
    SELECT g.notice_id, %(organization_id)s, %(campaign_id)s, g.entry_id, g.regime, g.platform, g.place_sealed,
           g.place_digest, string_to_array(g.marks, ','), %(caller_id)s
    FROM given g
    ON CONFLICT (campaign_id, regime, place_digest) DO NOTHING
    RETURNING notice_id
), moved AS (
    INSERT INTO notice_move (notice_id, move_no, act, to_state, caller_id, reason_code)
    SELECT notice_id, 1, 'add', 'draft', %(caller_id)s, 'added' FROM made
)
SELECT notice_id FROM made;

-- name: same_place
-- Notices of a campaign by regime and digest of the place.
SELECT n.notice_id, n.regime, n.place_digest FROM notice n
JOIN unnest(%(regimes)s::text[], %(digests)s::bytea[]) AS g (regime, place_digest) USING (regime, place_digest)
WHERE n.campaign_id = %(campaign_id)s;

-- name: unchecked
-- Notices of a campaign whose places no lookup has checked.
SELECT notice_id FROM notice
WHERE notice_id = ANY (%(notice_ids)s) AND campaign_id = %(campaign_id)s AND checked_at IS NULL;

-- name: lock_clients
-- Lock the clients of notices. All locks are taken in the order client, campaign, entry, notice.
SELECT k.client_id FROM client k WHERE k.client_id IN (
    SELECT c.client_id FROM notice n JOIN campaign c USING (campaign_id)
    WHERE n.notice_id = ANY (%(notice_ids)s) AND n.organization_id = %(organization_id)s)
ORDER BY k.client_id FOR SHARE;

-- name: lock_campaigns
-- Lock the campaigns of notices.
SELECT c.campaign_id FROM campaign c WHERE c.campaign_id IN (
    SELECT n.campaign_id FROM notice n WHERE n.notice_id = ANY (%(notice_ids)s) AND n.organization_id = %(organization_id)s)
ORDER BY c.campaign_id FOR SHARE;

-- name: lock_entries
-- Lock the entries of notices. A withdrawal locks the entry before its notices too.
SELECT e.entry_id FROM entry e WHERE e.entry_id IN (
    SELECT n.entry_id FROM notice n WHERE n.notice_id = ANY (%(notice_ids)s) AND n.organization_id = %(organization_id)s)
ORDER BY e.entry_id FOR SHARE;

-- name: lock
-- Lock notices of an organization, in the order of their ids.
SELECT n.*, c.client_id FROM notice n JOIN campaign c USING (campaign_id)
WHERE n.notice_id = ANY (%(notice_ids)s) AND n.organization_id = %(organization_id)s
ORDER BY n.notice_id FOR NO KEY UPDATE OF n;

-- name: chosen
-- Notices of a campaign by id, or by state and regime.
SELECT notice_id FROM notice
WHERE campaign_id = %(campaign_id)s
  AND (%(notice_ids)s::uuid[] IS NULL OR notice_id = ANY (%(notice_ids)s::uuid[]))
  AND (%(states)s::text[] IS NULL OR state = ANY (%(states)s::text[]))
  AND (%(regime)s::text IS NULL OR regime = %(regime)s)
ORDER BY created_at, notice_id LIMIT %(limit)s;

-- name: full
-- Notices with the data that their letters are written from, in the order of their ids.
SELECT n.*, notice_stands(n) AS stands, l.handed_over_at, l.delivered_at, c.client_id, c.language,
       c.sealed AS campaign_sealed, c.signatory_sealed, k.sealed AS client_sealed, e.title AS entry_title,
       e.tier AS entry_tier, (SELECT p.name FROM caller p WHERE p.caller_id = n.despite_dispute_by) AS despite_dispute_by_name
FROM notice n JOIN campaign c USING (campaign_id) JOIN client k USING (client_id) JOIN entry e USING (entry_id)
LEFT JOIN LATERAL (SELECT d.handed_at AS handed_over_at, d.delivered_at FROM notice_delivery d
                   WHERE d.notice_id = n.notice_id AND d.kind = 'notice' ORDER BY d.move_no DESC LIMIT 1) l ON true
WHERE n.notice_id = ANY (%(notice_ids)s) AND n.organization_id = %(organization_id)s
ORDER BY n.notice_id;

-- name: facts
-- The facts that decide whether notices may be sent (registry.takedown.notices.model.notice.Facts), in the order of their ids.
SELECT n.notice_id, clock_timestamp() AS now, n.state, n.paused_for, c.state = 'open' AS campaign_open,
       k.erased_at IS NOT NULL AS client_erased, e.status AS entry_status,
       answers_to(b, n.organization_id) AS entry_seen, e.tier AS entry_tier, b.kind = 'negative' AS entry_harmless,
       m.valid_from, m.valid_until, m.revoked_at IS NOT NULL AS revoked, c.signatory_sealed IS NOT NULL AS signed,
       n.complete, notice_verdict(n) AS verdict, n.ground, n.address_marks <> '{}' AS address_marked,
       n.address_confirmed_by IS NOT NULL AS address_confirmed, n.asset_id IS NOT NULL AS matched,
       (SELECT a.tier FROM entry_asset a WHERE a.entry_id = n.entry_id AND a.asset_id = n.asset_id AND a.role = 'fake'
          AND a.matchable_at IS NOT NULL) AS medium_tier,
       EXISTS (SELECT FROM dispute d WHERE d.entry_id = n.entry_id AND (
                   (d.outcome IS NULL AND d.accepted_at IS NOT NULL)
                   OR (d.outcome = 'upheld' AND d.closed_at >= coalesce(n.confirmed_at, '-infinity'))))
           AS dispute_accepted,
       EXISTS (SELECT FROM dispute d WHERE d.entry_id = n.entry_id AND d.outcome IS NULL AND d.accepted_at IS NULL
                 AND d.opened_at >= coalesce(n.despite_dispute_at, '-infinity')) AS disputed,
       n.in_scope, n.excepted
FROM notice n JOIN campaign c USING (campaign_id) JOIN client k USING (client_id) JOIN mandate m USING (mandate_id)
JOIN entry e ON e.entry_id = n.entry_id JOIN bank b ON b.bank_id = e.bank_id
WHERE n.notice_id = ANY (%(notice_ids)s)
ORDER BY n.notice_id;

-- name: hindrances
-- Hindrances by the database's own rule, which applies at the move to sent.
SELECT notice_hindrances(%(notice_id)s) AS codes;

-- name: move
-- Move locked notices.
SELECT moved AS notice_id FROM move_notices(%(notice_ids)s, %(act)s, %(after)s, %(reason_code)s, %(caller_id)s,
    %(pause)s, %(dispute_id)s, %(words)s, %(due)s) AS moved;

-- name: moves
-- A notice's history, oldest first.
SELECT m.move_no, m.act, m.from_state, m.to_state, m.caller_id, c.name AS caller, m.reason_code, m.dispute_id, m.sealed,
       m.at
FROM notice_move m LEFT JOIN caller c USING (caller_id)
WHERE m.notice_id = %(notice_id)s ORDER BY m.move_no;

-- name: page
-- Notices of a campaign, oldest first.
SELECT n.*, notice_stands(n) AS stands, l.handed_over_at, l.delivered_at, c.client_id
FROM notice n JOIN campaign c USING (campaign_id)
LEFT JOIN LATERAL (SELECT d.handed_at AS handed_over_at, d.delivered_at FROM notice_delivery d
                   WHERE d.notice_id = n.notice_id AND d.kind = 'notice' ORDER BY d.move_no DESC LIMIT 1) l ON true
WHERE n.campaign_id = %(campaign_id)s
  AND (%(state)s::text IS NULL OR notice_stands(n) = %(state)s)
  AND (%(platform)s::text IS NULL OR n.platform = %(platform)s)
  AND (%(regime)s::text IS NULL OR n.regime = %(regime)s)
  AND (%(at)s::timestamptz IS NULL OR (n.created_at, n.notice_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY n.created_at, n.notice_id LIMIT %(limit)s;

-- name: page_due
-- Notices of a campaign whose term runs or has passed, the earliest term first.
SELECT n.*, notice_stands(n) AS stands, l.handed_over_at, l.delivered_at, c.client_id
FROM notice n JOIN campaign c USING (campaign_id)
LEFT JOIN LATERAL (SELECT d.handed_at AS handed_over_at, d.delivered_at FROM notice_delivery d
                   WHERE d.notice_id = n.notice_id AND d.kind = 'notice' ORDER BY d.move_no DESC LIMIT 1) l ON true
WHERE n.campaign_id = %(campaign_id)s AND n.due_at IS NOT NULL AND n.state IN ('sent', 'acknowledged', 'expired')
  AND (%(state)s::text IS NULL OR notice_stands(n) = %(state)s)
  AND (%(platform)s::text IS NULL OR n.platform = %(platform)s)
  AND (%(regime)s::text IS NULL OR n.regime = %(regime)s)
  AND (%(at)s::timestamptz IS NULL OR (n.due_at, n.notice_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY n.due_at, n.notice_id LIMIT %(limit)s;

-- name: set_matches
-- Store the results of lookups. An earlier confirmation stays if it is still possible and the same medium was found.
UPDATE notice n SET
    verdict = g.verdict, asset_id = g.asset_id, match = g.match, checked_at = now(),
    ground = CASE WHEN g.stands THEN n.ground END,
    confirmed_by = CASE WHEN g.stands THEN n.confirmed_by END,
    confirmed_at = CASE WHEN g.stands THEN n.confirmed_at END
FROM unnest(%(notice_ids)s::uuid[], %(verdicts)s::text[], %(assets)s::uuid[], %(matches)s::jsonb[], %(stand)s::boolean[])
    AS g (notice_id, verdict, asset_id, match, stands)
WHERE n.notice_id = g.notice_id;

-- name: confirm
-- A person confirms the ground.
UPDATE notice SET ground = %(ground)s, confirmed_by = %(caller_id)s, confirmed_at = clock_timestamp()
WHERE notice_id = ANY (%(notice_ids)s);

-- name: confirm_addresses
-- A person confirms the addresses.
UPDATE notice SET address_confirmed_by = %(caller_id)s, address_confirmed_at = clock_timestamp()
WHERE notice_id = ANY (%(notice_ids)s) AND address_marks <> '{}';

-- name: go_on_despite_dispute
-- A person continues although the entry is disputed.
UPDATE notice SET despite_dispute_by = %(caller_id)s, despite_dispute_at = clock_timestamp()
WHERE notice_id = ANY (%(notice_ids)s);

-- name: open_disputes
-- The disputes of entries that nobody has accepted or rejected yet.
SELECT d.entry_id, d.dispute_id FROM dispute d
WHERE d.entry_id = ANY (%(entry_ids)s) AND d.outcome IS NULL AND d.accepted_at IS NULL ORDER BY d.opened_at, d.dispute_id;

-- name: answer
-- Store answers to a regime's questions.
UPDATE notice SET answers = %(answers)s, in_scope = %(in_scope)s, excepted = %(excepted)s,
                  answered_by = CASE WHEN %(in_scope)s::boolean IS NOT NULL THEN %(caller_id)s::uuid END,
                  answered_at = CASE WHEN %(in_scope)s::boolean IS NOT NULL THEN now() END
WHERE notice_id = ANY (%(notice_ids)s);

-- name: set_complete
-- Store whether notices have all elements, and the regime version that was checked.
UPDATE notice n SET complete = g.complete, regime_version = g.version
FROM unnest(%(notice_ids)s::uuid[], %(complete)s::boolean[], %(versions)s::text[]) AS g (notice_id, complete, version)
WHERE n.notice_id = g.notice_id;

-- name: set_elements
-- Replace a notice's own elements.
UPDATE notice SET elements_sealed = %(sealed)s, complete = false WHERE notice_id = %(notice_id)s;

-- name: replace_place
-- Give a reopened notice another place, with the result of the lookup there.
UPDATE notice SET platform = %(platform)s, place_sealed = %(sealed)s, place_digest = %(digest)s, verdict = %(verdict)s,
                  asset_id = %(asset_id)s, match = %(match)s, checked_at = now(), complete = false,
                  address_marks = CASE place_digest WHEN %(digest)s THEN address_marks ELSE %(marks)s::text[] END,
                  address_confirmed_by = CASE place_digest WHEN %(digest)s THEN address_confirmed_by END,
                  address_confirmed_at = CASE place_digest WHEN %(digest)s THEN address_confirmed_at END
WHERE notice_id = %(notice_id)s;

-- name: was_searched
-- Whether a lookup searched the entry: the entry was matchable then, and its bank was included.
SELECT (l.bank_id IS NULL OR l.bank_id = e.bank_id) AND l.created_at >= coalesce(e.matchable_at, 'infinity') AS asked
FROM lookup l, entry e WHERE l.lookup_id = %(lookup_id)s AND e.entry_id = %(entry_id)s;

-- name: dispute_of
-- An organization's open dispute of an entry, else its last one.
SELECT dispute_id, state, outcome FROM dispute
WHERE entry_id = %(entry_id)s AND organization_id = %(organization_id)s
ORDER BY outcome IS NULL DESC, opened_at DESC LIMIT 1;
