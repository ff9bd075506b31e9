-- name: add_client
-- Insert a client, encrypted.
INSERT INTO client (client_id, organization_id, sealed, created_by)
VALUES (%(client_id)s, %(organization_id)s, %(sealed)s, %(caller_id)s);

-- name: client
-- A client of an organization.
SELECT client_id, sealed, created_at, erased_at FROM client WHERE client_id = %(client_id)s AND organization_id = %(organization_id)s;

-- name: lock_client
-- As `client`, and lock the client.
SELECT client_id, sealed, created_at, erased_at FROM client WHERE client_id = %(client_id)s AND organization_id = %(organization_id)s FOR UPDATE;

-- name: clients
-- Clients of an organization, newest first.
SELECT client_id, sealed, created_at, erased_at FROM client WHERE organization_id = %(organization_id)s
  AND (%(at)s::timestamptz IS NULL OR (created_at, client_id) < (%(at)s, %(after_id)s::uuid))
ORDER BY created_at DESC, client_id DESC LIMIT %(limit)s;

-- name: places_of_client
-- Encrypted texts with places of a client: of its notices now and before, and of recurrences; each with its purpose.
SELECT 'place' AS purpose, n.place_sealed AS sealed FROM notice n JOIN campaign c USING (campaign_id)
WHERE c.client_id = %(client_id)s
UNION ALL
SELECT 'place', r.sealed FROM recurrence r JOIN campaign c USING (campaign_id) WHERE c.client_id = %(client_id)s
UNION ALL
SELECT 'words', m.sealed FROM notice_move m JOIN notice n USING (notice_id) JOIN campaign c USING (campaign_id)
WHERE c.client_id = %(client_id)s AND m.sealed IS NOT NULL;

-- name: erased_clients
-- Which of these clients are erased.
SELECT client_id FROM client WHERE client_id = ANY (%(client_ids)s) AND erased_at IS NOT NULL;

-- name: unerased_clients
-- Clients to be erased: of closed organizations, and clients whose key is destroyed.
SELECT k.client_id, k.organization_id FROM client k JOIN organization o USING (organization_id)
WHERE k.erased_at IS NULL AND (o.closed_at IS NOT NULL OR k.client_id = ANY (%(client_ids)s))
ORDER BY k.client_id LIMIT %(limit)s;

-- name: closed_organizations
-- Which of these ids belong to closed organizations.
SELECT organization_id FROM organization
WHERE organization_id = ANY (%(organization_ids)s) AND closed_at IS NOT NULL;

-- name: erase_client
-- Delete a client's encrypted data, and close its campaigns.
WITH ended AS (
    UPDATE campaign SET state = 'closed', closed_at = now(), closed_by = %(caller_id)s
    WHERE client_id = %(client_id)s AND state = 'open'
)
UPDATE client SET sealed = NULL, erased_at = now() WHERE client_id = %(client_id)s AND erased_at IS NULL
RETURNING client_id;

-- name: add_mandate
-- Insert a mandate of a client.
INSERT INTO mandate (client_id, granted_by, document_sha256, valid_from, valid_until, created_by)
VALUES (%(client_id)s, %(granted_by)s, decode(%(document_sha256)s, 'hex'), %(valid_from)s, %(valid_until)s,
        %(caller_id)s)
RETURNING mandate_id;

-- name: mandates
-- A client's mandates, newest first.
SELECT mandate_id, granted_by, encode(document_sha256, 'hex') AS document_sha256, valid_from, valid_until, created_at,
       revoked_at, revoked_at IS NULL AND now() >= valid_from AND now() < valid_until AS holds
FROM mandate WHERE client_id = %(client_id)s ORDER BY created_at DESC, mandate_id LIMIT 100;

-- name: usable_mandates
-- Mandates of an organization's clients that are or will be valid, the newest first, each with its client.
SELECT m.mandate_id, m.granted_by, m.valid_until, k.client_id, k.sealed
FROM mandate m JOIN client k USING (client_id)
WHERE k.organization_id = %(organization_id)s AND k.erased_at IS NULL AND m.revoked_at IS NULL AND m.valid_until > now()
ORDER BY m.created_at DESC, m.mandate_id LIMIT %(limit)s;

-- name: revoke_mandate
-- Revoke a mandate.
UPDATE mandate SET revoked_at = now(), revoked_by = %(caller_id)s
WHERE mandate_id = %(mandate_id)s AND client_id = %(client_id)s AND revoked_at IS NULL
RETURNING mandate_id;

-- name: add_campaign
-- Insert a campaign.
INSERT INTO campaign (campaign_id, organization_id, client_id, mandate_id, regimes, language, sealed, signatory_sealed,
                      created_by)
VALUES (%(campaign_id)s, %(organization_id)s, %(client_id)s, %(mandate_id)s, %(regimes)s, %(language)s, %(sealed)s,
        %(signatory_sealed)s, %(created_by)s);

-- name: campaign
-- A campaign of an organization, with its client and its mandate.
SELECT c.*, k.sealed AS client_sealed, m.granted_by, m.valid_from, m.valid_until, m.revoked_at,
       encode(m.document_sha256, 'hex') AS document_sha256,
       m.revoked_at IS NULL AND now() >= m.valid_from AND now() < m.valid_until AS holds
