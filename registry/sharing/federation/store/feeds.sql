-- name: lock
-- Be the one that writes feeds until the transaction ends, unless another one is.
SELECT pg_try_advisory_xact_lock(%(lock)s) AS locked;

-- name: take
-- Changes that wait, of one bank, which no longer do: those of as many entries as fit on a page.
WITH first AS (
    SELECT bank_id FROM feed_waiting ORDER BY waiting_no LIMIT 1
), page AS MATERIALIZED (
    SELECT w.waiting_no FROM feed_waiting w JOIN first USING (bank_id) ORDER BY w.waiting_no LIMIT %(limit)s
), taken AS (
    DELETE FROM feed_waiting w USING page p WHERE w.waiting_no = p.waiting_no
    RETURNING w.waiting_no, w.bank_id, w.entry_id
)
SELECT bank_id, entry_id FROM taken GROUP BY bank_id, entry_id ORDER BY min(waiting_no);

-- name: put_back
-- Changes for which the page had no room.
INSERT INTO feed_waiting (bank_id, entry_id) SELECT %(bank_id)s, e FROM unnest(%(entries)s::uuid[]) AS e;

-- name: bank
-- The bank as it publishes now. What comes from a list or a peer that is read again and again is not republished.
SELECT b.bank_id, b.organization_id, b.policy, is_published(b) AS published,
       coalesce((SELECT max(page_no) FROM feed_page p WHERE p.bank_id = b.bank_id), 0) AS pages
FROM bank b WHERE b.bank_id = %(bank_id)s FOR NO KEY UPDATE;

-- name: entries
-- How entries are now, and the hash of what the feed says of them so far. Foreign ones are never said.
SELECT e.entry_id, i.hash, i.page_no,
       CASE WHEN %(beginning)s > 0 THEN substring(i.content FROM 1 FOR %(beginning)s) END AS beginning,
       CASE WHEN e.status IN ('matchable', 'suspended', 'withdrawn') THEN e.status END AS status
FROM entry e LEFT JOIN feed_item i ON i.entry_id = e.entry_id AND i.content IS NOT NULL
WHERE e.entry_id = ANY (%(entries)s)
  AND NOT EXISTS (SELECT FROM listing l WHERE l.entry_id = e.entry_id AND l.exchange_id IS NOT NULL)
  AND NOT EXISTS (SELECT FROM listing_source s WHERE s.entry_id = e.entry_id);

-- name: add_page
-- A page of a feed.
INSERT INTO feed_page (bank_id, page_no, root, items, event_id)
VALUES (%(bank_id)s, %(page_no)s, %(root)s, %(items)s, %(event_id)s);

-- name: replace
-- What is said otherwise from now on: the hash stays.
UPDATE feed_item SET content = NULL WHERE entry_id = ANY (%(entries)s) AND content IS NOT NULL;

-- name: add_items
-- What the page says.
INSERT INTO feed_item (bank_id, page_no, position, entry_id, hash, content)
SELECT %(bank_id)s, %(page_no)s, i.place - 1, i.entry_id, i.hash, i.content
FROM unnest(%(entries)s::uuid[], %(hashes)s::bytea[], %(contents)s::bytea[]) WITH ORDINALITY
     AS i (entry_id, hash, content, place);

-- name: published
-- The feeds that an organization may read, by name.
SELECT b.bank_id, b.name AS bank, o.name AS organization, b.policy ->> 'licence' AS licence,
       coalesce((b.policy ->> 'share_claims')::boolean, false) AS share_claims,
       coalesce((SELECT max(page_no) FROM feed_page p WHERE p.bank_id = b.bank_id), 0) AS pages
FROM bank b JOIN organization o USING (organization_id)
WHERE is_published(b) AND answers_to(b, %(organization_id)s)
ORDER BY o.name, b.name, b.bank_id;

-- name: readable
-- Whether an organization may read that feed.
SELECT EXISTS (SELECT FROM bank b WHERE b.bank_id = %(bank_id)s AND is_published(b)
               AND answers_to(b, %(organization_id)s)) AS readable;

-- name: page_after
-- The next page after one, with its event and its place in the ledger, where that has been signed.
SELECT p.page_no, p.items, l.leaf_index, e.*
FROM feed_page p JOIN event e USING (event_id) JOIN ledger_leaf l USING (event_id)
WHERE p.bank_id = %(bank_id)s AND p.page_no = %(page_no)s AND l.leaf_index < %(size)s;

-- name: items
-- What a page says, in its order.
SELECT entry_id, hash, content FROM feed_item WHERE bank_id = %(bank_id)s AND page_no = %(page_no)s ORDER BY position;

-- name: unreported_pages
-- Webhooks by which other organizations follow feeds, and the newest page of each, where it is signed and they were not
-- told of it. While a message waits no other is made: it has them read to the end.
SELECT w.webhook_id, b.bank_id, p.page_no, p.event_id
FROM webhook w
JOIN bank b ON is_published(b) AND b.organization_id <> w.organization_id AND answers_to(b, w.organization_id)
CROSS JOIN LATERAL (
    SELECT f.page_no, f.event_id FROM feed_page f JOIN ledger_leaf l USING (event_id)
    WHERE f.bank_id = b.bank_id AND l.leaf_index < %(size)s ORDER BY f.page_no DESC LIMIT 1) p
WHERE w.state = 'active' AND 'feed.published' = ANY (w.kinds)
  AND NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.event_id = p.event_id)
  AND NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.status = 'waiting'
                    AND d.kind = 'feed.published' AND d.body::jsonb -> 'data' ->> 'feed' = b.bank_id::text)
ORDER BY w.webhook_id, b.bank_id LIMIT 200;
