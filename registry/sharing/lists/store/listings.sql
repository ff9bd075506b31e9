-- name: known
-- Which of these media a bank holds, and in which entries: those with the same hash, and those of the same file.
SELECT a.hash_key AS identity, a.asset_id, ea.entry_id, ea.role, l.opinion
FROM asset a LEFT JOIN entry_asset ea USING (asset_id) LEFT JOIN listing l USING (entry_id)
WHERE a.bank_id = %(bank_id)s AND a.hash_key = ANY (%(keys)s) AND a.hash_key IS NOT NULL
UNION ALL
SELECT a.sha256, a.asset_id, ea.entry_id, ea.role, l.opinion
FROM asset a LEFT JOIN entry_asset ea USING (asset_id) LEFT JOIN listing l USING (entry_id)
WHERE a.bank_id = %(bank_id)s AND a.sha256 = ANY (%(sha256)s)
ORDER BY entry_id;

-- name: now
-- When this transaction began. What triggers ask is planned with the first thousand rows of a connection, and the plan is
-- kept: while tables are small it would read them whole, and go on to when they are large.
SELECT now()::text AS now, set_config('statement_timeout', '10min', true), set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);

-- name: copy_assets
-- Media in bulk.
COPY asset (asset_id, bank_id, sha256, md5, hash_key, kind, duration_s, width, height, bytes, notes, status,
            fingerprinted_at)
FROM STDIN;

-- name: copy_entries
-- Entries in bulk.
COPY entry (entry_id, bank_id, title, claim, manipulation, entry_references, status, matchable_at, created_by, own_tier,
            own_original_tier)
FROM STDIN;

-- name: copy_links
-- Which media belong to which of them.
COPY entry_asset (entry_id, asset_id, role, batch, matchable_at, related_by, own_tier, added_by) FROM STDIN;

-- name: copy_algorithms
-- Which algorithms have looked at them.
COPY asset_algorithm (asset_id, algorithm, recomputed) FROM STDIN;

-- name: copy_listings
-- What the list says of the entries.
COPY listing (entry_id, import_id, exchange_id, opinion, made_status, tags, said) FROM STDIN;

-- name: copy_frames
-- Frames of media that have one each, binary.
COPY frame_fingerprint (asset_no, time_s, duration_s, quality, view, phash256, pdq)
FROM STDIN (FORMAT binary);

-- name: numbers
-- By which numbers the frames of these assets name them.
SELECT asset_id, asset_no FROM asset WHERE asset_id = ANY (%(asset_ids)s);

-- name: hold
-- Other opinions of entries that lists have made, and what follows for their answers. What people have decided stays:
-- a review, and a suspension or withdrawal that no list has made.
WITH held AS (
    SELECT h.entry_id, h.opinion FROM unnest(%(entries)s::uuid[], %(opinions)s::text[]) AS h (entry_id, opinion)
), said AS (
    UPDATE listing l SET opinion = h.opinion FROM held h JOIN listing old USING (entry_id)
    WHERE l.entry_id = h.entry_id
    RETURNING l.entry_id, listed_status(old.opinion) AS before, listed_status(l.opinion) AS after, l.made_status
)
UPDATE entry e
SET status = s.after, matchable_at = CASE s.after WHEN 'matchable' THEN coalesce(e.matchable_at, now()) ELSE e.matchable_at END
FROM said s
WHERE e.entry_id = s.entry_id AND e.status = s.before AND s.before <> s.after AND e.suspended_for IS NULL
  AND (s.before = 'matchable' OR s.made_status) AND e.tier = 'unreviewed'
RETURNING e.entry_id, e.status;

-- name: made
-- Whose doing a status is: the list's, which may undo it.
UPDATE listing SET made_status = m.status <> 'matchable'
FROM unnest(%(entries)s::uuid[], %(statuses)s::text[]) AS m (entry_id, status)
WHERE listing.entry_id = m.entry_id;

-- name: entries_of
-- The entries behind which an exchange's records of these names stand.
SELECT DISTINCT entry_id FROM listing_source WHERE exchange_id = %(exchange_id)s AND source_key = ANY (%(keys)s);

