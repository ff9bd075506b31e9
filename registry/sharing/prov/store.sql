-- name: reviews
-- The decisions on an entry that are in force.
SELECT r.review_id, r.decision, r.decided_at, r.organization_id, o.name AS organization
FROM review r JOIN organization o USING (organization_id)
WHERE r.entry_id = %(entry_id)s AND r.superseded_at IS NULL ORDER BY r.decided_at, r.review_id;

-- name: disputes
-- The disputes of an entry, without their texts.
SELECT d.dispute_id, d.kind, d.state, d.outcome, d.opened_at, d.closed_at, d.organization_id, o.name AS organization
FROM dispute d JOIN organization o USING (organization_id)
WHERE d.entry_id = %(entry_id)s ORDER BY d.opened_at, d.dispute_id LIMIT 200;
