-- name: bank
-- A published bank that an organization may read, by the range of ids that its number stands for.
SELECT b.bank_id, b.organization_id, o.name AS organization, b.organization_id = %(organization_id)s AS own,
       b.policy ->> 'answer_tier' AS answer_tier
FROM bank b JOIN organization o USING (organization_id)
WHERE b.bank_id BETWEEN %(first)s AND %(last)s AND is_published(b) AND b.closed_at IS NULL
  AND answers_to(b, %(organization_id)s)
ORDER BY b.bank_id LIMIT 1;

-- name: page
-- Entries of a bank's feed in the order in which they changed, after one of them; each once, as it is said last.
-- `said`: somebody has reviewed it, so that it has been said to those who are told of nothing else.
SELECT i.entry_id, i.page_no, i.position, p.made_at, e.status, e.tier,
       e.tier <> 'unreviewed' OR EXISTS (
           SELECT FROM event v WHERE v.entry_id = i.entry_id AND v.kind = 'entry.reviewed'
             AND v.said ->> 'tier' <> 'unreviewed') AS said
FROM feed_item i JOIN feed_page p USING (bank_id, page_no) JOIN entry e USING (entry_id)
WHERE i.bank_id = %(bank_id)s AND i.content IS NOT NULL AND p.made_at >= %(since)s
  AND (i.page_no, i.position) > (%(page_no)s, %(position)s)
ORDER BY i.page_no, i.position
LIMIT %(limit)s;

-- name: still
-- Of these hashes, those by which a bank says other fakes.
SELECT f.value FROM (
    SELECT encode(substring(bit_send(f.pdq) FROM 5), 'hex') AS value, a.asset_id
    FROM asset a JOIN frame_fingerprint f USING (asset_no)
    WHERE a.bank_id = %(bank_id)s AND a.kind = 'image' AND f.pdq = ANY (%(pdqs)s::bit(256)[])
    UNION ALL
    SELECT encode(a.sha256, 'hex'), a.asset_id FROM asset a
    WHERE a.bank_id = %(bank_id)s AND a.sha256 = ANY (%(digests)s)
    UNION ALL
    SELECT encode(a.md5, 'hex'), a.asset_id FROM asset a WHERE a.bank_id = %(bank_id)s AND a.md5 = ANY (%(digests)s)
) f
WHERE EXISTS (SELECT FROM entry_asset ea JOIN entry e USING (entry_id) JOIN feed_item i USING (entry_id)
              WHERE ea.asset_id = f.asset_id AND ea.role = 'fake' AND e.status = 'matchable'
                AND e.tier = ANY (%(tiers)s) AND i.content IS NOT NULL);

-- name: entry
-- An entry of a published bank that an organization may read, by the range of ids that its number stands for.
SELECT e.entry_id FROM entry e JOIN bank b USING (bank_id)
WHERE e.entry_id BETWEEN %(first)s AND %(last)s AND e.status = 'matchable' AND e.tier <> 'unreviewed' AND is_published(b)
  AND answers_to(b, %(organization_id)s)
ORDER BY e.entry_id LIMIT 1;
