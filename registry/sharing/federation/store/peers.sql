-- name: list
-- An organization's peers, by name.
SELECT x.*, b.name AS bank, o.closed_at IS NULL AND b.closed_at IS NULL AS open, EXISTS (
    SELECT FROM job j WHERE j.subject_id = x.exchange_id AND j.task = 'fetch_exchange'
      AND j.status IN ('queued', 'running')) AS fetching
FROM exchange x JOIN bank b USING (bank_id) JOIN organization o ON o.organization_id = x.organization_id
WHERE x.organization_id = %(organization_id)s AND x.kind = 'registry' AND x.state <> 'removed'
ORDER BY x.name;

-- name: set_state
-- Whether it is read. Resumed, it is read soon.
UPDATE exchange SET state = %(state)s, next_at = now(),
    error_code = CASE WHEN %(state)s = 'active' THEN NULL ELSE error_code END,
    error_message = CASE WHEN %(state)s = 'active' THEN NULL ELSE error_message END
WHERE exchange_id = %(exchange_id)s;

-- name: restart
-- It is read from the beginning: its ledger is believed anew.
WITH awaited AS (
    DELETE FROM peer_awaited WHERE exchange_id = %(exchange_id)s
), heard AS (
    DELETE FROM peer_heard WHERE exchange_id = %(exchange_id)s
)
UPDATE exchange SET checkpoint = NULL WHERE exchange_id = %(exchange_id)s;

-- name: forget_checkpoints
-- What was seen of a ledger that is believed anew; what proves a fork stays in peer_fork.
DELETE FROM peer_checkpoint WHERE verifier_key = %(verifier_key)s;

-- name: seen
-- What anybody here has seen signed of that ledger at that size.
SELECT root, note FROM peer_checkpoint WHERE verifier_key = %(verifier_key)s AND size = %(size)s;

-- name: newest
-- The largest that anybody here has seen signed of that ledger.
SELECT size, root, note FROM peer_checkpoint WHERE verifier_key = %(verifier_key)s ORDER BY size DESC LIMIT 1;

-- name: keep_checkpoint
-- What a peer has signed; the older ones follow from it, and go after a week.
WITH gone AS (
    DELETE FROM peer_checkpoint
    WHERE verifier_key = %(verifier_key)s AND size < %(size)s AND seen_at < now() - interval '7 days'
)
INSERT INTO peer_checkpoint (verifier_key, size, root, note) VALUES (%(verifier_key)s, %(size)s, %(root)s, %(note)s)
ON CONFLICT DO NOTHING;

-- name: add_fork
-- Two notes that contradict each other.
INSERT INTO peer_fork (exchange_id, reason, first_note, second_note, proof, teller_id)
VALUES (%(exchange_id)s, %(reason)s, %(first_note)s, %(second_note)s, %(proof)s, %(teller_id)s)
RETURNING fork_no;

-- name: forks
-- What proves that a peer has forked, the newest first.
SELECT f.fork_no, f.reason, f.first_note, f.second_note, f.proof, f.found_at, t.name AS teller
FROM peer_fork f LEFT JOIN exchange t ON t.exchange_id = f.teller_id
WHERE f.exchange_id = %(exchange_id)s ORDER BY f.fork_no DESC LIMIT 20;

-- name: witnessed
-- The newest that was seen signed of each ledger that is read here, and both notes of those that have forked.
WITH peer AS (
    SELECT DISTINCT ON (k.key) k.key, x.exchange_id, x.state FROM exchange x
    CROSS JOIN LATERAL (SELECT x.options -> 'keys' ->> 0) AS k (key)
    WHERE x.kind = 'registry' AND x.state <> 'removed' ORDER BY k.key, x.state DESC
)
SELECT p.key AS verifier_key, n.note FROM peer p CROSS JOIN LATERAL (
    (SELECT c.note FROM peer_checkpoint c WHERE c.verifier_key = p.key ORDER BY c.size DESC LIMIT 1)
    UNION ALL
    (SELECT unnest(ARRAY[f.first_note, f.second_note]) FROM peer_fork f
     WHERE p.state = 'suspended' AND f.fork_no = (
         SELECT max(fork_no) FROM peer_fork WHERE exchange_id = p.exchange_id))
) n LIMIT %(limit)s;

-- name: of_ledgers
-- Peers that are read here whose ledgers have these names.
SELECT x.exchange_id, x.organization_id, x.address, x.options FROM exchange x
WHERE x.kind = 'registry' AND x.state = 'active' AND x.options ->> 'origin' = ANY (%(origins)s) ORDER BY x.exchange_id;

-- name: hear
-- What a peer has signed, as another was shown it; of what one tells so much is kept.
INSERT INTO peer_heard (exchange_id, teller_id, size, root, note)
SELECT %(exchange_id)s, %(teller_id)s, %(size)s, %(root)s, %(note)s
WHERE (SELECT count(*) FROM peer_heard h WHERE h.teller_id = %(teller_id)s AND h.exchange_id = %(exchange_id)s) < 8
ON CONFLICT DO NOTHING;

-- name: heard
-- Of that what is due to be proved: a peer that is read at a replica may not know the newest at once.
SELECT teller_id, size, root, note FROM peer_heard
WHERE exchange_id = %(exchange_id)s
  AND (size <= %(size)s OR heard_at <= now() - make_interval(secs => %(seconds)s))
