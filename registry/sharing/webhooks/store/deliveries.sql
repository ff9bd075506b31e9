-- name: add
-- A message for a webhook, once an event. To one that is disabled it is a dead letter at once.
INSERT INTO webhook_delivery (webhook_id, event_id, kind, body, status, outcome, ended_at)
SELECT m.webhook_id, m.event_id, m.kind, m.body, CASE WHEN m.dead THEN 'dead' ELSE 'waiting' END,
       CASE WHEN m.dead THEN 'disabled' END, CASE WHEN m.dead THEN now() END
FROM unnest(%(webhook_ids)s::uuid[], %(event_ids)s::bigint[], %(kinds)s::text[], %(bodies)s::text[], %(deads)s::boolean[])
    WITH ORDINALITY AS m (webhook_id, event_id, kind, body, dead, place)
JOIN webhook w USING (webhook_id)
ORDER BY m.place
ON CONFLICT (webhook_id, event_id) DO NOTHING;

-- name: add_test
-- A test: no event, one attempt, out of turn.
INSERT INTO webhook_delivery (webhook_id, kind, body) VALUES (%(webhook_id)s, %(kind)s, %(body)s)
RETURNING delivery_id;

-- name: begin
-- The next message: a test that waits, else the oldest that waits, if its time has come and the webhook is active.
-- The attempt is counted, and the next one planned, before it is made: whatever kills the worker is an attempt.
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

-- name: delivered
-- It came. What was sent is forgotten.
UPDATE webhook_delivery SET status = 'delivered', body = NULL, ended_at = now(), outcome = 'delivered',
    response_code = %(response_code)s, snippet = %(snippet)s, took_ms = %(took_ms)s
WHERE delivery_id = %(delivery_id)s AND status = 'waiting';

-- name: again
-- It did not, and is sent again later.
UPDATE webhook_delivery SET next_at = now() + make_interval(secs => %(delay)s), outcome = %(outcome)s,
    response_code = %(response_code)s, snippet = %(snippet)s, took_ms = %(took_ms)s
WHERE delivery_id = %(delivery_id)s AND status = 'waiting';

-- name: dead
-- It did not, and is given up.
UPDATE webhook_delivery SET status = 'dead', ended_at = now(), outcome = %(outcome)s,
    response_code = %(response_code)s, snippet = %(snippet)s, took_ms = %(took_ms)s
WHERE delivery_id = %(delivery_id)s AND status = 'waiting';

-- name: bury
-- What waits for a webhook that was disabled.
UPDATE webhook_delivery SET status = 'dead', ended_at = now(), outcome = coalesce(outcome, 'disabled')
WHERE webhook_id = %(webhook_id)s AND status = 'waiting';

-- name: due
-- Webhooks with a message whose turn and time have come, and that nobody is sending for. A time that lies further away
-- than any delay is a clock's that has jumped.
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
-- Messages of a webhook, the newest first.
SELECT delivery_id, event_id, message_id, kind, status, attempts, outcome, response_code, snippet, took_ms, created_at,
       attempted_at, ended_at, CASE WHEN status = 'waiting' THEN next_at END AS next_at
FROM webhook_delivery
WHERE webhook_id = %(webhook_id)s AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(before)s::bigint IS NULL OR delivery_id < %(before)s)
ORDER BY delivery_id DESC
LIMIT %(limit)s;

-- name: replay
-- Dead letters wait again, as if they had never been sent: one, or all that happened since.
UPDATE webhook_delivery SET status = 'waiting', attempts = 0, next_at = now(), ended_at = NULL
WHERE webhook_id = %(webhook_id)s AND status = 'dead' AND event_id IS NOT NULL
  AND (%(delivery_id)s::bigint IS NULL OR delivery_id = %(delivery_id)s)
  AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
RETURNING delivery_id;

