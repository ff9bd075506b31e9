-- name: unread_since
-- When the oldest lookup was asked that the ledger, the webhooks or the counts have not passed; null: they passed all.
SELECT min(l.created_at) AS at
FROM (SELECT answered_in, lookup_id FROM ledger_cursor
      UNION ALL SELECT answered_in, lookup_id FROM match_cursor
      UNION ALL SELECT answered_in, lookup_id FROM lookup_count_cursor
      ORDER BY answered_in, lookup_id LIMIT 1) c
CROSS JOIN lookup l
WHERE l.answered_in > 0 AND l.answered_in >= c.answered_in AND (l.answered_in, l.lookup_id) > (c.answered_in, c.lookup_id);
