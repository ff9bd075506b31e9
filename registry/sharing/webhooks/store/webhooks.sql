-- name: insert
-- Insert a webhook, unless its organization has the maximum number.
INSERT INTO webhook (webhook_id, organization_id, url, kinds, created_by)
SELECT %(webhook_id)s, %(organization_id)s, %(url)s, %(kinds)s, %(created_by)s
WHERE (SELECT count(*) FROM webhook w WHERE w.organization_id = %(organization_id)s) < %(most)s
RETURNING webhook_id;

-- name: lock_organization
-- Serialize changes to an organization's webhooks until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('webhook ' || %(organization_id)s::text, 0));

-- name: list
-- An organization's webhooks, oldest first.
SELECT w.webhook_id, w.url, w.kinds, w.state, w.reason, w.created_at,
       (SELECT count(*) FROM webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.status = 'waiting') AS waiting,
       (SELECT count(*) FROM webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.status = 'dead') AS dead,
       (SELECT count(*) FROM webhook_secret s WHERE s.webhook_id = w.webhook_id
           AND (s.expires_at IS NULL OR s.expires_at > now())) AS secrets
FROM webhook w
WHERE w.organization_id = %(organization_id)s AND (%(webhook_id)s::uuid IS NULL OR w.webhook_id = %(webhook_id)s)
ORDER BY w.created_at, w.webhook_id;

-- name: failing
-- An organization's webhooks that are disabled or have dead letters, and since when the oldest dead letter waits.
SELECT count(*)::integer AS count, min(d.since) AS oldest
FROM webhook w
CROSS JOIN LATERAL (SELECT min(x.ended_at) AS since FROM webhook_delivery x
                    WHERE x.webhook_id = w.webhook_id AND x.status = 'dead') d
WHERE w.organization_id = %(organization_id)s AND (w.state = 'disabled' OR d.since IS NOT NULL);

-- name: lock
-- Lock a webhook of an organization until the transaction ends.
SELECT url, kinds, state FROM webhook
WHERE webhook_id = %(webhook_id)s AND organization_id = %(organization_id)s FOR UPDATE;

-- name: change
-- Change URL, kinds and state. Enabling a disabled webhook clears its reason and its count of dead letters.
UPDATE webhook SET url = %(url)s, kinds = %(kinds)s, state = %(state)s,
    reason = CASE WHEN %(state)s = 'disabled' THEN reason END,
    deaths = CASE WHEN %(state)s = 'disabled' THEN deaths ELSE 0 END
WHERE webhook_id = %(webhook_id)s;

-- name: delete
-- Delete a webhook with its secrets and messages.
DELETE FROM webhook WHERE webhook_id = %(webhook_id)s;

-- name: add_secret
-- Add a secret.
INSERT INTO webhook_secret (webhook_id, sealed) VALUES (%(webhook_id)s, %(sealed)s);

-- name: expire_secrets
-- Let the current secrets expire after the overlap. Secrets that expire earlier are not extended.
UPDATE webhook_secret SET expires_at = least(expires_at, now() + make_interval(secs => %(overlap)s))
WHERE webhook_id = %(webhook_id)s AND (expires_at IS NULL OR expires_at > now());

-- name: delete_expired_secrets
-- Delete expired secrets.
DELETE FROM webhook_secret WHERE expires_at <= now();

-- name: endpoint
-- A webhook's destination and its encrypted signing secrets, newest first. Closed organizations are excluded.
SELECT w.webhook_id, w.organization_id, w.url, w.state,
       ARRAY(SELECT s.sealed FROM webhook_secret s WHERE s.webhook_id = w.webhook_id
             AND (s.expires_at IS NULL OR s.expires_at > now()) ORDER BY s.created_at DESC, s.secret_id) AS sealed
FROM webhook w JOIN organization o USING (organization_id)
WHERE w.webhook_id = %(webhook_id)s AND o.closed_at IS NULL;

-- name: count_dead_letter
-- Count a dead letter and return the number of consecutive ones.
UPDATE webhook SET deaths = deaths + 1 WHERE webhook_id = %(webhook_id)s RETURNING deaths;

-- name: reset_dead_letters
-- Reset the count of consecutive dead letters.
UPDATE webhook SET deaths = 0 WHERE webhook_id = %(webhook_id)s AND deaths > 0;

-- name: disable
-- Disable a webhook that is not disabled yet.
UPDATE webhook SET state = 'disabled', reason = %(reason)s
WHERE webhook_id = %(webhook_id)s AND state <> 'disabled'
RETURNING organization_id;

-- name: subscribers
-- The webhooks of these organizations, except closed ones, with their kinds of events.
SELECT w.webhook_id, w.organization_id, w.kinds, w.state
FROM webhook w JOIN organization o USING (organization_id)
WHERE w.organization_id = ANY (%(organization_ids)s) AND o.closed_at IS NULL
ORDER BY w.created_at, w.webhook_id;

-- name: every
-- All webhooks.
SELECT webhook_id FROM webhook;

-- name: of_closed
-- Webhooks of closed organizations.
SELECT w.webhook_id FROM webhook w JOIN organization o USING (organization_id)
WHERE o.closed_at IS NOT NULL LIMIT 200;

-- name: disable_all
-- Disable all webhooks of an organization.
UPDATE webhook SET state = 'disabled', reason = 'gone'
WHERE organization_id = %(organization_id)s AND state <> 'disabled';
