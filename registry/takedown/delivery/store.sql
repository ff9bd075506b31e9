-- name: add
-- Insert deliveries: of notices that have just moved to sent, or of retractions.
INSERT INTO notice_delivery (delivery_id, notice_id, organization_id, move_no, platform, channel, address, language,
                             token, sealed, content_sha256, kind, created_by)
SELECT g.delivery_id, g.notice_id, %(organization_id)s, g.move_no, g.platform, g.channel, g.address, g.language,
       g.token, g.sealed, g.digest, %(kind)s, %(caller_id)s
FROM unnest(%(delivery_ids)s::uuid[], %(notice_ids)s::uuid[], %(move_nos)s::integer[], %(platforms)s::text[],
            %(channels)s::text[], %(addresses)s::text[], %(languages)s::text[], %(tokens)s::text[], %(sealed)s::bytea[],
            %(digests)s::bytea[])
    AS g (delivery_id, notice_id, move_no, platform, channel, address, language, token, sealed, digest);

-- name: due
-- Deliveries by workers that are due and have no open job.
SELECT d.delivery_id FROM notice_delivery d
WHERE d.channel <> 'paper' AND d.status IN ('waiting', 'sending', 'handing') AND d.next_at <= now()
  AND NOT EXISTS (SELECT FROM job j WHERE j.task = 'deliver_notice' AND j.subject_id = d.delivery_id
                    AND j.status IN ('queued', 'running'))
ORDER BY d.next_at, d.delivery_id LIMIT %(limit)s;

-- name: retractions_due
-- Notices that have to be retracted: closed because a dispute was upheld, received by the platform, not retracted yet.
SELECT n.notice_id FROM notice n JOIN notice_move m ON m.notice_id = n.notice_id AND m.move_no = n.move_no
WHERE n.campaign_id = %(campaign_id)s AND n.state = 'closed' AND m.reason_code = 'dispute_upheld'
  AND EXISTS (SELECT FROM notice_delivery d WHERE d.notice_id = n.notice_id AND d.kind = 'notice'
                AND d.status IN ('handing', 'handed_over', 'unsure'))
  AND NOT EXISTS (SELECT FROM notice_delivery r WHERE r.notice_id = n.notice_id AND r.kind = 'retraction'
                    AND r.move_no = n.move_no)
ORDER BY n.created_at, n.notice_id LIMIT %(limit)s;

-- name: owner_of
-- The organization and the notice of a delivery.
SELECT organization_id, notice_id FROM notice_delivery WHERE delivery_id = %(delivery_id)s;

-- name: lock
-- Lock a delivery. Its notice must be locked before.
SELECT d.*, n.regime, n.state, n.campaign_id, n.entry_id, c.client_id,
       NOT EXISTS (SELECT FROM notice_delivery o WHERE o.notice_id = d.notice_id AND o.move_no > d.move_no) AS latest
FROM notice_delivery d JOIN notice n USING (notice_id) JOIN campaign c USING (campaign_id)
WHERE d.delivery_id = %(delivery_id)s FOR UPDATE OF d;

-- name: lock_platform
-- Attempts to one platform are counted one after another.
SELECT pg_advisory_xact_lock(hashtextextended('notices to ' || %(platform)s, 0));

-- name: free_at
-- When the hourly limit allows the next attempt. No row: now.
SELECT a.at + interval '1 hour' AS at FROM notice_attempt a
WHERE a.platform = %(platform)s AND a.at > clock_timestamp() - interval '1 hour'
ORDER BY a.at DESC OFFSET %(per_hour)s - 1 LIMIT 1;

-- name: postpone
-- Postpone a delivery without an attempt.
UPDATE notice_delivery SET status = 'waiting', outcome = %(outcome)s,
    next_at = coalesce(%(until)s::timestamptz, now() + make_interval(secs => %(seconds)s))
WHERE delivery_id = %(delivery_id)s;

-- name: begin
-- Count an attempt before it is made, so that an attempt that kills its worker is counted too.
WITH counted AS (
    UPDATE notice_delivery SET status = 'sending', attempts = attempts + 1, tries = tries + 1,
        next_at = now() + interval '1 minute'
    WHERE delivery_id = %(delivery_id)s RETURNING delivery_id, attempts
)
INSERT INTO notice_attempt (delivery_id, attempt_no, platform)
SELECT delivery_id, attempts, %(platform)s FROM counted RETURNING attempt_no;

-- name: mark_handing
-- From this commit on, the content may have been transmitted.
UPDATE notice_delivery SET status = 'handing'
WHERE delivery_id = %(delivery_id)s AND attempts = %(attempt_no)s AND status = 'sending' RETURNING delivery_id;

