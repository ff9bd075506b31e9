-- name: record
-- Lookups that were answered while this database was away, each once; those whose caller or bank is not there come back.
WITH given AS MATERIALIZED (
    SELECT g.*, EXISTS (SELECT FROM caller c WHERE c.caller_id = g.caller_id)
                AND (g.bank_id IS NULL OR EXISTS (SELECT FROM bank b WHERE b.bank_id = g.bank_id)) AS known
    FROM unnest(%(lookup_ids)s::uuid[], %(caller_ids)s::uuid[], %(bank_ids)s::uuid[], %(inputs)s::text[],
                %(sha256s)s::text[], %(answers)s::text[], %(times)s::timestamptz[])
        AS g (lookup_id, caller_id, bank_id, input, sha256, answer, at)
), kept AS (
    INSERT INTO lookup (lookup_id, caller_id, bank_id, input, sha256, status, verdict, answer, created_at, answered_at)
    SELECT lookup_id, caller_id, bank_id, input, decode(sha256, 'hex'), 'answered', answer::jsonb ->> 'verdict',
           answer::jsonb, at, at
    FROM given WHERE known
    ON CONFLICT (lookup_id) DO NOTHING
)
SELECT lookup_id FROM given WHERE NOT known;
