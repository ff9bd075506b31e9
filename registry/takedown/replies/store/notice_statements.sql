-- name: lock_number
-- Statements with one number are imported one after another.
SELECT pg_advisory_xact_lock(hashtextextended(encode(%(puid_digest)s::bytea, 'hex'), 33));

-- name: same_number
-- The statement with that number, of this platform or of an unknown one.
SELECT s.*, r.notice_id, r.state FROM notice_statement s JOIN notice_reply r USING (reply_id)
WHERE s.organization_id = %(organization_id)s AND s.puid_digest = %(puid_digest)s
  AND (s.platform IS NULL OR %(platform)s::text IS NULL OR s.platform = %(platform)s)
ORDER BY s.platform IS NULL, s.created_at LIMIT 1;

-- name: add
-- Insert a statement.
INSERT INTO notice_statement (reply_id, organization_id, platform, puid_digest, content_digest, outcome, ground, category,
                              keywords, source_type, automated_detection, automated_decision, applied_on)
VALUES (%(reply_id)s, %(organization_id)s, %(platform)s, %(puid_digest)s, %(content_digest)s, %(outcome)s, %(ground)s,
        %(category)s, %(keywords)s, %(source_type)s, %(automated_detection)s, %(automated_decision)s, %(applied_on)s);

-- name: clients
-- Clients for whom notices were sent.
SELECT DISTINCT c.client_id FROM notice n JOIN campaign c USING (campaign_id)
WHERE n.organization_id = %(organization_id)s AND n.sent_at IS NOT NULL ORDER BY c.client_id LIMIT 10000;

-- name: at_places
-- Sent notices about these places.
SELECT n.notice_id, c.client_id FROM notice n JOIN campaign c USING (campaign_id)
WHERE n.organization_id = %(organization_id)s AND n.sent_at IS NOT NULL AND n.place_digest = ANY (%(digests)s::bytea[])
ORDER BY n.notice_id LIMIT 101;

-- name: platforms
-- The platforms of notices.
SELECT notice_id, platform FROM notice WHERE notice_id = ANY (%(notice_ids)s);

-- name: accept
-- Record that a person accepted the statement.
UPDATE notice_statement SET accepted_by = %(caller_id)s, accepted_at = clock_timestamp()
WHERE reply_id = %(reply_id)s AND accepted_at IS NULL;

-- name: of_notice
-- Statements about a notice, oldest first.
SELECT r.*, s.accepted_at FROM notice_statement s JOIN notice_reply r USING (reply_id)
WHERE r.notice_id = %(notice_id)s ORDER BY r.created_at, r.reply_id LIMIT 100;

-- name: counts
-- Count statements about a campaign's notices by decision and automation.
SELECT s.outcome, s.automated_decision, count(*)::integer AS statements
FROM notice n JOIN notice_reply r USING (notice_id) JOIN notice_statement s USING (reply_id)
WHERE n.campaign_id = %(campaign_id)s GROUP BY s.outcome, s.automated_decision ORDER BY s.outcome, s.automated_decision;

-- name: media
-- How the fakes of notices were made, and the kinds of their media.
SELECT n.notice_id, e.manipulation, coalesce(k.kinds, '{}') AS kinds
FROM notice n JOIN entry e USING (entry_id)
LEFT JOIN LATERAL (SELECT array_agg(DISTINCT a.kind ORDER BY a.kind) AS kinds FROM entry_asset ea JOIN asset a USING (asset_id)
                   WHERE ea.entry_id = n.entry_id AND ea.role = 'fake' AND a.kind IS NOT NULL) k ON true
WHERE n.notice_id = ANY (%(notice_ids)s);