-- name: copy_sources
-- Records that an exchange says for the first time, and of which entries.
COPY listing_source (exchange_id, source_key, entry_id, opinion, media) FROM STDIN;

-- name: put_sources
-- What records of an exchange say now, and of which entries.
INSERT INTO listing_source (exchange_id, source_key, entry_id, opinion, media)
SELECT %(exchange_id)s, s.source_key, s.entry_id, s.opinion, s.media::uuid[]
FROM unnest(%(keys)s::text[], %(entries)s::uuid[], %(opinions)s::text[], %(media)s::text[])
     AS s (source_key, entry_id, opinion, media)
ON CONFLICT (exchange_id, source_key) DO UPDATE
SET entry_id = excluded.entry_id, opinion = excluded.opinion, media = excluded.media;

-- name: name_media
-- Before an entry gains media: what records name that named all it had until now.
UPDATE listing_source s SET media = ARRAY(
    SELECT ea.asset_id FROM entry_asset ea WHERE ea.entry_id = s.entry_id AND ea.added_by IS NULL)
WHERE s.entry_id = ANY (%(entries)s) AND s.media IS NULL;

-- name: let_go
-- Media that no record behind these entries names any more, of entries that an exchange has made, while any record stands
-- behind them, and which nobody has reviewed here since they came. What people have registered or added is theirs.
DELETE FROM entry_asset ea USING listing l
WHERE l.entry_id = ea.entry_id AND ea.entry_id = ANY (%(entries)s) AND l.exchange_id IS NOT NULL AND ea.added_by IS NULL
  AND EXISTS (SELECT FROM listing_source s WHERE s.entry_id = ea.entry_id)
  AND NOT EXISTS (SELECT FROM listing_source s
                  WHERE s.entry_id = ea.entry_id AND (s.media IS NULL OR ea.asset_id = ANY (s.media)))
  AND NOT EXISTS (SELECT FROM review r WHERE r.entry_id = ea.entry_id AND r.decided_at >= ea.added_at);

-- name: dispute_sources
-- Records that an exchange disputes: they stand, and answer nothing.
UPDATE listing_source SET opinion = 'disputed' WHERE exchange_id = %(exchange_id)s AND source_key = ANY (%(keys)s);

-- name: drop_sources
-- Records that an exchange has taken back.
DELETE FROM listing_source WHERE exchange_id = %(exchange_id)s AND source_key = ANY (%(keys)s);

-- name: held
-- What all records behind each of these entries hold, and what is held of it so far.
SELECT l.entry_id, l.opinion, array_remove(array_agg(DISTINCT s.opinion), NULL) AS said
FROM listing l LEFT JOIN listing_source s USING (entry_id)
WHERE l.entry_id = ANY (%(entries)s) GROUP BY l.entry_id;

-- name: source_keys
-- Names of an exchange's records, in their order, after one of them.
SELECT source_key FROM listing_source
WHERE exchange_id = %(exchange_id)s AND source_key > %(after)s ORDER BY source_key LIMIT %(limit)s;

-- name: update_listing
-- What an exchange says newly of entries.
UPDATE listing l SET tags = s.tags, said = s.said::jsonb
FROM (SELECT n.entry_id, ARRAY(SELECT jsonb_array_elements_text(n.tags::jsonb)) AS tags, n.said
      FROM unnest(%(entries)s::uuid[], %(tags)s::text[], %(said)s::text[]) AS n (entry_id, tags, said)) s
WHERE l.entry_id = s.entry_id AND (l.tags, l.said) IS DISTINCT FROM (s.tags, s.said::jsonb);

-- name: show
-- What a list says of an entry.
SELECT opinion, tags, said FROM listing WHERE entry_id = %(entry_id)s;

-- name: room
-- How many entries a bank may hold, and how many it holds; null: as many as there is room for.
SELECT b.most_entries, b.closed_at IS NOT NULL AS closed,
       CASE WHEN b.most_entries IS NOT NULL THEN (
           SELECT count(*) FROM entry e WHERE e.bank_id = b.bank_id AND e.status <> 'withdrawn') END AS entries
FROM bank b WHERE b.bank_id = %(bank_id)s;
