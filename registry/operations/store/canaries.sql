-- name: store
-- Store the last result of a canary.
INSERT INTO canary (canary, asked_at, found, verdict, seconds)
VALUES (%(canary)s, now(), %(found)s, %(verdict)s, %(seconds)s)
ON CONFLICT (canary) DO UPDATE
    SET asked_at = excluded.asked_at, found = excluded.found, verdict = excluded.verdict, seconds = excluded.seconds;

-- name: delete_others
-- Delete the results of canaries that are no longer listed.
DELETE FROM canary WHERE canary <> ALL(%(canaries)s::text[]);

-- name: every
-- The last result of each canary.
SELECT canary, extract(epoch FROM asked_at)::float8 AS asked_at, found, seconds FROM canary ORDER BY canary;
