-- name: named
-- Notices of an organization that a message names, each once, with the most certain identifier.
SELECT DISTINCT ON (n.notice_id) n.notice_id, c.client_id, f.named_by FROM (
    SELECT notice_id, 'message_id' AS named_by, 1 AS place FROM notice_delivery
    WHERE organization_id = %(organization_id)s AND delivery_id = ANY (%(deliveries)s::uuid[])
    UNION ALL
    SELECT notice_id, 'token', 2 FROM notice_delivery
    WHERE organization_id = %(organization_id)s AND token = ANY (%(tokens)s::text[])
    UNION ALL
    SELECT notice_id, 'reference', 3 FROM notice WHERE notice_id = ANY (%(notices)s::uuid[]) AND sent_at IS NOT NULL
) f JOIN notice n USING (notice_id) JOIN campaign c USING (campaign_id)
WHERE n.organization_id = %(organization_id)s
ORDER BY n.notice_id, f.place LIMIT 101;

-- name: add
-- Insert a reply. No row if it is stored already.
INSERT INTO notice_reply (reply_id, organization_id, digest, source, state, notice_id, matched_by, candidates, automatic,
                          key_id, sealed, said_at, created_by)
VALUES (%(reply_id)s, %(organization_id)s, %(digest)s, %(source)s,
        CASE WHEN %(notice_id)s::uuid IS NULL THEN 'unmatched' ELSE 'matched' END, %(notice_id)s, %(matched_by)s,
        %(candidates)s, %(automatic)s, %(key_id)s, %(sealed)s, %(said_at)s, %(caller_id)s)
ON CONFLICT (organization_id, digest) DO NOTHING
RETURNING reply_id;

-- name: find
-- The notice that a reply answers now.
SELECT source, notice_id FROM notice_reply WHERE reply_id = %(reply_id)s AND organization_id = %(organization_id)s;

-- name: lock
-- A reply of an organization.
SELECT r.*, s.accepted_at FROM notice_reply r LEFT JOIN notice_statement s USING (reply_id)
WHERE r.reply_id = %(reply_id)s AND r.organization_id = %(organization_id)s FOR UPDATE OF r;

-- name: match
-- Match a reply with the notice that a person chose.
UPDATE notice_reply SET state = 'matched', notice_id = %(notice_id)s, matched_by = 'person', key_id = %(key_id)s,
    sealed = %(sealed)s, decided_by = %(caller_id)s, decided_at = now()
WHERE reply_id = %(reply_id)s;

-- name: dismiss
-- Dismiss a reply.
UPDATE notice_reply SET state = 'dismissed', notice_id = NULL, matched_by = NULL, sealed = NULL, candidates = '{}',
    decided_by = %(caller_id)s, decided_at = now()
WHERE reply_id = %(reply_id)s;

-- name: page
-- Replies, newest first.
SELECT r.*, s.accepted_at FROM notice_reply r LEFT JOIN notice_statement s USING (reply_id)
WHERE r.organization_id = %(organization_id)s
  AND (%(state)s::text IS NULL OR r.state = %(state)s)
  AND (%(notice_id)s::uuid IS NULL OR r.notice_id = %(notice_id)s)
  AND (%(at)s::timestamptz IS NULL OR (r.created_at, r.reply_id) < (%(at)s, %(after_id)s::uuid))
ORDER BY r.created_at DESC, r.reply_id DESC LIMIT %(limit)s;

-- name: unmatched
-- The organization's unmatched replies: how many, up to a limit, and since when the oldest waits.
SELECT count(*)::integer AS count, min(created_at) AS oldest
FROM (SELECT created_at FROM notice_reply WHERE organization_id = %(organization_id)s AND state = 'unmatched'
      ORDER BY created_at LIMIT %(limit)s) w;

-- name: of_closed
-- Closed organizations with replies under a key of their own.
SELECT DISTINCT o.organization_id FROM organization o JOIN notice_reply r USING (organization_id)
WHERE o.closed_at IS NOT NULL AND r.key_id = o.organization_id AND r.state = 'unmatched' LIMIT 20;

-- name: delete_unmatched
-- Delete content that is not encrypted under a client's key.
UPDATE notice_reply SET state = 'dismissed', sealed = NULL, candidates = '{}'
WHERE organization_id = %(organization_id)s AND key_id = organization_id AND state = 'unmatched';

-- name: waiting
-- Unmatched replies under an organization's own key, with the clients of their candidates.
SELECT r.reply_id, r.sealed,
       ARRAY(SELECT DISTINCT c.client_id FROM notice n JOIN campaign c USING (campaign_id)
             WHERE n.notice_id = ANY (r.candidates)) AS clients
FROM notice_reply r
WHERE r.organization_id = %(organization_id)s AND r.key_id = r.organization_id AND r.state = 'unmatched'
  AND r.reply_id > %(after)s ORDER BY r.reply_id LIMIT %(limit)s;

-- name: delete_content
-- Delete the content of these replies.
UPDATE notice_reply SET state = 'dismissed', sealed = NULL, candidates = '{}'
WHERE reply_id = ANY (%(reply_ids)s) AND organization_id = %(organization_id)s AND state = 'unmatched';
