-- name: page
-- Notices of a campaign with their last move, delivery, breach and statement, oldest first.
SELECT n.*, c.client_id, notice_stands(n) AS stands, m.reason_code, m.at AS since, m.sealed AS words_sealed, d.token, d.channel,
       d.handed_at, d.proof_sha256, d.delivered_at, d.receipt_sha256,
       CASE WHEN %(written)s THEN d.sealed END AS written_sealed,
       a.kind AS breach, a.raised_at AS breached_at, s.outcome, s.ground AS statement_ground, s.automated_decision,
       p.contested_at, e.manipulation, coalesce(k.kinds, '{}') AS kinds
FROM notice n JOIN campaign c USING (campaign_id) JOIN entry e USING (entry_id)
JOIN notice_move m ON m.notice_id = n.notice_id AND m.move_no = n.move_no
LEFT JOIN LATERAL (SELECT token, channel, handed_at, proof_sha256, delivered_at, receipt_sha256, sealed
                   FROM notice_delivery d WHERE d.notice_id = n.notice_id AND d.kind = 'notice' ORDER BY d.move_no DESC LIMIT 1) d ON true
LEFT JOIN LATERAL (SELECT kind, raised_at FROM notice_alarm a
                   WHERE a.notice_id = n.notice_id AND a.kind <> 'reminder' AND a.raised_at IS NOT NULL
                   ORDER BY a.raised_at DESC LIMIT 1) a ON true
LEFT JOIN LATERAL (SELECT s.outcome, s.ground, s.automated_decision FROM notice_reply r JOIN notice_statement s USING (reply_id)
                   WHERE r.notice_id = n.notice_id ORDER BY r.created_at DESC, r.reply_id LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT max(c.at) AS contested_at FROM notice_move c
                   WHERE c.notice_id = n.notice_id AND c.act = 'pause' AND c.reason_code = 'counter_notice') p ON true
LEFT JOIN LATERAL (SELECT array_agg(DISTINCT x.kind ORDER BY x.kind) AS kinds FROM entry_asset ea JOIN asset x USING (asset_id)
                   WHERE ea.entry_id = n.entry_id AND ea.role = 'fake' AND x.kind IS NOT NULL) k ON true
