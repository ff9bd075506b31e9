-- name: add
-- Add messages, at most one for each webhook and event. Messages of disabled webhooks start as dead letters.
INSERT INTO webhook_delivery (webhook_id, event_id, kind, body, status, outcome, ended_at)
SELECT m.webhook_id, m.event_id, m.kind, m.body, CASE WHEN m.dead THEN 'dead' ELSE 'waiting' END,
       CASE WHEN m.dead THEN 'disabled' END, CASE WHEN m.dead THEN now() END
FROM unnest(%(webhook_ids)s::uuid[], %(event_ids)s::bigint[], %(kinds)s::text[], %(bodies)s::text[], %(deads)s::boolean[])
    WITH ORDINALITY AS m (webhook_id, event_id, kind, body, dead, place)
JOIN webhook w USING (webhook_id)
ORDER BY m.place
ON CONFLICT (webhook_id, event_id) DO NOTHING;

-- name: add_test
-- Add a test message: it has no event and gets one attempt.
INSERT INTO webhook_delivery (webhook_id, kind, body) VALUES (%(webhook_id)s, %(kind)s, %(body)s)
RETURNING delivery_id;

-- name: start_attempt
-- Choose the next message: a waiting test, or the oldest waiting message if it is due and the webhook is active. Count
-- the attempt and schedule the next one beforehand, so that an attempt that kills the worker counts too.
WITH next AS (
    SELECT d.delivery_id FROM webhook_delivery d
    WHERE d.webhook_id = %(webhook_id)s AND d.status = 'waiting'
      AND (d.event_id IS NULL OR %(active)s)
    ORDER BY d.event_id IS NULL DESC, d.delivery_id
    LIMIT 1
)
UPDATE webhook_delivery d
SET attempts = d.attempts + 1, attempted_at = now(),
    next_at = now() + make_interval(secs => least(%(first)s * 3.0 ^ least(d.attempts, 20), %(most)s))
FROM next
WHERE d.delivery_id = next.delivery_id
  AND (d.next_at <= now() OR d.next_at > now() + make_interval(secs => %(longest)s))
RETURNING d.delivery_id, d.event_id, d.message_id, d.kind, d.body, d.attempts;

-- name: mark_delivered
-- Mark a message as delivered and delete its body.
UPDATE webhook_delivery SET status = 'delivered', body = NULL, ended_at = now(), outcome = 'delivered',
    response_code = %(response_code)s, snippet = %(snippet)s, took_ms = %(took_ms)s
WHERE delivery_id = %(delivery_id)s AND status = 'waiting';

-- name: retry
-- Schedule another attempt.
UPDATE webhook_delivery SET next_at = now() + make_interval(secs => %(delay)s), outcome = %(outcome)s,
    response_code = %(response_code)s, snippet = %(snippet)s, took_ms = %(took_ms)s
WHERE delivery_id = %(delivery_id)s AND status = 'waiting';

-- name: give_up
-- Make a message a dead letter.
UPDATE webhook_delivery SET status = 'dead', ended_at = now(), outcome = %(outcome)s,
    response_code = %(response_code)s, snippet = %(snippet)s, took_ms = %(took_ms)s
WHERE delivery_id = %(delivery_id)s AND status = 'waiting';

-- name: give_up_waiting
-- Make all waiting messages of a webhook dead letters.
UPDATE webhook_delivery SET status = 'dead', ended_at = now(), outcome = coalesce(outcome, 'disabled')
WHERE webhook_id = %(webhook_id)s AND status = 'waiting';

-- name: due_webhooks
-- Webhooks with a due message and without an open job. A time further ahead than the longest delay was written while
-- the clock was wrong, and counts as due.
SELECT w.webhook_id FROM webhook w JOIN organization o USING (organization_id)
WHERE o.closed_at IS NULL
  AND EXISTS (
      SELECT FROM (
          SELECT d.next_at FROM webhook_delivery d
          WHERE d.webhook_id = w.webhook_id AND d.status = 'waiting'
            AND (d.event_id IS NULL OR w.state = 'active')
          ORDER BY d.event_id IS NULL DESC, d.delivery_id LIMIT 1
      ) head
      WHERE head.next_at <= now() OR head.next_at > now() + make_interval(secs => %(longest)s))
  AND NOT EXISTS (
      SELECT FROM job j WHERE j.task = 'deliver_messages' AND j.subject_id = w.webhook_id
        AND j.status IN ('queued', 'running'))
LIMIT 200;

-- name: page
-- Messages of a webhook, newest first.
SELECT delivery_id, event_id, message_id, kind, status, attempts, outcome, response_code, snippet, took_ms, created_at,
       attempted_at, ended_at, CASE WHEN status = 'waiting' THEN next_at END AS next_at
