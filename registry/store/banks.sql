-- name: insert
-- A new bank; nothing where the owner has one of that name.
INSERT INTO bank (organization_id, name, visibility, policy)
VALUES (%(organization_id)s, %(name)s, %(visibility)s, %(policy)s)
ON CONFLICT (organization_id, name) WHERE closed_at IS NULL DO NOTHING
RETURNING bank_id, name, visibility, policy, created_at;

-- name: visible
-- The banks that answer an organization, its own first.
SELECT b.bank_id, b.name, b.visibility, b.policy, b.created_at, o.name AS organization,
       b.organization_id = %(organization_id)s AS own,
       (SELECT count(*) FROM entry e WHERE e.bank_id = b.bank_id AND e.status = 'matchable') AS entries
FROM bank b JOIN organization o USING (organization_id)
WHERE b.organization_id = %(organization_id)s OR b.visibility = 'public'
ORDER BY own DESC, b.name;

-- name: by_name
-- Visible banks of a name, the caller's own before public ones; two are enough to see that it is ambiguous.
SELECT bank_id, name, organization_id = %(organization_id)s AS own
FROM bank
WHERE name = %(name)s AND (organization_id = %(organization_id)s OR visibility = 'public')
ORDER BY own DESC, bank_id
LIMIT 2;

-- name: by_id
-- One visible bank.
SELECT bank_id, name, organization_id = %(organization_id)s AS own
FROM bank
WHERE bank_id = %(bank_id)s AND (organization_id = %(organization_id)s OR visibility = 'public');

-- name: lock_policy
-- A bank's policy, before it is changed.
SELECT policy FROM bank WHERE bank_id = %(bank_id)s FOR UPDATE;

-- name: set_policy
-- What it says from now on.
UPDATE bank SET policy = %(policy)s WHERE bank_id = %(bank_id)s
RETURNING bank_id, name, visibility, policy, created_at;

-- name: overlays
-- What an organization has set for itself of some banks.
SELECT bank_id, policy FROM bank_overlay
WHERE bank_id = ANY (%(bank_ids)s) AND organization_id = %(organization_id)s;
