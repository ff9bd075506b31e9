-- name: moves
-- The moves of notices, each notice's oldest first.
SELECT m.notice_id, m.move_no, m.act, m.from_state, m.to_state, m.caller_id, c.name AS caller, m.reason_code,
       m.dispute_id, m.sealed, m.at
FROM notice_move m LEFT JOIN caller c USING (caller_id)
WHERE m.notice_id = ANY (%(notice_ids)s) ORDER BY m.notice_id, m.move_no;

-- name: deliveries
-- Deliveries of notices, oldest first, still encrypted.
SELECT d.*, n.regime, n.state, n.campaign_id, c.client_id, k.name AS decider, r.name AS receipt_giver
FROM notice_delivery d JOIN notice n USING (notice_id) JOIN campaign c USING (campaign_id)
LEFT JOIN caller k ON k.caller_id = d.decided_by
LEFT JOIN caller r ON r.caller_id = d.receipt_by
WHERE d.notice_id = ANY (%(notice_ids)s) ORDER BY d.notice_id, d.move_no;

-- name: attempts
-- Attempts of deliveries, oldest first.
SELECT a.delivery_id, a.attempt_no, a.at, a.ended_at, a.outcome, a.response_code
FROM notice_attempt a JOIN notice_delivery d USING (delivery_id)
WHERE d.notice_id = ANY (%(notice_ids)s) ORDER BY a.delivery_id, a.attempt_no;

-- name: replies
-- Replies to notices, oldest first, still encrypted.
SELECT r.*, s.accepted_at FROM notice_reply r LEFT JOIN notice_statement s USING (reply_id)
WHERE r.notice_id = ANY (%(notice_ids)s) AND r.organization_id = %(organization_id)s
ORDER BY r.notice_id, r.created_at, r.reply_id;

-- name: exhibits
-- Exhibits of notices without stored files, oldest first, still encrypted.
SELECT x.exhibit_id, x.notice_id, x.kind, encode(x.sha256, 'hex') AS sha256, x.bytes, x.made_at, x.sealed,
       x.content_sealed IS NOT NULL AS kept, x.added_by, c.name AS caller, x.added_at
FROM notice_exhibit x JOIN caller c ON c.caller_id = x.added_by
WHERE x.notice_id = ANY (%(notice_ids)s) ORDER BY x.notice_id, x.added_at, x.exhibit_id;

-- name: exhibit_content
-- The encrypted file of an exhibit.
SELECT x.content_sealed FROM notice_exhibit x WHERE x.exhibit_id = %(exhibit_id)s;

-- name: add_exhibit
-- Insert an exhibit. No row if the notice has that file already.
INSERT INTO notice_exhibit (exhibit_id, notice_id, kind, sha256, bytes, made_at, sealed, content_sealed, added_by)
VALUES (%(exhibit_id)s, %(notice_id)s, %(kind)s, %(sha256)s, %(bytes)s, %(made_at)s, %(sealed)s, %(content_sealed)s,
        %(caller_id)s)
ON CONFLICT (notice_id, sha256) DO NOTHING
RETURNING exhibit_id;

-- name: count_exhibits
-- The number of a notice's exhibits.
SELECT count(*) AS exhibits FROM notice_exhibit WHERE notice_id = %(notice_id)s;

-- name: stamp
-- The stored time stamp of data.
SELECT response FROM evidence_stamp WHERE digest = %(digest)s;

-- name: save_stamp
-- Store a time stamp, and return the one that was stored first.
WITH made AS (
    INSERT INTO evidence_stamp (digest, organization_id, response, stamped_at)
    VALUES (%(digest)s, %(organization_id)s, %(response)s, %(stamped_at)s)
    ON CONFLICT (digest) DO NOTHING
    RETURNING response
)
SELECT response FROM made
UNION ALL
SELECT response FROM evidence_stamp WHERE digest = %(digest)s
LIMIT 1;

-- name: stored_media
-- The stored media of entries, each once.
SELECT DISTINCT ON (a.asset_id) a.asset_id, ea.entry_id, ea.role, encode(a.sha256, 'hex') AS sha256, a.bytes, a.blob_key
FROM entry_asset ea JOIN asset a USING (asset_id)
WHERE ea.entry_id = ANY (%(entry_ids)s) AND a.blob_key IS NOT NULL
ORDER BY a.asset_id, ea.entry_id, ea.role;

-- name: may_show_minor
-- Whether an answer about any notice of these entries says that they may show a minor sexually.
SELECT EXISTS (SELECT FROM notice n WHERE n.entry_id = ANY (%(entry_ids)s) AND n.answers ->> 'minor' = 'yes') AS found;