FROM campaign c JOIN client k USING (client_id) JOIN mandate m USING (mandate_id)
WHERE c.campaign_id = %(campaign_id)s AND c.organization_id = %(organization_id)s;

-- name: lock_client_of
-- Lock the client of a campaign, always before `lock_campaign`.
SELECT client_id FROM client WHERE client_id = (
    SELECT client_id FROM campaign WHERE campaign_id = %(campaign_id)s AND organization_id = %(organization_id)s)
FOR SHARE;

-- name: lock_campaign
-- Lock a campaign.
SELECT campaign_id FROM campaign
WHERE campaign_id = %(campaign_id)s AND organization_id = %(organization_id)s FOR NO KEY UPDATE;

-- name: campaigns
-- Campaigns of an organization, newest first.
SELECT c.*, m.revoked_at IS NULL AND now() >= m.valid_from AND now() < m.valid_until AS holds,
       (SELECT count(*) FROM notice n WHERE n.campaign_id = c.campaign_id) AS notices
FROM campaign c JOIN mandate m USING (mandate_id)
WHERE c.organization_id = %(organization_id)s AND (%(state)s::text IS NULL OR c.state = %(state)s)
  AND (%(entry_id)s::uuid IS NULL OR EXISTS (
      SELECT FROM campaign_entry e WHERE e.campaign_id = c.campaign_id AND e.entry_id = %(entry_id)s))
  AND (%(at)s::timestamptz IS NULL OR (c.created_at, c.campaign_id) < (%(at)s, %(after_id)s::uuid))
ORDER BY c.created_at DESC, c.campaign_id DESC LIMIT %(limit)s;

-- name: change_campaign
-- Change a campaign. Null keeps a value.
UPDATE campaign SET
    mandate_id = coalesce(%(mandate_id)s, mandate_id), language = coalesce(%(language)s, language),
    sealed = coalesce(%(sealed)s, sealed), signatory_sealed = coalesce(%(signatory_sealed)s, signatory_sealed)
WHERE campaign_id = %(campaign_id)s;

-- name: close_campaign
-- Close a campaign.
UPDATE campaign SET state = 'closed', closed_at = now(), closed_by = %(caller_id)s
WHERE campaign_id = %(campaign_id)s AND state = 'open' RETURNING campaign_id;

-- name: add_entry
-- Add an entry to a campaign.
INSERT INTO campaign_entry (campaign_id, entry_id, added_by) VALUES (%(campaign_id)s, %(entry_id)s, %(caller_id)s)
ON CONFLICT DO NOTHING RETURNING entry_id;

-- name: entries
-- The entries of a campaign, as its organization sees them now.
SELECT ce.entry_id, e.status, e.tier, e.status = 'matchable' AND e.tier <> 'unreviewed'
       AND answers_to(b, %(organization_id)s) AND b.kind <> 'negative' AS sendable,
       CASE WHEN answers_to(b, %(organization_id)s) THEN e.title END AS title,
       EXISTS (SELECT FROM dispute d WHERE d.entry_id = e.entry_id AND d.outcome IS NULL) AS disputed
FROM campaign_entry ce JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
WHERE ce.campaign_id = %(campaign_id)s ORDER BY ce.added_at, ce.entry_id;

-- name: counts
-- Count notices of a campaign by state and regime, with those that are paused or overdue.
SELECT notice_stands(n) AS state, regime, count(*) AS notices, count(*) FILTER (WHERE paused_for <> '{}') AS paused,
       count(*) FILTER (WHERE state IN ('sent', 'acknowledged') AND due_at < now() AND paused_for = '{}') AS overdue
FROM notice n WHERE campaign_id = %(campaign_id)s GROUP BY notice_stands(n), regime ORDER BY 1, regime;

-- name: platforms
-- Count notices of a campaign by platform.
SELECT platform, count(*) AS notices, count(*) FILTER (WHERE notice_stands(n) IN ('draft', 'ready', 'reopened', 'prepared'))
           AS not_handed_over,
       count(*) FILTER (WHERE state = 'removed') AS removed
FROM notice n WHERE campaign_id = %(campaign_id)s GROUP BY platform ORDER BY notices DESC, platform LIMIT 1000;

-- name: add_release
-- Release fields of a campaign to a recipient.
INSERT INTO notice_release (release_id, organization_id, campaign_id, recipient, fields, created_by, valid_until)
VALUES (%(release_id)s, %(organization_id)s, %(campaign_id)s, %(recipient)s, %(fields)s, %(caller_id)s, %(valid_until)s);

-- name: releases
-- Releases of a campaign, newest first.
SELECT r.*, c.name AS caller, r.revoked_at IS NULL AND now() < r.valid_until AS holds
FROM notice_release r JOIN caller c ON c.caller_id = r.created_by
WHERE r.campaign_id = %(campaign_id)s ORDER BY r.created_at DESC, r.release_id LIMIT 1000;

-- name: released_fields
-- Fields that are released to a recipient now.
SELECT DISTINCT unnest(fields) AS field FROM notice_release
WHERE campaign_id = %(campaign_id)s AND recipient = %(recipient)s AND revoked_at IS NULL AND clock_timestamp() < valid_until;

-- name: revoke_release
-- End a release.
UPDATE notice_release SET revoked_at = now(), revoked_by = %(caller_id)s
WHERE release_id = %(release_id)s AND campaign_id = %(campaign_id)s AND revoked_at IS NULL
RETURNING recipient;
