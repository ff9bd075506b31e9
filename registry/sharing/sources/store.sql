-- name: insert
-- Insert an exchange, unless its name or its bank is in use or the bank is closed. The bank is not closed meanwhile.
INSERT INTO exchange (exchange_id, organization_id, bank_id, name, kind, address, options, credentials, every_s, created_by)
SELECT %(exchange_id)s, %(organization_id)s, b.bank_id, %(name)s, %(kind)s, %(address)s, %(options)s,
       %(credentials)s, %(every)s, %(created_by)s
FROM bank b WHERE b.bank_id = %(bank_id)s AND b.closed_at IS NULL FOR SHARE OF b
ON CONFLICT DO NOTHING
RETURNING exchange_id;

-- name: list
-- An organization's exchanges, by name.
SELECT x.*, b.name AS bank, b.closed_at IS NULL AS open, EXISTS (
    SELECT FROM job j WHERE j.subject_id = x.exchange_id AND j.task = 'fetch_exchange'
      AND j.status IN ('queued', 'running')) AS fetching
FROM exchange x JOIN bank b USING (bank_id)
WHERE x.organization_id = %(organization_id)s AND x.state <> 'removed' AND x.kind <> 'registry'
ORDER BY x.name;

-- name: lock
-- Lock an exchange until the transaction ends. `open`: neither its organization nor its bank is closed.
SELECT x.*, b.name AS bank, false AS fetching, o.closed_at IS NULL AND b.closed_at IS NULL AS open
FROM exchange x JOIN bank b USING (bank_id) JOIN organization o ON o.organization_id = x.organization_id
WHERE x.exchange_id = %(exchange_id)s FOR NO KEY UPDATE OF x;

-- name: bank
-- Visibility of a bank, and whether it is published.
SELECT b.visibility, is_published(b) AS published FROM bank b WHERE b.bank_id = %(bank_id)s;

-- name: take_due
-- Exchanges that are due. Schedule their next reading.
UPDATE exchange SET next_at = now() + make_interval(secs => every_s)
WHERE exchange_id IN (
    SELECT x.exchange_id FROM exchange x JOIN organization o USING (organization_id)
    WHERE x.state = 'active' AND x.next_at <= now() AND o.closed_at IS NULL
    ORDER BY x.next_at LIMIT 100 FOR NO KEY UPDATE OF x SKIP LOCKED)
RETURNING exchange_id;

-- name: advance
-- Store the position reached and the counts, in the commit that stores what was read.
UPDATE exchange SET checkpoint = coalesce(%(checkpoint)s, checkpoint), added = added + %(added)s,
    withdrawn = withdrawn + %(withdrawn)s, rejected = rejected + %(rejected)s
WHERE exchange_id = %(exchange_id)s;

-- name: record_end
-- Record that the end was reached, or the error. The reason of a suspension is kept.
UPDATE exchange SET
    error_code = CASE WHEN %(code)s::text IS NULL AND state = 'suspended' THEN error_code ELSE %(code)s END,
    error_message = CASE WHEN %(code)s::text IS NULL AND state = 'suspended' THEN error_message ELSE %(message)s END,
    fetched_at = CASE WHEN %(code)s::text IS NULL THEN now() ELSE fetched_at END
WHERE exchange_id = %(exchange_id)s;

-- name: set_state
-- Suspend an exchange, or resume it: then it is due at once.
UPDATE exchange SET state = %(state)s, next_at = now() WHERE exchange_id = %(exchange_id)s AND state <> 'removed';

-- name: set_credentials
-- Replace the encrypted credentials of an exchange, which is due at once.
UPDATE exchange SET credentials = %(credentials)s, next_at = now()
WHERE exchange_id = %(exchange_id)s AND state <> 'removed';

-- name: progress
-- When the open job that reads an exchange was enqueued (null: there is none), and the records that it has now.
SELECT (SELECT min(created_at) FROM job WHERE subject_id = %(exchange_id)s AND task = 'fetch_exchange'
          AND status IN ('queued', 'running')) AS started_at,
       (SELECT count(*) FROM listing_source WHERE exchange_id = %(exchange_id)s) AS records;

-- name: find_login
-- An organization's credentials for a kind of exchange.
SELECT login_id, credentials FROM exchange_login WHERE organization_id = %(organization_id)s AND kind = %(kind)s;

-- name: lock_logins
-- Have others wait who replace credentials of the organization.
SELECT organization_id FROM organization WHERE organization_id = %(organization_id)s FOR NO KEY UPDATE;

-- name: delete_login
-- Delete an organization's credentials for a kind of exchange.
DELETE FROM exchange_login WHERE organization_id = %(organization_id)s AND kind = %(kind)s RETURNING login_id;

-- name: insert_login
-- Insert an organization's credentials for a kind of exchange.
INSERT INTO exchange_login (login_id, organization_id, kind, credentials)
VALUES (%(login_id)s, %(organization_id)s, %(kind)s, %(credentials)s);

-- name: make_due
-- Have an organization's exchanges of a kind be due that have no credentials of their own.
UPDATE exchange SET next_at = now()
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND credentials IS NULL AND state = 'active';

-- name: delete_logins
-- Delete an organization's credentials for all kinds of exchanges.
DELETE FROM exchange_login WHERE organization_id = %(organization_id)s;

-- name: remove
-- Mark an exchange as removed and delete its credentials.
UPDATE exchange SET state = 'removed', credentials = NULL WHERE exchange_id = %(exchange_id)s;

-- name: end_with_bank
-- Mark the exchange that fills a bank as removed, and delete its credentials.
UPDATE exchange SET state = 'removed', credentials = NULL
WHERE bank_id = %(bank_id)s AND state <> 'removed' AND kind <> 'registry' RETURNING exchange_id;

-- name: is_filled
-- Whether an exchange or a peer fills a bank.
SELECT exchange_id FROM exchange WHERE bank_id = %(bank_id)s AND state <> 'removed';

-- name: overdue
-- For each kind, the seconds by which the most delayed active exchange is overdue.
SELECT x.kind, greatest(0, max(extract(epoch FROM now() - coalesce(
           x.fetched_at + make_interval(secs => x.every_s), x.created_at))))::float8 AS seconds
FROM exchange x JOIN bank b USING (bank_id) JOIN organization o ON o.organization_id = x.organization_id
WHERE x.state = 'active' AND o.closed_at IS NULL AND b.closed_at IS NULL
GROUP BY x.kind ORDER BY x.kind;

-- name: remove_all
-- Remove all exchanges of an organization and delete their credentials.
UPDATE exchange SET state = 'removed', credentials = NULL
WHERE organization_id = %(organization_id)s AND state <> 'removed';
