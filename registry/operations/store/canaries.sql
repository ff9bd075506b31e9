-- name: keep
-- The last answer to a canary.
INSERT INTO canary (canary, asked_at, found, verdict, seconds)
VALUES (%(canary)s, now(), %(found)s, %(verdict)s, %(seconds)s)
ON CONFLICT (canary) DO UPDATE
    SET asked_at = excluded.asked_at, found = excluded.found, verdict = excluded.verdict, seconds = excluded.seconds;

-- name: forget_others
-- Canaries that are asked no more.
DELETE FROM canary WHERE canary <> ALL(%(canaries)s::text[]);

-- name: all
-- The last answer to each.
SELECT canary, extract(epoch FROM asked_at)::float8 AS asked_at, found, seconds FROM canary ORDER BY canary;
