-- name: list
-- An organization's peers, by name.
SELECT x.*, b.name AS bank, o.closed_at IS NULL AND b.closed_at IS NULL AS open, EXISTS (
    SELECT FROM job j WHERE j.subject_id = x.exchange_id AND j.task = 'fetch_exchange'
      AND j.status IN ('queued', 'running')) AS fetching
FROM exchange x JOIN bank b USING (bank_id) JOIN organization o ON o.organization_id = x.organization_id
WHERE x.organization_id = %(organization_id)s AND x.kind = 'registry' AND x.state <> 'removed'
ORDER BY x.name;

-- name: set_state
-- Set the state. A resumed peer is due at once, and its error is cleared.
UPDATE exchange SET state = %(state)s, next_at = now(),
    error_code = CASE WHEN %(state)s = 'active' THEN NULL ELSE error_code END,
    error_message = CASE WHEN %(state)s = 'active' THEN NULL ELSE error_message END
WHERE exchange_id = %(exchange_id)s;

-- name: restart
-- Read the peer from the beginning.
WITH awaited AS (
    DELETE FROM peer_awaited WHERE exchange_id = %(exchange_id)s
), heard AS (
    DELETE FROM peer_heard WHERE exchange_id = %(exchange_id)s
)
UPDATE exchange SET checkpoint = NULL WHERE exchange_id = %(exchange_id)s;

-- name: delete_checkpoints
-- Delete the checkpoints seen of a ledger. Proofs of forks stay in peer_fork.
DELETE FROM peer_checkpoint WHERE verifier_key = %(verifier_key)s;

-- name: find_checkpoint
-- The checkpoint of this size that any reader here has seen.
SELECT root, note FROM peer_checkpoint WHERE verifier_key = %(verifier_key)s AND size = %(size)s;

-- name: newest_checkpoint
-- The largest checkpoint that any reader here has seen.
SELECT size, root, note FROM peer_checkpoint WHERE verifier_key = %(verifier_key)s ORDER BY size DESC LIMIT 1;

-- name: save_checkpoint
-- Store a signed checkpoint. Smaller ones follow from it, and are deleted after a week.
WITH gone AS (
    DELETE FROM peer_checkpoint
    WHERE verifier_key = %(verifier_key)s AND size < %(size)s AND seen_at < now() - interval '7 days'
)
INSERT INTO peer_checkpoint (verifier_key, size, root, note) VALUES (%(verifier_key)s, %(size)s, %(root)s, %(note)s)
ON CONFLICT DO NOTHING;

-- name: add_fork
-- Store two contradicting notes.
INSERT INTO peer_fork (exchange_id, reason, first_note, second_note, proof, teller_id)
VALUES (%(exchange_id)s, %(reason)s, %(first_note)s, %(second_note)s, %(proof)s, %(teller_id)s)
RETURNING fork_no;

-- name: forks
-- Proofs that a peer has forked, newest first.
SELECT f.reason, f.first_note AS first, f.second_note AS second, f.proof, f.found_at, t.name AS told_by
FROM peer_fork f LEFT JOIN exchange t ON t.exchange_id = f.teller_id
WHERE f.exchange_id = %(exchange_id)s ORDER BY f.fork_no DESC LIMIT 20;

-- name: newest_notes
-- The newest note of each ledger that is read here, and both notes of forked ledgers.
WITH peer AS (
    SELECT DISTINCT ON (k.key) k.key, x.exchange_id, x.state FROM exchange x
    CROSS JOIN LATERAL (SELECT x.options -> 'keys' ->> 0) AS k (key)
    WHERE x.kind = 'registry' AND x.state <> 'removed' ORDER BY k.key, x.state DESC
)
SELECT p.key, n.note FROM peer p CROSS JOIN LATERAL (
    (SELECT c.note FROM peer_checkpoint c WHERE c.verifier_key = p.key ORDER BY c.size DESC LIMIT 1)
    UNION ALL
    (SELECT unnest(ARRAY[f.first_note, f.second_note]) FROM peer_fork f
     WHERE p.state = 'suspended' AND f.fork_no = (
         SELECT max(fork_no) FROM peer_fork WHERE exchange_id = p.exchange_id))
) n LIMIT %(limit)s;

