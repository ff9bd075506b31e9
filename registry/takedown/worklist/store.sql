-- name: due
-- Notices whose deadline is near or over, the first deadline first. Paused ones wait for nobody.
SELECT n.notice_id AS item_id, n.campaign_id, n.notice_id, c.client_id, c.sealed AS campaign_sealed, e.title, n.platform,
       n.place_sealed, n.due_at AS at, notice_stands(n) AS stands, NULL AS status
FROM notice n JOIN campaign c USING (campaign_id) JOIN entry e USING (entry_id)
WHERE n.organization_id = %(organization_id)s AND n.state IN ('sent', 'acknowledged', 'expired')
  AND n.due_at <= now() + %(near)s AND n.paused_for = '{}'
  AND (%(at)s::timestamptz IS NULL OR (n.due_at, n.notice_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY n.due_at, n.notice_id LIMIT %(limit)s;

-- name: count_due
-- How many these are, up to a limit, and the first deadline.
SELECT count(*)::integer AS count, NULL::timestamptz AS oldest, min(due_at) AS due
FROM (SELECT n.due_at FROM notice n
      WHERE n.organization_id = %(organization_id)s AND n.state IN ('sent', 'acknowledged', 'expired')
        AND n.due_at <= now() + %(near)s AND n.paused_for = '{}'
      ORDER BY n.due_at LIMIT %(limit)s) w;

-- name: letters
-- Letters that a person has to hand over, the oldest first.
SELECT d.delivery_id AS item_id, n.campaign_id, n.notice_id, c.client_id, c.sealed AS campaign_sealed, e.title, d.platform,
       n.place_sealed, d.created_at AS at, notice_stands(n) AS stands, d.status
FROM notice_delivery d JOIN notice n USING (notice_id) JOIN campaign c USING (campaign_id) JOIN entry e USING (entry_id)
WHERE d.organization_id = %(organization_id)s AND d.channel = 'paper' AND d.status = 'waiting'
  AND (%(at)s::timestamptz IS NULL OR (d.created_at, d.delivery_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY d.created_at, d.delivery_id LIMIT %(limit)s;

-- name: count_letters
-- How many these are, up to a limit, and since when the oldest waits.
SELECT count(*)::integer AS count, min(created_at) AS oldest
FROM (SELECT d.created_at FROM notice_delivery d
      WHERE d.organization_id = %(organization_id)s AND d.channel = 'paper' AND d.status = 'waiting'
      ORDER BY d.created_at LIMIT %(limit)s) w;

-- name: unsent
-- Letters that could not be sent, or perhaps were, the oldest first.
SELECT d.delivery_id AS item_id, n.campaign_id, n.notice_id, c.client_id, c.sealed AS campaign_sealed, e.title, d.platform,
       n.place_sealed, d.created_at AS at, notice_stands(n) AS stands, d.status
FROM notice_delivery d JOIN notice n USING (notice_id) JOIN campaign c USING (campaign_id) JOIN entry e USING (entry_id)
WHERE d.organization_id = %(organization_id)s AND d.status IN ('unsure', 'dead')
  AND (%(at)s::timestamptz IS NULL OR (d.created_at, d.delivery_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY d.created_at, d.delivery_id LIMIT %(limit)s;

-- name: count_unsent
-- How many these are, up to a limit, and since when the oldest waits.
SELECT count(*)::integer AS count, min(created_at) AS oldest
FROM (SELECT d.created_at FROM notice_delivery d
      WHERE d.organization_id = %(organization_id)s AND d.status IN ('unsure', 'dead')
      ORDER BY d.created_at LIMIT %(limit)s) w;

-- name: recurrences
-- Recurrences of open campaigns on which a person has to decide, the oldest first.
SELECT r.recurrence_id AS item_id, r.campaign_id, r.first_id AS notice_id, c.client_id, c.sealed AS campaign_sealed, e.title,
       r.platform, r.sealed AS place_sealed, r.created_at AS at, NULL AS stands, NULL AS status
FROM recurrence r JOIN campaign c USING (campaign_id) JOIN entry e ON e.entry_id = r.entry_id
WHERE r.organization_id = %(organization_id)s AND r.outcome = 'proposed' AND c.state = 'open'
  AND (%(at)s::timestamptz IS NULL OR (r.created_at, r.recurrence_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY r.created_at, r.recurrence_id LIMIT %(limit)s;

-- name: count_recurrences
-- How many these are, up to a limit, and since when the oldest waits.
SELECT count(*)::integer AS count, min(created_at) AS oldest
FROM (SELECT r.created_at FROM recurrence r JOIN campaign c USING (campaign_id)
      WHERE r.organization_id = %(organization_id)s AND r.outcome = 'proposed' AND c.state = 'open'
      ORDER BY r.created_at LIMIT %(limit)s) w;

-- name: reopened
-- Notices of open campaigns that the service opened or added because removed content is back, the oldest first.
SELECT n.notice_id AS item_id, n.campaign_id, n.notice_id, c.client_id, c.sealed AS campaign_sealed, e.title, n.platform,
       n.place_sealed, n.changed_at AS at, notice_stands(n) AS stands, NULL AS status
FROM notice n JOIN campaign c USING (campaign_id) JOIN entry e USING (entry_id)
WHERE n.organization_id = %(organization_id)s AND (n.state = 'reopened' OR (n.state = 'draft' AND n.created_by IS NULL))
  AND c.state = 'open'
  AND (%(at)s::timestamptz IS NULL OR (n.changed_at, n.notice_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY n.changed_at, n.notice_id LIMIT %(limit)s;

-- name: count_reopened
-- How many these are, up to a limit, and since when the oldest waits.
SELECT count(*)::integer AS count, min(changed_at) AS oldest
FROM (SELECT n.changed_at FROM notice n JOIN campaign c USING (campaign_id)
      WHERE n.organization_id = %(organization_id)s AND (n.state = 'reopened' OR (n.state = 'draft' AND n.created_by IS NULL)) AND c.state = 'open'
      ORDER BY n.changed_at LIMIT %(limit)s) w;

-- name: ready
-- Notices of open campaigns that are ready to be sent, the oldest first. Paused ones wait for nobody.
SELECT n.notice_id AS item_id, n.campaign_id, n.notice_id, c.client_id, c.sealed AS campaign_sealed, e.title, n.platform,
       n.place_sealed, n.changed_at AS at, notice_stands(n) AS stands, NULL AS status
FROM notice n JOIN campaign c USING (campaign_id) JOIN entry e USING (entry_id)
WHERE n.organization_id = %(organization_id)s AND n.state = 'ready' AND n.paused_for = '{}'
  AND c.state = 'open'
  AND (%(at)s::timestamptz IS NULL OR (n.changed_at, n.notice_id) > (%(at)s, %(after_id)s::uuid))
ORDER BY n.changed_at, n.notice_id LIMIT %(limit)s;

-- name: count_ready
-- How many these are, up to a limit, and since when the oldest waits.
SELECT count(*)::integer AS count, min(changed_at) AS oldest
FROM (SELECT n.changed_at FROM notice n JOIN campaign c USING (campaign_id)
      WHERE n.organization_id = %(organization_id)s AND n.state = 'ready' AND n.paused_for = '{}' AND c.state = 'open'
      ORDER BY n.changed_at LIMIT %(limit)s) w;
