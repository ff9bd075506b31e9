-- name: insert
-- A new bank; nothing where the owner has one of that name.
INSERT INTO bank (organization_id, name, kind, visibility, policy)
VALUES (%(organization_id)s, %(name)s, %(kind)s, %(visibility)s, %(policy)s)
ON CONFLICT (organization_id, name) WHERE closed_at IS NULL DO NOTHING
RETURNING bank_id, name, kind, visibility, policy, created_at;

-- name: visible
-- The banks that answer an organization, its own first.
SELECT b.bank_id, b.name, b.kind, b.visibility, b.policy, b.created_at, o.name AS organization,
       b.organization_id = %(organization_id)s AS own,
       (SELECT count(*) FROM entry e WHERE e.bank_id = b.bank_id AND e.status = 'matchable') AS entries
FROM bank b JOIN organization o USING (organization_id)
WHERE answers_to(b, %(organization_id)s) AND b.closed_at IS NULL
ORDER BY own DESC, b.name, b.bank_id;

-- name: by_name
-- Visible banks of a name, the caller's own before others; two are enough to see that it is ambiguous.
SELECT b.bank_id, b.name, b.organization_id = %(organization_id)s AS own
FROM bank b
WHERE b.name = %(name)s AND answers_to(b, %(organization_id)s) AND b.closed_at IS NULL
ORDER BY own DESC, b.bank_id
LIMIT 2;

-- name: by_id
-- One visible bank.
SELECT b.bank_id, b.name, b.organization_id = %(organization_id)s AS own
FROM bank b
WHERE b.bank_id = %(bank_id)s AND answers_to(b, %(organization_id)s) AND b.closed_at IS NULL;

-- name: get
-- One bank, with what only its owner is shown, and what the organization has set for itself.
SELECT b.bank_id, b.name, b.kind, b.visibility, b.policy, b.created_at, o.name AS organization,
       b.organization_id = %(organization_id)s AS own,
       jsonb_build_object('entries', b.most_entries, 'media', b.most_media, 'bytes', b.most_bytes) AS limits,
       cardinality(b.shared_with) AS shares,
       %(organization_id)s = ANY (b.shared_with) AS shared,
       (SELECT v.policy FROM bank_overlay v
        WHERE v.bank_id = b.bank_id AND v.organization_id = %(organization_id)s) AS overlay,
       (SELECT count(*) FROM entry e WHERE e.bank_id = b.bank_id AND e.status = 'matchable') AS entries,
       jsonb_build_object(
           'entries', (SELECT count(*) FROM entry e WHERE e.bank_id = b.bank_id AND e.status <> 'withdrawn'),
           'media', m.media, 'bytes', m.bytes) AS holds
FROM bank b JOIN organization o USING (organization_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS media, coalesce(sum(a.bytes), 0)::bigint AS bytes FROM asset a WHERE a.bank_id = b.bank_id
) m
WHERE b.bank_id = %(bank_id)s;

-- name: limits
-- How much the banks of an organization hold, and may.
SELECT b.bank_id, b.name, b.kind,
       jsonb_build_object('entries', b.most_entries, 'media', b.most_media, 'bytes', b.most_bytes) AS limits,
       jsonb_build_object(
           'entries', (SELECT count(*) FROM entry e WHERE e.bank_id = b.bank_id AND e.status <> 'withdrawn'),
           'media', m.media, 'bytes', m.bytes) AS holds
FROM bank b CROSS JOIN LATERAL (
    SELECT count(*) AS media, coalesce(sum(a.bytes), 0)::bigint AS bytes FROM asset a WHERE a.bank_id = b.bank_id
) m
WHERE b.organization_id = %(organization_id)s AND b.closed_at IS NULL
ORDER BY b.created_at, b.bank_id
LIMIT 200;

-- name: lock
-- A bank, before it is changed; registrations go on meanwhile.
SELECT b.bank_id, b.name, b.kind, b.visibility, b.policy, b.organization_id, b.closed_at,
       cardinality(b.shared_with) AS shares
FROM bank b WHERE b.bank_id = %(bank_id)s FOR NO KEY UPDATE;