-- name: of_ledgers
-- Active peers whose ledgers have these names.
SELECT x.*, b.name AS bank, false AS fetching, true AS open FROM exchange x JOIN bank b USING (bank_id)
WHERE x.kind = 'registry' AND x.state = 'active' AND x.options ->> 'origin' = ANY (%(origins)s) ORDER BY x.exchange_id;

-- name: add_report
-- Store a checkpoint that another peer was shown, at most eight for each reporter and ledger.
INSERT INTO peer_heard (exchange_id, teller_id, size, root, note)
SELECT %(exchange_id)s, %(teller_id)s, %(size)s, %(root)s, %(note)s
WHERE (SELECT count(*) FROM peer_heard h WHERE h.teller_id = %(teller_id)s AND h.exchange_id = %(exchange_id)s) < 8
ON CONFLICT DO NOTHING;

-- name: reports
-- Reported checkpoints that are due to be proved. A peer that reads from a replica may not have the newest at once.
SELECT teller_id, size, root, note FROM peer_heard
WHERE exchange_id = %(exchange_id)s
  AND (size <= %(size)s OR heard_at <= now() - make_interval(secs => %(seconds)s))
ORDER BY size LIMIT 64;

-- name: delete_report
-- Delete a reported checkpoint that was proved.
DELETE FROM peer_heard WHERE exchange_id = %(exchange_id)s AND size = %(size)s AND root = %(root)s;

-- name: published
-- Those of a peer's entries that are known, with their local entries.
SELECT f.origin_entry_id, f.entry_id, f.status, f.tier FROM foreign_entry f
WHERE f.exchange_id = %(exchange_id)s AND f.origin_entry_id = ANY (%(ids)s);

-- name: copy
-- Entries that a peer publishes for the first time.
COPY foreign_entry (exchange_id, origin_entry_id, entry_id, status, tier, licence, leaf_index, item_hash) FROM STDIN;

-- name: save
-- Store changes of entries that a peer publishes.
INSERT INTO foreign_entry (exchange_id, origin_entry_id, entry_id, status, tier, licence, leaf_index, item_hash)
SELECT %(exchange_id)s, f.origin_entry_id, f.entry_id, f.status, f.tier, f.licence, %(leaf_index)s, f.item_hash
FROM unnest(%(ids)s::uuid[], %(entries)s::uuid[], %(statuses)s::text[], %(tiers)s::text[], %(licences)s::text[],
            %(hashes)s::bytea[]) AS f (origin_entry_id, entry_id, status, tier, licence, item_hash)
ON CONFLICT (exchange_id, origin_entry_id) DO UPDATE
SET entry_id = coalesce(excluded.entry_id, foreign_entry.entry_id), status = excluded.status, tier = excluded.tier,
    licence = excluded.licence, leaf_index = excluded.leaf_index, item_hash = excluded.item_hash, said_at = now();

