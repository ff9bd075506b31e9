-- name: due
-- Deliveries with due alarms, by the database's clock. Alarms of paused notices are left out.
SELECT a.delivery_id, a.notice_id, a.organization_id FROM notice_alarm a JOIN notice n USING (notice_id)
WHERE a.raised_at IS NULL AND a.dropped_at IS NULL AND a.planned_at < clock_timestamp()
  AND (n.paused_for = '{}' OR n.state NOT IN ('sent', 'acknowledged'))
ORDER BY a.planned_at, a.delivery_id LIMIT %(limit)s;

-- name: lock_due
-- Lock due alarms and decide their fate. drop: a reminder after the term, or an alarm of a notice that was answered or
-- sent again. wait: the notice is paused. late: the answer came after the term, before the alarm was raised.
SELECT a.*, n.state, n.paused_for, n.campaign_id, n.entry_id,
       CASE WHEN a.kind <> 'reminder' AND (
                SELECT m.act IN ('remove', 'refuse') AND m.at > a.due_at
                FROM notice_delivery d JOIN notice_move m ON m.notice_id = d.notice_id AND m.move_no > d.move_no
                WHERE d.delivery_id = a.delivery_id AND m.act NOT IN ('acknowledge', 'resume')
                ORDER BY m.move_no LIMIT 1) THEN 'late'
            WHEN n.state NOT IN ('sent', 'acknowledged')
              OR EXISTS (SELECT FROM notice_delivery o JOIN notice_delivery d ON d.delivery_id = a.delivery_id
                         WHERE o.notice_id = a.notice_id AND o.move_no > d.move_no)
              OR (a.kind = 'reminder' AND a.due_at < clock_timestamp()) THEN 'drop'
            WHEN n.paused_for <> '{}' THEN 'wait'
            ELSE 'raise' END AS fate
FROM notice_alarm a JOIN notice n USING (notice_id)
WHERE a.delivery_id = ANY (%(delivery_ids)s) AND a.raised_at IS NULL AND a.dropped_at IS NULL
  AND a.planned_at < clock_timestamp()
ORDER BY a.delivery_id, a.kind, a.step FOR UPDATE OF a;

-- name: mark_settled
-- Mark alarms as raised or dropped, once.
UPDATE notice_alarm a SET
    raised_at = CASE %(fate)s WHEN 'raise' THEN clock_timestamp() END,
    dropped_at = CASE %(fate)s WHEN 'drop' THEN clock_timestamp() END
FROM unnest(%(delivery_ids)s::uuid[], %(kinds)s::text[], %(steps)s::integer[]) AS g (delivery_id, kind, step)
WHERE a.delivery_id = g.delivery_id AND a.kind = g.kind AND a.step = g.step
  AND a.raised_at IS NULL AND a.dropped_at IS NULL;

-- name: breaches
-- Terms that passed without an answer, the latest first.
SELECT a.notice_id, a.delivery_id, a.kind, a.platform, a.due_at, a.raised_at, d.handed_at, d.channel, d.address,
       n.campaign_id, n.entry_id, n.regime, notice_stands(n) AS state, n.removed_at
FROM notice_alarm a JOIN notice_delivery d USING (delivery_id) JOIN notice n ON n.notice_id = a.notice_id
WHERE a.organization_id = %(organization_id)s AND a.kind <> 'reminder' AND a.raised_at IS NOT NULL
  AND (%(campaign_id)s::uuid IS NULL OR n.campaign_id = %(campaign_id)s)
  AND (%(platform)s::text IS NULL OR a.platform = %(platform)s)
  AND (%(since)s::timestamptz IS NULL OR a.raised_at >= %(since)s)
ORDER BY a.raised_at DESC, a.delivery_id LIMIT %(limit)s;

-- name: by_platform
-- Notices and their results by platform.
SELECT d.platform, count(*) FILTER (WHERE d.status = 'handed_over')::integer AS handed_over,
       count(*) FILTER (WHERE d.status NOT IN ('handed_over', 'stopped'))::integer AS not_handed_over,
       count(*) FILTER (WHERE n.state = 'removed')::integer AS removed,
       count(a.delivery_id) FILTER (WHERE a.kind = 'breach')::integer AS breaches,
       count(a.delivery_id) FILTER (WHERE a.kind = 'overdue')::integer AS overdue
FROM notice_delivery d JOIN notice n USING (notice_id)
LEFT JOIN notice_alarm a ON a.delivery_id = d.delivery_id AND a.kind <> 'reminder' AND a.raised_at IS NOT NULL
WHERE d.organization_id = %(organization_id)s AND d.kind = 'notice'
  AND (%(campaign_id)s::uuid IS NULL OR n.campaign_id = %(campaign_id)s)
  AND (%(since)s::timestamptz IS NULL OR d.created_at >= %(since)s)
GROUP BY d.platform ORDER BY breaches DESC, overdue DESC, d.platform LIMIT 1000;

-- name: of_notice
-- A notice's alarms.
SELECT delivery_id, kind, step, planned_at, due_at, raised_at, dropped_at FROM notice_alarm
WHERE notice_id = %(notice_id)s ORDER BY planned_at, kind;
