-- name: lock
-- Take the lock for writing feeds until the transaction ends. False: another process holds it.
SELECT pg_try_advisory_xact_lock(%(lock)s) AS locked;

-- name: take
-- Remove the waiting entries of one bank from the queue, at most as many as fit on a page.
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
-- Put entries back into the queue.
INSERT INTO feed_waiting (bank_id, entry_id) SELECT %(bank_id)s, e FROM unnest(%(entries)s::uuid[]) AS e;

-- name: bank
-- A bank and its number of pages, locked. Entries of lists and peers that are read regularly are not republished.
SELECT b.bank_id, b.organization_id, b.policy, is_published(b) AS published,
       coalesce((SELECT max(page_no) FROM feed_page p WHERE p.bank_id = b.bank_id), 0) AS pages
FROM bank b WHERE b.bank_id = %(bank_id)s FOR NO KEY UPDATE;

-- name: entries
-- Entries that were registered here, with their status and the hash of their published item.
SELECT e.entry_id, i.hash, i.page_no,
       CASE WHEN %(beginning)s > 0 THEN substring(i.content FROM 1 FOR %(beginning)s) END AS beginning,
       CASE WHEN e.status IN ('matchable', 'suspended', 'withdrawn') THEN e.status END AS status
FROM entry e LEFT JOIN feed_item i ON i.entry_id = e.entry_id AND i.content IS NOT NULL
WHERE e.entry_id = ANY (%(entries)s)
  AND NOT EXISTS (SELECT FROM listing l WHERE l.entry_id = e.entry_id AND l.exchange_id IS NOT NULL)
  AND NOT EXISTS (SELECT FROM listing_source s WHERE s.entry_id = e.entry_id);

-- name: add_page
-- Add a page of a feed.
INSERT INTO feed_page (bank_id, page_no, root, items, event_id)
VALUES (%(bank_id)s, %(page_no)s, %(root)s, %(items)s, %(event_id)s);

-- name: replace
-- Delete the contents of items that are replaced. Their hashes stay.
UPDATE feed_item SET content = NULL WHERE entry_id = ANY (%(entries)s) AND content IS NOT NULL;

-- name: add_items
-- Add the items of a page.
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
-- Whether an organization may read a bank's feed.
SELECT EXISTS (SELECT FROM bank b WHERE b.bank_id = %(bank_id)s AND is_published(b)
               AND answers_to(b, %(organization_id)s)) AS readable;

-- name: page_after
-- A page with its event and leaf index, if a signed checkpoint covers it.
SELECT p.page_no, p.items, l.leaf_index, e.*
FROM feed_page p JOIN event e USING (event_id) JOIN ledger_leaf l USING (event_id)
WHERE p.bank_id = %(bank_id)s AND p.page_no = %(page_no)s AND l.leaf_index < %(size)s;

-- name: items
-- The items of a page, in order.
SELECT entry_id, hash, content FROM feed_item WHERE bank_id = %(bank_id)s AND page_no = %(page_no)s ORDER BY position;

-- name: unreported_pages
-- Webhooks by which other organizations follow feeds, with the newest signed page of each that they were not notified
-- of. While a message about a feed waits, no second one is made.
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
