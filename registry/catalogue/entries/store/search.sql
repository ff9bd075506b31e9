-- name: by_text
-- Entries of the organization's own banks in whose title or claim each word occurs, as a part of a word too. A word of
-- one or two letters has to begin one. Titles come first, then the newest. Of each bank at most `most` are read. Private
-- cases only with `cases`.
WITH sought AS MATERIALIZED (
    SELECT array_agg(CASE WHEN length(word) < 3 THEN ' ' || word ELSE word END) AS words,
           '|' || string_agg(CASE WHEN length(word) < 3 THEN ' ' || word ELSE word END, '|') || '|' AS joined
    FROM (SELECT word FROM unnest(string_to_array(folded(%(text)s), ' ')) AS word WHERE word <> '' LIMIT 8) AS w
)
SELECT e.entry_id, e.title, e.status, e.tier, e.created_at, b.name AS bank
FROM sought s CROSS JOIN bank b CROSS JOIN LATERAL (
    SELECT e.entry_id, e.title, e.status, e.tier, e.created_at FROM entry e
    WHERE search_keys(e.bank_id, entry_text(e.title, e.claim)) @> search_keys(b.bank_id, s.joined)
      AND e.title NOT LIKE 'untitled %%' AND e.bank_id = b.bank_id
      AND NOT EXISTS (SELECT FROM unnest(s.words) AS word WHERE strpos(entry_text(e.title, e.claim), word) = 0)
    LIMIT %(most)s) e
WHERE b.organization_id = %(organization_id)s AND s.words IS NOT NULL
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id))
ORDER BY EXISTS (SELECT FROM unnest(s.words) AS word WHERE strpos(folded(e.title), word) = 0), e.created_at DESC, e.entry_id
LIMIT %(limit)s;

-- name: by_digest
-- Entries of the organization's own banks with a medium of this SHA-256. Private cases only with `cases`.
SELECT DISTINCT e.entry_id, e.title, e.status, e.tier, e.created_at, b.name AS bank
FROM asset a JOIN entry_asset ea USING (asset_id) JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
WHERE a.sha256 = %(sha256)s AND b.organization_id = %(organization_id)s
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id))
ORDER BY e.created_at DESC, e.entry_id LIMIT %(limit)s;

-- name: described
-- The newest entries of the organization's own banks with encrypted details. Private cases only with `cases`.
SELECT e.entry_id, e.title, e.status, e.tier, e.created_at, b.name AS bank, d.key_id, d.sealed
FROM bank b JOIN entry e USING (bank_id) JOIN entry_detail d USING (entry_id)
WHERE b.organization_id = %(organization_id)s AND d.sealed IS NOT NULL
  AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id))
ORDER BY e.created_at DESC, e.entry_id LIMIT %(limit)s;
