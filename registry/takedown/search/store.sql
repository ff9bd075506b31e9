-- name: campaigns
-- The newest campaigns of an organization.
SELECT campaign_id AS item_id, client_id, sealed, state FROM campaign
WHERE organization_id = %(organization_id)s ORDER BY created_at DESC, campaign_id DESC LIMIT %(limit)s;

-- name: clients
-- The newest clients of an organization that were not erased.
SELECT client_id AS item_id, client_id, sealed, NULL AS state FROM client
WHERE organization_id = %(organization_id)s AND sealed IS NOT NULL
ORDER BY created_at DESC, client_id DESC LIMIT %(limit)s;

-- name: at_addresses
-- Notices of an organization about one of these places, in any state, the newest first.
SELECT notice_id FROM notice WHERE organization_id = %(organization_id)s AND place_digest = ANY (%(digests)s::bytea[])
ORDER BY created_at DESC, notice_id LIMIT %(limit)s;