-- name: forget
-- Messages that ended long ago, and the jobs that sent some or answered watches.
WITH old AS (
    DELETE FROM webhook_delivery
    WHERE delivery_id IN (SELECT delivery_id FROM webhook_delivery
                          WHERE status <> 'waiting' AND ended_at < now() - make_interval(days => %(days)s) LIMIT 5000)
    RETURNING delivery_id
), jobs AS (
    DELETE FROM job WHERE job_id IN (
        SELECT j.job_id
        FROM (SELECT webhook_id FROM webhook
              UNION ALL SELECT '00000000-0000-0000-0000-000000000000') s (subject_id)
        JOIN job j USING (subject_id)
        WHERE j.task IN ('deliver_messages', 'answer_watches') AND j.status IN ('done', 'failed')
          AND (NOT j.dead OR j.settled_at IS NOT NULL) AND j.finished_at < now() - interval '1 hour'
        LIMIT 5000)
)
SELECT count(*) AS forgotten FROM old;

-- name: take_turns
-- One teller at a time, until the transaction ends; false: another is at it.
SELECT pg_try_advisory_xact_lock(hashtextextended('tell events', 0)) AS mine;

-- name: untold
-- Events of which nobody was told yet, with what their message says. Those that come into sight later have waited.
SELECT e.event_id, e.kind, e.at, e.organization_id, e.caller_id, e.entry_id, e.subject, e.said
FROM event_untold u JOIN event e USING (event_id) ORDER BY u.event_id LIMIT %(limit)s;

-- name: told
-- They were.
DELETE FROM event_untold WHERE event_id = ANY (%(event_ids)s);

-- name: mend_cursor
-- A database that was restored into another server counts transactions anew.
UPDATE match_cursor SET answered_in = pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    lookup_id = '00000000-0000-0000-0000-000000000000'
WHERE answered_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint;

-- name: bound
-- The oldest transaction that runs: all that answered before it are over. And whether anybody listens for matches.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS answered_in,
       EXISTS (SELECT FROM organization WHERE tells_matches)
       OR EXISTS (SELECT FROM webhook WHERE kinds && ARRAY['*', 'match.*', 'match.found'])
       OR EXISTS (SELECT FROM private_case WHERE case_number IS NOT NULL AND ended_at IS NULL) AS heard;

-- name: matched
-- Lookups that matched something, answered before the bound, and whether anybody listens to this one. Each lookup is
-- visited once, by the index of answering transactions.
SELECT l.lookup_id, l.answered_in, l.verdict, c.organization_id, c.caller_id,
       ARRAY(SELECT DISTINCT m ->> 'entry_id' FROM jsonb_array_elements(l.answer -> 'matches') m ORDER BY 1) AS entries,
       o.tells_matches OR EXISTS (
           SELECT FROM webhook w WHERE w.organization_id = c.organization_id
             AND w.kinds && ARRAY['*', 'match.*', 'match.found']) AS heard,
       o.tells_matches
FROM match_cursor s, lookup l JOIN caller c USING (caller_id) JOIN organization o USING (organization_id)
WHERE l.answered_in > 0 AND l.answered_in >= s.answered_in AND l.answered_in < %(bound)s
  AND (l.answered_in, l.lookup_id) > (s.answered_in, s.lookup_id)
  AND l.verdict IN ('known_fake', 'authentic_original', 'related')
ORDER BY l.answered_in, l.lookup_id LIMIT %(limit)s;

-- name: move_cursor
-- Up to this one.
UPDATE match_cursor SET answered_in = %(answered_in)s, lookup_id = %(lookup_id)s
WHERE (answered_in, lookup_id) <> (%(answered_in)s, %(lookup_id)s);

-- name: cases
-- Private cases that go on among these entries, with the organization that has taken each.
SELECT p.entry_id, b.organization_id FROM private_case p JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
WHERE p.entry_id = ANY (%(entry_ids)s) AND p.case_number IS NOT NULL AND p.ended_at IS NULL;

-- name: owners
-- Who owns the entries that a lookup matched, where whoever asked lets owners know: not the asker itself.
SELECT e.entry_id, b.organization_id FROM entry e JOIN bank b USING (bank_id)
WHERE e.entry_id = ANY (%(entry_ids)s) AND b.organization_id <> %(organization_id)s
  AND EXISTS (SELECT FROM organization o WHERE o.organization_id = %(organization_id)s AND o.tells_matches);