FROM webhook_delivery
WHERE webhook_id = %(webhook_id)s AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(before)s::bigint IS NULL OR delivery_id < %(before)s)
ORDER BY delivery_id DESC
LIMIT %(limit)s;

-- name: replay
-- Queue dead letters again with all attempts: one, all since a time, or all.
UPDATE webhook_delivery SET status = 'waiting', attempts = 0, next_at = now(), ended_at = NULL
WHERE webhook_id = %(webhook_id)s AND status = 'dead' AND event_id IS NOT NULL
  AND (%(delivery_id)s::bigint IS NULL OR delivery_id = %(delivery_id)s)
  AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
RETURNING delivery_id;

-- name: delete_ended
-- Delete messages that ended more than so many days ago, at most 5,000.
WITH old AS (
    DELETE FROM webhook_delivery
    WHERE delivery_id IN (SELECT delivery_id FROM webhook_delivery
                          WHERE status <> 'waiting' AND ended_at < now() - make_interval(days => %(days)s) LIMIT 5000)
    RETURNING delivery_id
)
SELECT count(*) AS deleted FROM old;

-- name: lock_dispatch
-- Take the lock for processing events until the transaction ends. False: another process holds it.
SELECT pg_try_advisory_xact_lock(hashtextextended('dispatch events', 0)) AS mine;

-- name: pending_events
-- The oldest unprocessed events. Events of transactions that commit late stay in the queue until then.
SELECT e.event_id, e.kind, e.at, e.organization_id, e.caller_id, e.entry_id, e.subject, e.said
FROM event_untold u JOIN event e USING (event_id) ORDER BY u.event_id LIMIT %(limit)s;

-- name: mark_processed
-- Mark events as processed.
DELETE FROM event_untold WHERE event_id = ANY (%(event_ids)s);

-- name: reset_cursor
-- Reset the cursor in a database that was restored into another server, which counts transactions anew.
UPDATE match_cursor SET answered_in = pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    lookup_id = '00000000-0000-0000-0000-000000000000'
WHERE answered_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint;

-- name: cursor_bound
-- The oldest running transaction: all earlier ones have ended. Also whether anybody subscribes to matches.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS answered_in,
       EXISTS (SELECT FROM organization WHERE tells_matches)
       OR EXISTS (SELECT FROM webhook WHERE kinds && ARRAY['*', 'match.*', 'match.found'])
       OR EXISTS (SELECT FROM private_case WHERE case_number IS NOT NULL AND ended_at IS NULL) AS wanted;

-- name: take_matches
-- Lookups with matches, answered before the bound, each with whether anybody subscribes to it. The index of answering
-- transactions visits each lookup once.
SELECT l.lookup_id, l.answered_in, l.verdict, c.organization_id, c.caller_id,
       ARRAY(SELECT DISTINCT m ->> 'entry_id' FROM jsonb_array_elements(l.answer -> 'matches') m ORDER BY 1) AS entries,
       o.tells_matches OR EXISTS (
           SELECT FROM webhook w WHERE w.organization_id = c.organization_id
             AND w.kinds && ARRAY['*', 'match.*', 'match.found']) AS wanted,
       o.tells_matches
FROM match_cursor s, lookup l JOIN caller c USING (caller_id) JOIN organization o USING (organization_id)
WHERE l.answered_in > 0 AND l.answered_in >= s.answered_in AND l.answered_in < %(bound)s
  AND (l.answered_in, l.lookup_id) > (s.answered_in, s.lookup_id)
  AND l.verdict IN ('known_fake', 'authentic_original', 'related')
ORDER BY l.answered_in, l.lookup_id LIMIT %(limit)s;

-- name: move_cursor
-- Move the cursor.
UPDATE match_cursor SET answered_in = %(answered_in)s, lookup_id = %(lookup_id)s
WHERE (answered_in, lookup_id) <> (%(answered_in)s, %(lookup_id)s);

-- name: open_cases
-- Open intake cases among these entries, with the organization that handles each.
SELECT p.entry_id, b.organization_id FROM private_case p JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
WHERE p.entry_id = ANY (%(entry_ids)s) AND p.case_number IS NOT NULL AND p.ended_at IS NULL;

-- name: notified_owners
-- Owners of matched entries, other than the lookup's organization, if that organization shares matches with owners.
SELECT e.entry_id, b.organization_id FROM entry e JOIN bank b USING (bank_id)
WHERE e.entry_id = ANY (%(entry_ids)s) AND b.organization_id <> %(organization_id)s
  AND EXISTS (SELECT FROM organization o WHERE o.organization_id = %(organization_id)s AND o.tells_matches);
