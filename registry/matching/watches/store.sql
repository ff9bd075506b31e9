-- name: plan
-- For one transaction: reach what is kept by its indexes, whatever the planner thinks of a small table.
SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('hnsw.ef_search', '64', true), set_config('hnsw.iterative_scan', 'off', true);

-- name: insert
-- A watch; once a lookup, whatever is done twice.
INSERT INTO watch (lookup_id, organization_id, caller_id, bank_id, input, sha256, fingerprint, expires_at)
VALUES (%(lookup_id)s, %(organization_id)s, %(caller_id)s, %(bank_id)s, %(input)s, %(sha256)s, %(fingerprint)s,
        now() + make_interval(days => %(days)s))
ON CONFLICT (lookup_id) DO NOTHING
RETURNING watch_id, watch_no, expires_at;

-- name: of_lookup
-- The watch of a lookup.
SELECT watch_id, watch_no, expires_at FROM watch WHERE lookup_id = %(lookup_id)s;

-- name: add_frames
-- What finds it by hashes.
INSERT INTO watch_frame (watch_no, phash256, pdq)
SELECT %(watch_no)s, hash, NULL FROM unnest(%(phash256)b::bit(256)[]) AS hash
UNION ALL SELECT %(watch_no)s, NULL, hash FROM unnest(%(pdq)b::bit(256)[]) AS hash;

-- name: add_vectors
-- What finds it by vectors.
INSERT INTO watch_vector (watch_no, sscd)
SELECT %(watch_no)s, vector FROM unnest(%(sscd)b::halfvec(512)[]) AS vector;

-- name: longest
-- For how many days an organization's lookups may be watched; null: as long as the deployment allows.
SELECT watch_days_most FROM organization WHERE organization_id = %(organization_id)s;

-- name: days_of
-- For how many days a queued file's fingerprint is to be kept; null: not at all.
SELECT watch_days FROM lookup WHERE lookup_id = %(lookup_id)s;

-- name: ask_for
-- That it is to be kept.
UPDATE lookup SET watch_days = %(days)s WHERE lookup_id = %(lookup_id)s;

-- name: page
-- An organization's watches, the newest first.
SELECT w.watch_id, w.lookup_id, w.input, w.created_at, w.expires_at,
       (SELECT count(*) FROM watch_answer a WHERE a.watch_id = w.watch_id AND a.answer IS NOT NULL) AS answers
FROM watch w
WHERE w.organization_id = %(organization_id)s AND w.expires_at > now()
  AND (%(before)s::timestamptz IS NULL OR (w.created_at, w.watch_id) < (%(before)s, %(before_id)s::uuid))
ORDER BY w.created_at DESC, w.watch_id DESC LIMIT %(limit)s;

-- name: show
-- One of them.
SELECT w.watch_id, w.lookup_id, w.input, w.created_at, w.expires_at,
       (SELECT count(*) FROM watch_answer a WHERE a.watch_id = w.watch_id AND a.answer IS NOT NULL) AS answers
FROM watch w
WHERE w.watch_id = %(watch_id)s AND w.organization_id = %(organization_id)s AND w.expires_at > now();

-- name: answers
-- The new answers to it, the newest first.
SELECT entry_id, verdict, answer, answered_at FROM watch_answer
WHERE watch_id = %(watch_id)s AND answer IS NOT NULL
ORDER BY answered_at DESC, entry_id, verdict, unreviewed LIMIT 100;

-- name: delete
-- All that is kept of one.
DELETE FROM watch WHERE watch_id = %(watch_id)s AND organization_id = %(organization_id)s RETURNING lookup_id;

-- name: forget
-- What is kept of lookups whose time is over, whose organization was closed, or whose answer never came.
DELETE FROM watch WHERE watch_id IN (
    SELECT watch_id FROM watch WHERE expires_at <= now()
    UNION ALL
    SELECT w.watch_id FROM watch w JOIN organization o USING (organization_id) WHERE o.closed_at IS NOT NULL
    UNION ALL
    SELECT w.watch_id FROM watch w
    WHERE w.created_at BETWEEN now() - interval '3 days' AND now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM lookup l WHERE l.lookup_id = w.lookup_id)
    LIMIT 1000)
RETURNING watch_id;