ORDER BY size LIMIT 64;

-- name: settle
-- It was proved to be the ledger that is shown here.
DELETE FROM peer_heard WHERE exchange_id = %(exchange_id)s AND size = %(size)s AND root = %(root)s;

-- name: known
-- Which of a peer's entries are known, and where they are here.
SELECT f.origin_entry_id, f.entry_id, f.status, f.tier FROM foreign_entry f
WHERE f.exchange_id = %(exchange_id)s AND f.origin_entry_id = ANY (%(ids)s);

-- name: copy
-- What a peer says of entries for the first time.
COPY foreign_entry (exchange_id, origin_entry_id, entry_id, status, tier, licence, leaf_index, item_hash) FROM STDIN;

-- name: keep
-- What a peer says newly of its entries.
INSERT INTO foreign_entry (exchange_id, origin_entry_id, entry_id, status, tier, licence, leaf_index, item_hash)
SELECT %(exchange_id)s, f.origin_entry_id, f.entry_id, f.status, f.tier, f.licence, %(leaf_index)s, f.item_hash
FROM unnest(%(ids)s::uuid[], %(entries)s::uuid[], %(statuses)s::text[], %(tiers)s::text[], %(licences)s::text[],
            %(hashes)s::bytea[]) AS f (origin_entry_id, entry_id, status, tier, licence, item_hash)
ON CONFLICT (exchange_id, origin_entry_id) DO UPDATE
SET entry_id = coalesce(excluded.entry_id, foreign_entry.entry_id), status = excluded.status, tier = excluded.tier,
    licence = excluded.licence, leaf_index = excluded.leaf_index, item_hash = excluded.item_hash, said_at = now();

-- name: trust
-- How far its organization's own lookups trust entries that peers have made, by what a peer's tiers count for here: the entry
-- as the record that counts most says, a medium as the records that name it. Who has reviewed one here has decided that;
-- strangers go by reviewers of this deployment alone.
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
), media AS (
    UPDATE entry_asset ea SET own_tier = c.tier FROM counted c
    WHERE ea.entry_id = c.entry_id AND ea.asset_id = c.asset_id AND ea.role = c.role AND ea.own_tier <> c.tier
)
UPDATE entry e SET own_tier = t.tier, own_original_tier = t.tier
FROM (SELECT b.entry_id, (%(ranks)s::text[])[b.place] AS tier FROM best b) t
WHERE e.entry_id = t.entry_id AND (e.own_tier, e.own_original_tier) IS DISTINCT FROM (t.tier, t.tier);

-- name: await
-- Entries of which a page shows no more than the hash of what was said.
INSERT INTO peer_awaited (exchange_id, origin_entry_id, page_no)
SELECT %(exchange_id)s, e, %(page_no)s FROM unnest(%(ids)s::uuid[]) AS e ON CONFLICT DO NOTHING;

-- name: came
-- And those of which it says something.
DELETE FROM peer_awaited WHERE exchange_id = %(exchange_id)s AND origin_entry_id = ANY (%(ids)s);

-- name: awaited
-- What has not come for so long, in its order, after one of them.
SELECT origin_entry_id FROM peer_awaited
WHERE exchange_id = %(exchange_id)s AND since <= now() - make_interval(secs => %(seconds)s)
  AND (%(after)s::uuid IS NULL OR origin_entry_id > %(after)s)
ORDER BY origin_entry_id LIMIT %(limit)s;

-- name: of_entry
-- Who says an entry, where peers do.
SELECT f.exchange_id, x.name AS peer, x.options ->> 'origin' AS origin, f.origin_entry_id, f.status, f.tier, f.licence,
       f.leaf_index, encode(f.item_hash, 'hex') AS item_hash, f.said_at
FROM foreign_entry f JOIN exchange x USING (exchange_id)
WHERE f.entry_id = %(entry_id)s ORDER BY f.said_at, f.origin_entry_id LIMIT 100;

-- name: told
-- A peer of which somebody says that it has news, while its organization reads it.
SELECT x.exchange_id, x.organization_id, x.address, x.options, x.checkpoint, x.state
FROM exchange x JOIN organization o USING (organization_id)
WHERE x.exchange_id = %(exchange_id)s AND x.kind = 'registry' AND x.state <> 'removed' AND o.closed_at IS NULL;

-- name: follow
-- Whether it is time to ask it again to tell of new pages; from now on it is not.
UPDATE exchange SET followed_at = now()
WHERE exchange_id = %(exchange_id)s
  AND (followed_at IS NULL OR followed_at < now() - make_interval(secs => %(seconds)s))
RETURNING exchange_id;

-- name: troubled
-- How many peers are suspended because they forked, how many by somebody, and how many are read and could not be the last
-- time; none whose bank is gone, which nobody reads.
SELECT count(*) FILTER (WHERE x.state = 'suspended' AND x.error_code = 'peer_forked') AS forked,
       count(*) FILTER (WHERE x.state = 'suspended' AND x.error_code IS DISTINCT FROM 'peer_forked') AS suspended,
       count(*) FILTER (WHERE x.state = 'active' AND x.error_code IS NOT NULL) AS failing,
       count(*) AS peers
FROM exchange x JOIN bank b USING (bank_id)
WHERE x.kind = 'registry' AND x.state <> 'removed' AND b.closed_at IS NULL;
