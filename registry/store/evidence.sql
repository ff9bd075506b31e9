-- name: as_of_now
-- All that follows in the transaction is read as it is at one moment.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- name: moves
-- The moves of notices, each notice's oldest first.
SELECT m.notice_id, m.move_no, m.act, m.from_state, m.to_state, m.caller_id, c.name AS caller, m.reason_code,
       m.dispute_id, m.sealed, m.at
FROM notice_move m LEFT JOIN caller c USING (caller_id)
WHERE m.notice_id = ANY (%(notice_ids)s) ORDER BY m.notice_id, m.move_no;

-- name: deliveries
-- Their deliveries, oldest first, still sealed.
SELECT d.*, n.regime, n.campaign_id FROM notice_delivery d JOIN notice n USING (notice_id)
WHERE d.notice_id = ANY (%(notice_ids)s) ORDER BY d.notice_id, d.move_no;

-- name: attempts
-- The attempts of these, oldest first.
SELECT a.delivery_id, a.attempt_no, a.at, a.ended_at, a.outcome, a.response_code
FROM notice_attempt a JOIN notice_delivery d USING (delivery_id)
WHERE d.notice_id = ANY (%(notice_ids)s) ORDER BY a.delivery_id, a.attempt_no;

-- name: replies
-- What came back to them, oldest first, still sealed.
SELECT r.* FROM notice_reply r
WHERE r.notice_id = ANY (%(notice_ids)s) AND r.organization_id = %(organization_id)s
ORDER BY r.notice_id, r.created_at, r.reply_id;