-- name: save_first_verdicts
-- What the lookup's own answer says needs not be told again.
INSERT INTO watch_answer (watch_id, entry_id, verdict, unreviewed, organization_id)
SELECT w.watch_id, said.entry_id, said.verdict, said.unreviewed, w.organization_id
FROM watch w, unnest(%(entry_ids)s::uuid[], %(verdicts)s::text[], %(unreviewed)s::boolean[])
    AS said (entry_id, verdict, unreviewed)
WHERE w.watch_id = %(watch_id)s
ON CONFLICT DO NOTHING;

-- name: save_answer
-- What is new, once; nothing where the watch is gone or it was told before.
INSERT INTO watch_answer (watch_id, entry_id, verdict, unreviewed, answer, organization_id)
SELECT watch_id, %(entry_id)s, %(verdict)s, %(unreviewed)s, %(answer)s, organization_id FROM watch
WHERE watch_id = %(watch_id)s AND expires_at > now()
ON CONFLICT DO NOTHING
RETURNING watch_id;

-- name: matches
-- New answers to the watched lookups of an organization, or to one of them, the newest first: all, or those that nobody has
-- marked as seen. An entry is named if it still answers the organization; one of a private case only with `cases`.
SELECT a.watch_id, a.entry_id, a.verdict, a.unreviewed, a.answered_at, a.seen_at, w.lookup_id, w.created_at AS asked_at, e.title
FROM watch_answer a JOIN watch w USING (watch_id)
LEFT JOIN LATERAL (
    SELECT x.title FROM entry x JOIN bank b USING (bank_id)
    WHERE x.entry_id = a.entry_id
      AND (b.organization_id = a.organization_id OR (x.status = 'matchable' AND answers_to(b, a.organization_id)))
      AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = x.entry_id))) e ON true
WHERE a.organization_id = %(organization_id)s AND a.answer IS NOT NULL AND (%(seen)s OR a.seen_at IS NULL)
  AND (%(watch_id)s::uuid IS NULL OR a.watch_id = %(watch_id)s)
  AND (%(at)s::timestamptz IS NULL OR (a.answered_at, a.watch_id) < (%(at)s, %(after_id)s::uuid))
ORDER BY a.answered_at DESC, a.watch_id DESC LIMIT %(limit)s;

-- name: count_matches
-- How many of these nobody has marked as seen, up to a limit, and since when the oldest waits.
SELECT count(*)::integer AS count, min(answered_at) AS oldest
FROM (SELECT answered_at FROM watch_answer
      WHERE organization_id = %(organization_id)s AND answer IS NOT NULL AND seen_at IS NULL
      ORDER BY answered_at LIMIT %(limit)s) w;

-- name: mark_seen
-- Mark as seen what the page showed: the answers up to a time, all or those of one watch about one entry.
UPDATE watch_answer SET seen_at = now(), seen_by = %(caller_id)s
WHERE organization_id = %(organization_id)s AND answer IS NOT NULL AND seen_at IS NULL AND answered_at <= %(until)s
  AND (%(watch_id)s::uuid IS NULL OR (watch_id = %(watch_id)s AND entry_id = %(entry_id)s));

-- name: find_answer
-- An answer that was told, for the message.
SELECT answer FROM watch_answer
WHERE watch_id = %(watch_id)s AND entry_id = %(entry_id)s AND verdict = %(verdict)s
  AND unreviewed = %(unreviewed)s;

-- name: watchers_of
-- The organizations that were told, by lookups that they have watched, of entries of others that answer otherwise now.
SELECT w.organization_id, a.entry_id, (array_agg(DISTINCT w.watch_id::text))[1:100] AS watch_ids
FROM watch_answer a JOIN watch w USING (watch_id)
WHERE a.entry_id = ANY (%(entry_ids)s) AND w.expires_at > now()
  AND NOT EXISTS (SELECT FROM entry e JOIN bank b USING (bank_id)
                  WHERE e.entry_id = a.entry_id AND b.organization_id = w.organization_id)
GROUP BY w.organization_id, a.entry_id;

-- name: any_kept
-- Whether anything is watched at all.
SELECT EXISTS (SELECT FROM watch WHERE expires_at > now()) AS kept;

-- name: is_due
-- Whether entries wait that nobody asks watches with.
SELECT EXISTS (SELECT FROM watch_due)
       AND NOT EXISTS (SELECT FROM job WHERE task = 'answer_watches' AND status IN ('queued', 'running')) AS due;

