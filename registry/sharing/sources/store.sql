-- name: insert
-- A new exchange; nothing where its name or its bank is taken.
INSERT INTO exchange (exchange_id, organization_id, bank_id, name, kind, address, options, credentials, every_s, created_by)
VALUES (%(exchange_id)s, %(organization_id)s, %(bank_id)s, %(name)s, %(kind)s, %(address)s, %(options)s,
        %(credentials)s, %(every)s, %(created_by)s)
ON CONFLICT DO NOTHING
RETURNING exchange_id;

-- name: list
-- An organization's exchanges that are read, by name.
SELECT x.*, b.name AS bank, EXISTS (
    SELECT FROM job j WHERE j.subject_id = x.exchange_id AND j.task = 'fetch_exchange'
      AND j.status IN ('queued', 'running')) AS fetching
FROM exchange x JOIN bank b USING (bank_id)
WHERE x.organization_id = %(organization_id)s AND x.state = 'active' AND x.kind <> 'registry'
ORDER BY x.name;

-- name: by_id
-- One, whoever's it is, locked until the transaction ends. `open`: whether anybody is left for whom it is read.
SELECT x.*, b.name AS bank, false AS fetching, o.closed_at IS NULL AND b.closed_at IS NULL AS open
FROM exchange x JOIN bank b USING (bank_id) JOIN organization o ON o.organization_id = x.organization_id
WHERE x.exchange_id = %(exchange_id)s FOR NO KEY UPDATE OF x;

-- name: bank
-- What a bank is, before an exchange fills it.
SELECT b.visibility, is_published(b) AS published FROM bank b WHERE b.bank_id = %(bank_id)s;

-- name: due
-- Exchanges whose time has come, which are then read at their next time.
UPDATE exchange SET next_at = now() + make_interval(secs => every_s)
WHERE exchange_id IN (
    SELECT x.exchange_id FROM exchange x JOIN organization o USING (organization_id)
    WHERE x.state = 'active' AND x.next_at <= now() AND o.closed_at IS NULL
    ORDER BY x.next_at LIMIT 100 FOR NO KEY UPDATE OF x SKIP LOCKED)
RETURNING exchange_id;

-- name: advance
-- How far it was read, in the commit that keeps what was read.
UPDATE exchange SET checkpoint = coalesce(%(checkpoint)s, checkpoint), added = added + %(added)s,
    withdrawn = withdrawn + %(withdrawn)s, rejected = rejected + %(rejected)s
WHERE exchange_id = %(exchange_id)s;

-- name: ended
-- It was read to its end, or could not be. Why it was suspended meanwhile stays.
UPDATE exchange SET
    error_code = CASE WHEN %(code)s::text IS NULL AND state = 'suspended' THEN error_code ELSE %(code)s END,
    error_message = CASE WHEN %(code)s::text IS NULL AND state = 'suspended' THEN error_message ELSE %(message)s END,
    fetched_at = CASE WHEN %(code)s::text IS NULL THEN now() ELSE fetched_at END
WHERE exchange_id = %(exchange_id)s;

-- name: remove
-- It is read no longer.
UPDATE exchange SET state = 'removed', credentials = NULL WHERE exchange_id = %(exchange_id)s;

-- name: fills
-- Whether an exchange or a peer fills a bank.
SELECT exchange_id FROM exchange WHERE bank_id = %(bank_id)s AND state <> 'removed';

-- name: overdue
-- By kind: for how many seconds the one that has waited longest should have been read to its end by now, again or at all;
-- of those that are read.
SELECT x.kind, greatest(0, max(extract(epoch FROM now() - coalesce(
           x.fetched_at + make_interval(secs => x.every_s), x.created_at))))::float8 AS seconds
FROM exchange x JOIN bank b USING (bank_id) JOIN organization o ON o.organization_id = x.organization_id
WHERE x.state = 'active' AND o.closed_at IS NULL AND b.closed_at IS NULL
GROUP BY x.kind ORDER BY x.kind;

-- name: stop_all
-- Nothing more is read for it, and what it has given to read with is forgotten.
UPDATE exchange SET state = 'removed', credentials = NULL
WHERE organization_id = %(organization_id)s AND state <> 'removed';
