-- name: save
-- Store events as notifications, in the order in which they are dispatched.
INSERT INTO notification (event_id, organization_id, kind, at, caller_id, entry_id, subject)
SELECT event_id, organization_id, kind, at, caller_id, entry_id, subject
FROM event WHERE event_id = ANY (%(event_ids)s::bigint[]) AND organization_id IS NOT NULL
ORDER BY event_id
ON CONFLICT (event_id) DO NOTHING;

-- name: page
-- Notifications of an organization, the newest first, without the reader's own acts. Those about private cases only with `cases`.
SELECT n.notification_no, n.kind, n.at, n.entry_id, n.subject, e.title, n.notification_no <= coalesce(r.up_to, 0) AS is_read
FROM notification n
LEFT JOIN notification_read r ON r.account_id = %(account_id)s
LEFT JOIN LATERAL (
    SELECT x.title FROM entry x JOIN bank b USING (bank_id)
    WHERE x.entry_id = n.entry_id
      AND (b.organization_id = n.organization_id OR (x.status = 'matchable' AND answers_to(b, n.organization_id)))) e ON true
WHERE n.organization_id = %(organization_id)s AND n.kind = ANY (%(kinds)s::text[])
  AND n.caller_id IS DISTINCT FROM %(caller_id)s
  AND (%(cases)s OR n.entry_id IS NULL OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = n.entry_id))
  AND (%(before)s::bigint IS NULL OR n.notification_no < %(before)s)
ORDER BY n.notification_no DESC LIMIT %(limit)s;

-- name: unread
-- Those that the reader has not read: how many, up to a limit, and since when the oldest waits.
SELECT count(*)::integer AS count, min(at) AS oldest FROM (
    SELECT n.at FROM notification n
    WHERE n.organization_id = %(organization_id)s AND n.kind = ANY (%(kinds)s::text[])
      AND n.caller_id IS DISTINCT FROM %(caller_id)s
      AND (%(cases)s OR n.entry_id IS NULL OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = n.entry_id))
      AND n.notification_no > coalesce((SELECT up_to FROM notification_read WHERE account_id = %(account_id)s), 0)
    ORDER BY n.notification_no LIMIT %(limit)s) w;

-- name: positions
-- Of open sessions: how far their organization's notifications go, and how far their account has read.
SELECT s.session_id, coalesce(n.newest, 0) AS newest, coalesce(r.up_to, 0) AS read
FROM account_session s JOIN account a USING (account_id) JOIN caller c USING (caller_id)
LEFT JOIN notification_read r ON r.account_id = s.account_id
LEFT JOIN LATERAL (
    SELECT notification_no AS newest FROM notification x WHERE x.organization_id = c.organization_id
    ORDER BY notification_no DESC LIMIT 1) n ON true
WHERE s.session_id = ANY (%(sessions)s::uuid[]) AND s.ended_at IS NULL AND s.ends_at > now()
  AND s.seen_at > now() - %(idle)s::interval
  AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now());

-- name: mark_read
-- Mark all up to a number as read by an account.
INSERT INTO notification_read AS r (account_id, up_to) VALUES (%(account_id)s, %(up_to)s)
ON CONFLICT (account_id) DO UPDATE SET up_to = greatest(r.up_to, excluded.up_to);

-- name: digest
-- An account's choice of mails.
SELECT every, language, zone FROM notification_digest WHERE account_id = %(account_id)s;

-- name: choose_digest
-- Mail an account from now on. What is there already is not mailed.
INSERT INTO notification_digest AS d (account_id, every, language, zone, sent_up_to, due_at)
VALUES (%(account_id)s, %(every)s, %(language)s, %(zone)s, coalesce((
    SELECT max(notification_no) FROM notification WHERE organization_id = %(organization_id)s), 0), %(due_at)s)
ON CONFLICT (account_id) DO UPDATE SET every = excluded.every, language = excluded.language, zone = excluded.zone,
    due_at = excluded.due_at;

-- name: stop_digest
-- Mail an account no longer.
DELETE FROM notification_digest WHERE account_id = %(account_id)s;

-- name: claim_digest
-- The mail that has been due for longest. For an hour nobody else gets it.
UPDATE notification_digest d SET due_at = now() + interval '1 hour'
FROM account a JOIN caller c USING (caller_id) JOIN organization o USING (organization_id)
WHERE d.account_id = (
    SELECT account_id FROM notification_digest WHERE due_at <= %(now)s ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  AND a.account_id = d.account_id
RETURNING d.account_id, d.every, d.language, d.zone, d.sent_up_to, a.sign_in_name AS address, o.name AS organization,
    c.caller_id, c.organization_id, c.name, c.roles, c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now()) AS active;

-- name: unread_by_kind
-- Unread notifications after the last mail: how many of each kind, and the newest.
SELECT n.kind, count(*)::integer AS count, max(n.notification_no) AS newest FROM notification n
WHERE n.organization_id = %(organization_id)s AND n.kind = ANY (%(kinds)s::text[])
  AND n.caller_id IS DISTINCT FROM %(caller_id)s
  AND (%(cases)s OR n.entry_id IS NULL OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = n.entry_id))
  AND n.notification_no > greatest(%(sent_up_to)s::bigint, coalesce((
      SELECT up_to FROM notification_read WHERE account_id = %(account_id)s), 0))
GROUP BY n.kind ORDER BY max(n.notification_no) DESC;

-- name: finish_digest
-- A mail is done: it was sent, or there was nothing to say.
UPDATE notification_digest SET sent_up_to = greatest(sent_up_to, %(sent_up_to)s), due_at = %(due_at)s
WHERE account_id = %(account_id)s;

-- name: delete_old
-- Delete old notifications, some thousands at a time.
DELETE FROM notification WHERE notification_no IN (
    SELECT notification_no FROM notification WHERE at < now() - make_interval(days => %(days)s) ORDER BY at LIMIT 5000);
