-- name: page
-- Lookups of an organization's callers, the newest first, after a position. Each caller's newest are read by the index. The
-- gravest match stands first in an answer; its entry is named if it still answers the organization, one of a private case only
-- with `cases`.
SELECT l.lookup_id, l.status, l.verdict, l.input, l.created_at, c.name AS caller, c.caller_id = %(caller_id)s AS own,
       (l.answer #>> '{matches,0,entry_id}')::uuid AS entry_id, e.title,
       coalesce(jsonb_array_length(l.answer -> 'matches'), 0) AS matches,
       l.verdict = 'no_match' AND coalesce(jsonb_array_length(l.answer -> 'not_checked'), 0) > 0 AS partly
FROM (
    SELECT near.*
    FROM caller c CROSS JOIN LATERAL (
        SELECT * FROM lookup l
        WHERE l.caller_id = c.caller_id
          AND (%(verdict)s::text IS NULL OR l.verdict = %(verdict)s)
          AND (NOT %(found)s OR l.verdict <> 'no_match')
          AND (%(since)s::timestamptz IS NULL OR l.created_at >= %(since)s)
          AND (%(until)s::timestamptz IS NULL OR l.created_at < %(until)s)
          AND (%(at)s::timestamptz IS NULL OR (l.created_at, l.lookup_id) < (%(at)s, %(after_id)s::uuid))
        ORDER BY l.created_at DESC LIMIT %(limit)s
    ) near
    WHERE c.organization_id = %(organization_id)s
      AND (%(by)s::text IS NULL
           OR %(by)s = 'me' AND c.caller_id = %(caller_id)s
           OR %(by)s = 'people' AND EXISTS (SELECT FROM account a WHERE a.caller_id = c.caller_id)
           OR %(by)s = 'programs' AND NOT EXISTS (SELECT FROM account a WHERE a.caller_id = c.caller_id))
    ORDER BY near.created_at DESC, near.lookup_id DESC LIMIT %(limit)s
) l JOIN caller c USING (caller_id)
LEFT JOIN LATERAL (
    SELECT x.title FROM entry x JOIN bank b USING (bank_id)
    WHERE x.entry_id = (l.answer #>> '{matches,0,entry_id}')::uuid
      AND (b.organization_id = %(organization_id)s
           OR (x.status = 'matchable' AND answers_to(b, %(organization_id)s)))
      AND (%(cases)s OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = x.entry_id))
) e ON true
ORDER BY l.created_at DESC, l.lookup_id DESC;