-- name: change
-- What it is from now on; nothing where its owner has another one of that name.
UPDATE bank b SET name = %(name)s, visibility = %(visibility)s, policy = %(policy)s
WHERE b.bank_id = %(bank_id)s AND NOT EXISTS (
    SELECT FROM bank o WHERE o.organization_id = b.organization_id AND o.name = %(name)s
      AND o.bank_id <> b.bank_id AND o.closed_at IS NULL)
RETURNING b.bank_id, b.name, b.kind, b.visibility, b.policy, b.created_at;

-- name: limit
-- How much it may hold.
UPDATE bank SET most_entries = %(entries)s, most_media = %(media)s, most_bytes = %(bytes)s
WHERE bank_id = %(bank_id)s AND closed_at IS NULL
RETURNING organization_id;

-- name: room
-- Whether it takes anything, and what it holds of that which is limited.
SELECT b.closed_at IS NOT NULL AS closed, b.most_entries, b.most_media, b.most_bytes,
       CASE WHEN b.most_entries IS NOT NULL THEN (
           SELECT count(*) FROM entry e WHERE e.bank_id = b.bank_id AND e.status <> 'withdrawn') END AS entries,
       CASE WHEN b.most_media IS NOT NULL THEN (
           SELECT count(*) FROM asset a WHERE a.bank_id = b.bank_id) END AS media,
       CASE WHEN b.most_bytes IS NOT NULL THEN (
           SELECT coalesce(sum(a.bytes), 0)::bigint FROM asset a WHERE a.bank_id = b.bank_id) END AS bytes
FROM bank b WHERE b.bank_id = %(bank_id)s;

-- name: close
-- It is gone for everybody; its name is free. Shares and overlays go with it.
WITH shares AS (
    DELETE FROM bank_share WHERE bank_id = %(bank_id)s
), overlays AS (
    DELETE FROM bank_overlay WHERE bank_id = %(bank_id)s
)
SELECT 1;

-- name: closed
-- After `close`, whose triggers write to the row as well.
UPDATE bank SET closed_at = now(), visibility = 'private' WHERE bank_id = %(bank_id)s;

-- name: organization
-- An organization that takes part, by id or by name.
SELECT organization_id FROM organization
WHERE (organization_id = %(organization_id)s::uuid OR name = %(name)s) AND closed_at IS NULL;

-- name: share
-- With this organization too; nothing where it is so already.
INSERT INTO bank_share (bank_id, organization_id, shared_by)
VALUES (%(bank_id)s, %(organization_id)s, %(shared_by)s)
ON CONFLICT DO NOTHING
RETURNING shared_at;

-- name: unshare
-- No longer with this organization.
DELETE FROM bank_share WHERE bank_id = %(bank_id)s AND organization_id = %(organization_id)s RETURNING shared_at;

-- name: shares
-- With whom, since when, by whose hand.
SELECT s.organization_id, o.name AS organization, s.shared_by, s.shared_at,
       EXISTS (SELECT FROM bank_overlay v
               WHERE v.bank_id = s.bank_id AND v.organization_id = s.organization_id) AS overlaid
FROM bank_share s JOIN organization o USING (organization_id)
WHERE s.bank_id = %(bank_id)s
ORDER BY o.name, s.organization_id;

-- name: overlay
-- What an organization sets for itself.
INSERT INTO bank_overlay (bank_id, organization_id, policy, set_by)
VALUES (%(bank_id)s, %(organization_id)s, %(policy)s, %(set_by)s)
ON CONFLICT (bank_id, organization_id) DO UPDATE
SET policy = excluded.policy, set_by = excluded.set_by, set_at = now();

-- name: drop_overlay
-- It goes by the bank's own rules again.
DELETE FROM bank_overlay WHERE bank_id = %(bank_id)s AND organization_id = %(organization_id)s RETURNING bank_id;

-- name: overlays
-- What an organization has set for itself of some banks.
SELECT bank_id, policy FROM bank_overlay
WHERE bank_id = ANY (%(bank_ids)s) AND organization_id = %(organization_id)s;

-- name: set_recording
-- Which lookups are recorded that concern a bank of an organization.
UPDATE bank SET record_lookups = %(recording)s
WHERE bank_id = %(bank_id)s AND organization_id = %(organization_id)s
RETURNING record_lookups;
