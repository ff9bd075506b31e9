-- name: insert
-- A new webhook, unless its organization has as many as it may.
INSERT INTO webhook (webhook_id, organization_id, url, kinds, created_by)
SELECT %(webhook_id)s, %(organization_id)s, %(url)s, %(kinds)s, %(created_by)s
WHERE (SELECT count(*) FROM webhook w WHERE w.organization_id = %(organization_id)s) < %(most)s
RETURNING webhook_id;

-- name: take_turns
-- One change of an organization's webhooks after another, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('webhook ' || %(organization_id)s::text, 0));

-- name: list
-- An organization's webhooks, the oldest first.
SELECT w.webhook_id, w.url, w.kinds, w.state, w.reason, w.created_at,
       (SELECT count(*) FROM webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.status = 'waiting') AS waiting,
       (SELECT count(*) FROM webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.status = 'dead') AS dead,
       (SELECT count(*) FROM webhook_secret s WHERE s.webhook_id = w.webhook_id
           AND (s.expires_at IS NULL OR s.expires_at > now())) AS secrets
FROM webhook w
WHERE w.organization_id = %(organization_id)s AND (%(webhook_id)s::uuid IS NULL OR w.webhook_id = %(webhook_id)s)
ORDER BY w.created_at, w.webhook_id;

-- name: lock
-- One of an organization, until the transaction ends.
SELECT webhook_id, url, kinds, state FROM webhook
WHERE webhook_id = %(webhook_id)s AND organization_id = %(organization_id)s FOR UPDATE;

-- name: change
-- Where it is, what it is told of, whether it is sent anything. What was disabled is not any more.
UPDATE webhook SET url = %(url)s, kinds = %(kinds)s, state = %(state)s,
    reason = CASE WHEN %(state)s = 'disabled' THEN reason END,
    deaths = CASE WHEN %(state)s = 'disabled' THEN deaths ELSE 0 END
WHERE webhook_id = %(webhook_id)s;

-- name: delete
-- With its secrets and messages.
DELETE FROM webhook WHERE webhook_id = %(webhook_id)s;

-- name: add_secret
-- A new secret.
INSERT INTO webhook_secret (webhook_id, sealed) VALUES (%(webhook_id)s, %(sealed)s);

-- name: expire_secrets
-- Those before it sign on for a while; those that were being replaced no longer than they would have.
UPDATE webhook_secret SET expires_at = least(expires_at, now() + make_interval(secs => %(overlap)s))
WHERE webhook_id = %(webhook_id)s AND (expires_at IS NULL OR expires_at > now());

-- name: forget_secrets
-- What signs no longer.
DELETE FROM webhook_secret WHERE expires_at <= now();

-- name: to_send
-- Where a webhook's messages go, and the sealed secrets that sign, the newest first; nothing of a closed organization.
SELECT w.webhook_id, w.organization_id, w.url, w.state,
       ARRAY(SELECT s.sealed FROM webhook_secret s WHERE s.webhook_id = w.webhook_id
             AND (s.expires_at IS NULL OR s.expires_at > now()) ORDER BY s.created_at DESC, s.secret_id) AS sealed
FROM webhook w JOIN organization o USING (organization_id)
WHERE w.webhook_id = %(webhook_id)s AND o.closed_at IS NULL;

-- name: died
-- One more message of it died; how many have, one after another.
UPDATE webhook SET deaths = deaths + 1 WHERE webhook_id = %(webhook_id)s RETURNING deaths;

-- name: lived
-- A message was delivered.
UPDATE webhook SET deaths = 0 WHERE webhook_id = %(webhook_id)s AND deaths > 0;

-- name: disable
-- Nothing is sent until somebody makes it active again.
UPDATE webhook SET state = 'disabled', reason = %(reason)s
WHERE webhook_id = %(webhook_id)s AND state <> 'disabled'
RETURNING organization_id;

-- name: of_kinds
-- The webhooks of organizations that take part, and what each is told of.
SELECT w.webhook_id, w.organization_id, w.kinds, w.state
FROM webhook w JOIN organization o USING (organization_id)
WHERE w.organization_id = ANY (%(organization_ids)s) AND o.closed_at IS NULL
ORDER BY w.created_at, w.webhook_id;

-- name: of_closed
-- Webhooks of organizations that were closed.
SELECT w.webhook_id FROM webhook w JOIN organization o USING (organization_id)
WHERE o.closed_at IS NOT NULL LIMIT 200;

-- name: stop_all
-- It is told nothing more.
UPDATE webhook SET state = 'disabled', reason = 'gone'
WHERE organization_id = %(organization_id)s AND state <> 'disabled';