-- name: end
-- Store the result of an attempt. Acceptance by a platform's API is delivery; a mail server only takes the message over.
-- An acceptance also ends the state unsure.
WITH ended AS (
    UPDATE notice_attempt SET ended_at = clock_timestamp(), outcome = %(outcome)s, response_code = %(code)s
    WHERE delivery_id = %(delivery_id)s AND attempt_no = %(attempt_no)s AND ended_at IS NULL
)
UPDATE notice_delivery SET status = %(status)s, outcome = %(outcome)s, response_code = %(code)s,
    next_at = now() + make_interval(secs => %(delay)s),
    handed_at = CASE %(status)s WHEN 'handed_over' THEN t.at END,
    delivered_at = CASE WHEN %(status)s = 'handed_over' AND channel = 'api' THEN t.at END
FROM (SELECT clock_timestamp() AS at) t
WHERE delivery_id = %(delivery_id)s AND attempts = %(attempt_no)s
  AND (status IN ('sending', 'handing') OR (status = 'unsure' AND decided_at IS NULL AND %(status)s = 'handed_over'))
RETURNING notice_delivery.handed_at;

-- name: set_final_status
-- Set the final status of a delivery without an attempt.
UPDATE notice_delivery SET status = %(status)s, outcome = %(outcome)s WHERE delivery_id = %(delivery_id)s;

-- name: decide
-- Store a person's decision on a delivery.
UPDATE notice_delivery SET status = %(status)s, channel = %(channel)s, handed_at = %(handed_at)s, next_at = now(),
    proof_sha256 = %(proof)s, tries = 0, decided_by = %(caller_id)s, decided_at = now()
WHERE delivery_id = %(delivery_id)s;

-- name: receive
-- Store a person's receipt of the delivery.
UPDATE notice_delivery SET delivered_at = %(at)s, receipt_sha256 = %(receipt)s, receipt_by = %(caller_id)s
WHERE delivery_id = %(delivery_id)s;

-- name: set_due
-- Store the end of the term.
UPDATE notice SET due_at = greatest(%(due_at)s::timestamptz, sent_at) WHERE notice_id = %(notice_id)s;

-- name: plan
-- Plan alarms, each once.
INSERT INTO notice_alarm (delivery_id, kind, step, notice_id, organization_id, platform, planned_at, due_at)
SELECT d.delivery_id, g.kind, g.step, d.notice_id, d.organization_id, d.platform, g.planned_at, %(due_at)s
FROM unnest(%(kinds)s::text[], %(steps)s::integer[], %(planned)s::timestamptz[]) AS g (kind, step, planned_at)
JOIN notice_delivery d ON d.delivery_id = %(delivery_id)s
ON CONFLICT DO NOTHING;

-- name: now
-- The time of the database's clock.
SELECT clock_timestamp() AS now;

-- name: page
-- A campaign's deliveries, oldest first.
SELECT d.*, n.regime, n.state, n.campaign_id, c.client_id, k.name AS decider, r.name AS receipt_giver
FROM notice_delivery d JOIN notice n USING (notice_id) JOIN campaign c USING (campaign_id)
LEFT JOIN caller k ON k.caller_id = d.decided_by
LEFT JOIN caller r ON r.caller_id = d.receipt_by
WHERE d.organization_id = %(organization_id)s AND n.campaign_id = %(campaign_id)s
  AND (%(status)s::text IS NULL OR d.status = %(status)s)
  AND (%(channel)s::text IS NULL OR d.channel = %(channel)s)
  AND (%(notice_id)s::uuid IS NULL OR d.notice_id = %(notice_id)s)
  AND (%(at)s::timestamptz IS NULL OR (d.created_at, d.delivery_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY d.created_at, d.delivery_id LIMIT %(limit)s;

-- name: find
-- A delivery of an organization.
SELECT d.*, n.regime, n.state, n.campaign_id, c.client_id, k.name AS decider, r.name AS receipt_giver
FROM notice_delivery d JOIN notice n USING (notice_id) JOIN campaign c USING (campaign_id)
LEFT JOIN caller k ON k.caller_id = d.decided_by
LEFT JOIN caller r ON r.caller_id = d.receipt_by
WHERE d.delivery_id = %(delivery_id)s AND d.organization_id = %(organization_id)s;

-- name: of_notice
-- A notice's deliveries, oldest first.
SELECT * FROM notice_delivery WHERE notice_id = %(notice_id)s ORDER BY move_no;

-- name: attempts
-- Its attempts, oldest first.
SELECT attempt_no, at, ended_at, outcome, response_code FROM notice_attempt
WHERE delivery_id = %(delivery_id)s ORDER BY attempt_no;