-- name: last_due
-- The last that waits.
SELECT max(due_no) AS last FROM watch_due;

-- name: forget_due
-- Where nothing is watched, nobody waits.
DELETE FROM watch_due WHERE due_no <= %(last)s;

-- name: begin
-- The entry that has waited longest, its tries counted.
UPDATE watch_due SET tries = tries + 1
WHERE entry_id = (SELECT entry_id FROM watch_due ORDER BY due_no LIMIT 1)
RETURNING entry_id, asked, tries;

-- name: give_back
-- The try does not count: what it ended by was not the entry. Others are asked first, lest one that is always too slow
-- holds them up.
UPDATE watch_due SET tries = greatest(tries - 1, 0), due_no = DEFAULT WHERE entry_id = %(entry_id)s AND asked = %(asked)s;

-- name: set_due
-- Watches are to be asked with this entry.
SELECT ask_watches(ARRAY[%(entry_id)s::uuid]);

-- name: delete_due
-- It was done, unless it was asked again meanwhile: then it waits at the end.
WITH gone AS (
    DELETE FROM watch_due WHERE entry_id = %(entry_id)s RETURNING entry_id, asked
)
INSERT INTO watch_due (entry_id) SELECT entry_id FROM gone WHERE asked <> %(asked)s;

-- name: media
-- The media of an entry that answer.
SELECT ea.asset_id, encode(a.sha256, 'hex') AS sha256
FROM entry e JOIN entry_asset ea USING (entry_id) JOIN asset a USING (asset_id)
WHERE e.entry_id = %(entry_id)s AND e.status = 'matchable' AND ea.matchable_at IS NOT NULL
  AND a.status = 'fingerprinted'
ORDER BY ea.role, ea.added_at, ea.asset_id LIMIT %(most)s;

-- name: find_near
-- Watches that a medium of an entry is near, of organizations that see its bank, in the order of their numbers.
WITH near AS MATERIALIZED (
    SELECT f.watch_no FROM unnest(%(phash256)b::bit(256)[]) AS q (hash)
    CROSS JOIN LATERAL watched_near_phash256(q.hash, %(radius)s, %(effort)s) f
    UNION
    SELECT f.watch_no FROM unnest(%(pdq)b::bit(256)[]) AS q (hash)
    CROSS JOIN LATERAL watched_near_pdq(q.hash, %(radius)s, %(effort)s) f
    UNION
    SELECT v.watch_no FROM unnest(%(sscd)b::halfvec(512)[]) AS q (vector)
    CROSS JOIN LATERAL (
        SELECT watch_no, sscd <=> q.vector AS distance FROM watch_vector ORDER BY sscd <=> q.vector LIMIT %(nearest)s
    ) v
    WHERE v.distance <= %(far)s
    UNION
    SELECT watch_no FROM watch WHERE sha256 = ANY (%(sha256)b::bytea[])
)
SELECT w.watch_no, w.watch_id, w.lookup_id, w.bank_id, w.input, encode(w.sha256, 'hex') AS sha256,
       c.caller_id, c.organization_id, c.name, c.roles
FROM near n
CROSS JOIN LATERAL (
    -- The OFFSET keeps the planner from joining with every watch there is: few are near.
    SELECT * FROM watch WHERE watch_no = n.watch_no OFFSET 0
) w
JOIN caller c USING (caller_id)
JOIN organization o ON o.organization_id = w.organization_id
JOIN entry e ON e.entry_id = %(entry_id)s JOIN bank b ON b.bank_id = e.bank_id
WHERE w.expires_at > now() AND o.closed_at IS NULL AND answers_to(b, w.organization_id)
  AND (w.bank_id IS NULL OR w.bank_id = e.bank_id)
ORDER BY w.watch_no;

-- name: fingerprint
-- What is kept of one.
SELECT fingerprint FROM watch WHERE watch_id = %(watch_id)s AND expires_at > now();

-- name: rules
-- What an organization allows of its lookups.
SELECT watch_days_most, tells_matches, reports_places FROM organization WHERE organization_id = %(organization_id)s FOR UPDATE;

-- name: end_all
-- Nothing is kept of the lookups that it has watched.
DELETE FROM watch WHERE organization_id = %(organization_id)s RETURNING watch_id, lookup_id;