WHERE n.campaign_id = %(campaign_id)s
  AND (%(at)s::timestamptz IS NULL OR (n.created_at, n.notice_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY n.created_at, n.notice_id LIMIT %(limit)s;

-- name: statistics
-- Results of letters. A letter runs from its move to `sent` up to the next one of the notice. Its outcome is removed, else
-- refused, else closed, else open. Time starts at the hand-over.
WITH mine AS (
    SELECT n.notice_id, n.platform, n.regime, n.state FROM notice n
    WHERE n.organization_id = %(organization_id)s
      AND (%(campaign_id)s::uuid IS NULL OR n.campaign_id = %(campaign_id)s)
), sending AS (
    SELECT i.notice_id, coalesce(d.platform, i.platform) AS platform, i.regime, m.move_no, m.at AS sent_at, d.delivery_id,
           d.handed_at, d.delivered_at, lead(m.move_no) OVER w AS next_no, lead(m.at) OVER w AS next_at
    FROM mine i JOIN notice_move m ON m.notice_id = i.notice_id AND m.act = 'send'
    LEFT JOIN notice_delivery d ON d.notice_id = m.notice_id AND d.move_no = m.move_no
    WINDOW w AS (PARTITION BY m.notice_id ORDER BY m.move_no)
), fate AS (
    SELECT s.*, f.acknowledged, f.removed_at, f.refused, f.closed, f.reopened, f.contested, b.breached, b.overdue,
           coalesce(b.late, false) AS late, t.statements, t.automated,
           CASE WHEN f.removed_at IS NOT NULL THEN 'removed' WHEN f.refused THEN 'refused' WHEN f.closed THEN 'closed'
                ELSE 'open' END AS outcome
    FROM sending s
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(m.act = 'acknowledge'), false) AS acknowledged,
               min(m.at) FILTER (WHERE m.act = 'remove') AS removed_at,
               coalesce(bool_or(m.act = 'refuse'), false) AS refused,
               coalesce(bool_or(m.act = 'close'), false) AS closed,
               coalesce(bool_or(m.act = 'reopen'), false) AS reopened,
               coalesce(bool_or(m.act = 'pause' AND m.reason_code = 'counter_notice'), false) AS contested
        FROM notice_move m
        WHERE m.notice_id = s.notice_id AND m.move_no > s.move_no AND (s.next_no IS NULL OR m.move_no < s.next_no)) f
    CROSS JOIN LATERAL (
        SELECT bool_or(a.kind = 'breach' AND a.raised_at IS NOT NULL) AS breached,
               bool_or(a.kind = 'overdue' AND a.raised_at IS NOT NULL) AS overdue,
               bool_or(a.raised_at IS NOT NULL) AS late
        FROM notice_alarm a WHERE a.delivery_id = s.delivery_id AND a.kind <> 'reminder') b
    CROSS JOIN LATERAL (
        SELECT count(*) AS statements, count(*) FILTER (WHERE x.automated_decision = 'fully') AS automated
        FROM notice_reply r JOIN notice_statement x USING (reply_id)
        WHERE r.notice_id = s.notice_id AND r.created_at >= s.sent_at
          AND (s.next_at IS NULL OR r.created_at < s.next_at)) t
), counted AS (
    SELECT f.*, CASE %(by)s WHEN 'platform' THEN f.platform WHEN 'regime' THEN f.regime
                    WHEN 'week' THEN to_char(f.sent_at AT TIME ZONE %(zone)s, 'IYYY"-W"IW')
                    WHEN 'month' THEN to_char(f.sent_at AT TIME ZONE %(zone)s, 'YYYY-MM') END AS name,
           CASE WHEN f.outcome = 'removed' AND f.handed_at IS NOT NULL THEN
               extract(epoch FROM greatest(f.removed_at - f.handed_at, interval '0'))::double precision
           END AS seconds
    FROM fate f
), not_prepared AS (
    SELECT CASE %(by)s WHEN 'platform' THEN i.platform WHEN 'regime' THEN i.regime END AS name, count(*)::integer AS not_prepared
    FROM mine i WHERE NOT EXISTS (SELECT FROM sending s WHERE s.notice_id = i.notice_id) GROUP BY 1
), summed AS (
    SELECT name, count(DISTINCT notice_id)::integer AS prepared_notices, count(*)::integer AS prepared,
           count(*) FILTER (WHERE handed_at IS NOT NULL OR acknowledged)::integer AS handed_over,
           count(*) FILTER (WHERE delivered_at IS NOT NULL OR acknowledged)::integer AS delivered,
           count(*) FILTER (WHERE acknowledged)::integer AS acknowledged,
           count(*) FILTER (WHERE outcome = 'removed')::integer AS removed,
           count(*) FILTER (WHERE outcome = 'refused')::integer AS refused,
           count(*) FILTER (WHERE outcome = 'closed')::integer AS closed,
           count(*) FILTER (WHERE outcome = 'open')::integer AS open,
           count(*) FILTER (WHERE outcome = 'open' AND NOT late)::integer AS open_in_time,
           count(*) FILTER (WHERE breached)::integer AS breaches, count(*) FILTER (WHERE overdue)::integer AS overdue,
           count(*) FILTER (WHERE late OR outcome IN ('removed', 'refused'))::integer AS judged,
           count(*) FILTER (WHERE late)::integer AS late,
           count(*) FILTER (WHERE reopened)::integer AS reopened, count(*) FILTER (WHERE contested)::integer AS counter_notices,
           sum(statements)::integer AS statements, sum(automated)::integer AS automated,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median, percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90
    FROM counted GROUP BY name
)
SELECT s.*, coalesce(u.not_prepared, 0) AS not_prepared, coalesce(s.name, u.name) AS name
FROM summed s FULL JOIN not_prepared u ON coalesce(u.name, '') = coalesce(s.name, '')
ORDER BY coalesce(s.name, u.name) NULLS LAST;

-- name: weeks
-- Letters of an organization by the week in which they were prepared, up to a limit, and by their outcome as in `statistics`.
WITH letter AS MATERIALIZED (
    SELECT d.notice_id, d.move_no, (%(mondays)s::date[])[width_bucket(d.created_at, %(starts)s::timestamptz[])] AS week
    FROM notice_delivery d
    WHERE d.organization_id = %(organization_id)s AND d.created_at >= %(since)s AND d.kind = 'notice'
    ORDER BY d.created_at DESC LIMIT %(limit)s
)
SELECT l.week, CASE WHEN f.removed THEN 'removed' WHEN f.refused THEN 'refused' WHEN f.closed THEN 'closed' ELSE 'open' END AS of,
       count(*)::double precision AS value
FROM letter l
CROSS JOIN LATERAL (
    SELECT bool_or(m.act = 'remove') AS removed, bool_or(m.act = 'refuse') AS refused, bool_or(m.act = 'close') AS closed
    FROM notice_move m
    WHERE m.notice_id = l.notice_id AND m.move_no > l.move_no AND NOT EXISTS (
        SELECT FROM notice_move x WHERE x.notice_id = m.notice_id AND x.act = 'send'
          AND x.move_no > l.move_no AND x.move_no <= m.move_no)) f
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: knows_zone
-- Whether a time zone exists.
SELECT name FROM pg_timezone_names WHERE name = %(zone)s;