-- name: own_tiers
-- Tiers of a peer's entries and their media in lookups of its organization, by what the peer's tiers count for here. An entry
-- has the tier of its most trusted record, a medium that of the records that name it. Entries reviewed here are left out.
WITH held AS MATERIALIZED (
    SELECT f.entry_id, s.media, array_position(%(ranks)s::text[], coalesce(c.here, 'unreviewed')) AS place
    FROM foreign_entry f
    JOIN listing_source s ON s.exchange_id = f.exchange_id AND s.source_key = f.origin_entry_id::text
    LEFT JOIN unnest(%(there)s::text[], %(here)s::text[]) AS c (there, here) ON c.there = f.tier
    WHERE f.exchange_id = %(exchange_id)s AND f.entry_id = ANY (%(entries)s) AND f.status = 'matchable'
      AND EXISTS (SELECT FROM listing l WHERE l.entry_id = f.entry_id AND l.exchange_id IS NOT NULL)
      AND NOT EXISTS (SELECT FROM review r WHERE r.entry_id = f.entry_id AND r.superseded_at IS NULL)
), best AS (
    SELECT h.entry_id, max(h.place) AS place FROM held h GROUP BY h.entry_id
), counted AS (
    SELECT ea.entry_id, ea.asset_id, ea.role, (%(ranks)s::text[])[coalesce(
        (SELECT max(h.place) FROM held h WHERE h.entry_id = ea.entry_id AND ea.added_by IS NULL
           AND (h.media IS NULL OR ea.asset_id = ANY (h.media))),
        least(b.place, array_position(%(ranks)s::text[], ea.own_tier)))] AS tier
    FROM best b JOIN entry_asset ea USING (entry_id)
)
SELECT b.entry_id, c.asset_id, c.role, c.tier, (%(ranks)s::text[])[b.place] AS entry_tier
FROM best b LEFT JOIN counted c USING (entry_id);

-- name: add_missing
-- Entries whose items a page shows as hashes only: newer items are expected.
INSERT INTO peer_awaited (exchange_id, origin_entry_id, page_no)
SELECT %(exchange_id)s, e, %(page_no)s FROM unnest(%(ids)s::uuid[]) AS e ON CONFLICT DO NOTHING;

-- name: delete_missing
-- Entries whose newer items have arrived.
DELETE FROM peer_awaited WHERE exchange_id = %(exchange_id)s AND origin_entry_id = ANY (%(ids)s);

-- name: missing
-- Entries whose newer items have been missing for so long, in the order of their ids.
SELECT origin_entry_id FROM peer_awaited
WHERE exchange_id = %(exchange_id)s AND since <= now() - make_interval(secs => %(seconds)s)
  AND (%(after)s::uuid IS NULL OR origin_entry_id > %(after)s)
ORDER BY origin_entry_id LIMIT %(limit)s;

-- name: of_entry
-- Peers that publish an entry.
SELECT f.exchange_id, x.name AS peer, x.options ->> 'origin' AS origin, f.origin_entry_id AS entry_id, f.status, f.tier,
       f.licence, f.leaf_index AS ledger_index, encode(f.item_hash, 'hex') AS item_hash, f.said_at
FROM foreign_entry f JOIN exchange x USING (exchange_id)
WHERE f.entry_id = %(entry_id)s ORDER BY f.said_at, f.origin_entry_id LIMIT 100;

-- name: find
-- A peer that is not removed, of an organization that is not closed.
SELECT x.*, b.name AS bank, false AS fetching, b.closed_at IS NULL AS open
FROM exchange x JOIN bank b USING (bank_id) JOIN organization o ON o.organization_id = x.organization_id
WHERE x.exchange_id = %(exchange_id)s AND x.kind = 'registry' AND x.state <> 'removed' AND o.closed_at IS NULL;

-- name: mark_followed
-- Record that the peer is asked for notifications, unless it was asked recently.
UPDATE exchange SET followed_at = now()
WHERE exchange_id = %(exchange_id)s
  AND (followed_at IS NULL OR followed_at < now() - make_interval(secs => %(seconds)s))
RETURNING exchange_id;

-- name: count_states
-- Numbers of peers: forked, suspended by a person, failing, and all. Peers of closed banks are left out.
SELECT count(*) FILTER (WHERE x.state = 'suspended' AND x.error_code = 'peer_forked') AS forked,
       count(*) FILTER (WHERE x.state = 'suspended' AND x.error_code IS DISTINCT FROM 'peer_forked') AS suspended,
       count(*) FILTER (WHERE x.state = 'active' AND x.error_code IS NOT NULL) AS failing,
       count(*) AS peers
FROM exchange x JOIN bank b USING (bank_id)
WHERE x.kind = 'registry' AND x.state <> 'removed' AND b.closed_at IS NULL;
