-- name: held_media
-- Those of these media that a bank holds, with their entries: media with the same hash, and media of the same file.
SELECT a.hash_key AS identity, a.asset_id, ea.entry_id, ea.role, l.opinion
FROM asset a LEFT JOIN entry_asset ea USING (asset_id) LEFT JOIN listing l USING (entry_id)
WHERE a.bank_id = %(bank_id)s AND a.hash_key = ANY (%(keys)s) AND a.hash_key IS NOT NULL
UNION ALL
SELECT a.sha256, a.asset_id, ea.entry_id, ea.role, l.opinion
FROM asset a LEFT JOIN entry_asset ea USING (asset_id) LEFT JOIN listing l USING (entry_id)
WHERE a.bank_id = %(bank_id)s AND a.sha256 = ANY (%(sha256)s)
ORDER BY entry_id;

-- name: now
-- The time of this transaction. Queries of triggers are planned with the first thousand rows of a connection, and the
-- plan is kept. Without these settings they would scan whole tables, because the tables were small then.
SELECT now()::text AS now, set_config('statement_timeout', '10min', true), set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);

-- name: copy_listings
-- Insert opinions, tags and further fields of entries.
COPY listing (entry_id, import_id, exchange_id, opinion, made_status, tags, said) FROM STDIN;

-- name: set_opinions
-- Set opinions of entries that lists have made. Return the statuses before and after that follow from them.
UPDATE listing l SET opinion = h.opinion
FROM unnest(%(entries)s::uuid[], %(opinions)s::text[]) AS h (entry_id, opinion) JOIN listing old USING (entry_id)
WHERE l.entry_id = h.entry_id
RETURNING l.entry_id, listed_status(old.opinion) AS before, listed_status(l.opinion) AS after, l.made_status AS by_list;

-- name: record_statuses
-- Record whether the list made the current status, and may undo it.
UPDATE listing SET made_status = m.status <> 'matchable'
FROM unnest(%(entries)s::uuid[], %(statuses)s::text[]) AS m (entry_id, status)
WHERE listing.entry_id = m.entry_id;

-- name: entries_of
-- The entries of an exchange's records with these names.
SELECT DISTINCT entry_id FROM listing_source WHERE exchange_id = %(exchange_id)s AND source_key = ANY (%(keys)s);

-- name: copy_sources
-- Insert records of an exchange, with their entries.
COPY listing_source (exchange_id, source_key, entry_id, opinion, media) FROM STDIN;

-- name: put_sources
-- Insert or update records of an exchange, with their entries.
INSERT INTO listing_source (exchange_id, source_key, entry_id, opinion, media)
SELECT %(exchange_id)s, s.source_key, s.entry_id, s.opinion, s.media::uuid[]
FROM unnest(%(keys)s::text[], %(entries)s::uuid[], %(opinions)s::text[], %(media)s::text[])
     AS s (source_key, entry_id, opinion, media)
ON CONFLICT (exchange_id, source_key) DO UPDATE
SET entry_id = excluded.entry_id, opinion = excluded.opinion, media = excluded.media;

-- name: name_media
-- Before an entry gains media, list the present media in the records that covered all of them.
UPDATE listing_source s SET media = ARRAY(
    SELECT ea.asset_id FROM entry_asset ea WHERE ea.entry_id = s.entry_id AND ea.added_by IS NULL)
WHERE s.entry_id = ANY (%(entries)s) AND s.media IS NULL;

-- name: unnamed_media
-- Media of entries made by an exchange that no record of these entries names any more, while any record remains. Media that
-- people registered or added stay, and so do media reviewed here since they came.
SELECT ea.entry_id, ea.asset_id, ea.role FROM entry_asset ea JOIN listing l USING (entry_id)
WHERE ea.entry_id = ANY (%(entries)s) AND l.exchange_id IS NOT NULL AND ea.added_by IS NULL
  AND EXISTS (SELECT FROM listing_source s WHERE s.entry_id = ea.entry_id)
  AND NOT EXISTS (SELECT FROM listing_source s
                  WHERE s.entry_id = ea.entry_id AND (s.media IS NULL OR ea.asset_id = ANY (s.media)))
  AND NOT EXISTS (SELECT FROM review r WHERE r.entry_id = ea.entry_id AND r.decided_at >= ea.added_at)
FOR UPDATE OF ea;

-- name: dispute_sources
-- Dispute records of an exchange. They stay, and no longer match.
UPDATE listing_source SET opinion = 'disputed' WHERE exchange_id = %(exchange_id)s AND source_key = ANY (%(keys)s);

-- name: drop_sources
-- Delete records that an exchange has withdrawn.
DELETE FROM listing_source WHERE exchange_id = %(exchange_id)s AND source_key = ANY (%(keys)s);

-- name: record_opinions
-- The opinions of all records of these entries, and the stored opinion.
SELECT l.entry_id, l.opinion, array_remove(array_agg(DISTINCT s.opinion), NULL) AS stated
FROM listing l LEFT JOIN listing_source s USING (entry_id)
WHERE l.entry_id = ANY (%(entries)s) GROUP BY l.entry_id;

-- name: source_keys
-- Names of an exchange's records, in order, after a name.
SELECT source_key FROM listing_source
WHERE exchange_id = %(exchange_id)s AND source_key > %(after)s ORDER BY source_key LIMIT %(limit)s;

-- name: update_listing
-- Update tags and other data that an exchange gives of entries.
UPDATE listing l SET tags = s.tags, said = s.said::jsonb
FROM (SELECT n.entry_id, ARRAY(SELECT jsonb_array_elements_text(n.tags::jsonb)) AS tags, n.said
      FROM unnest(%(entries)s::uuid[], %(tags)s::text[], %(said)s::text[]) AS n (entry_id, tags, said)) s
WHERE l.entry_id = s.entry_id AND (l.tags, l.said) IS DISTINCT FROM (s.tags, s.said::jsonb);

-- name: find
-- Opinion, tags and further fields that a list gives of an entry.
SELECT opinion, tags, said FROM listing WHERE entry_id = %(entry_id)s;

-- name: capacity
-- The maximum number of entries of a bank (null: no limit), and the present number.
SELECT b.most_entries, b.closed_at IS NOT NULL AS closed,
       CASE WHEN b.most_entries IS NOT NULL THEN (
           SELECT count(*) FROM entry e WHERE e.bank_id = b.bank_id AND e.status <> 'withdrawn') END AS entries
FROM bank b WHERE b.bank_id = %(bank_id)s;
