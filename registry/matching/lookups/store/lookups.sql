-- name: queue
-- A file that waits for a worker.
INSERT INTO lookup (caller_id, bank_id, input, sha256, blob_key, status, effort)
VALUES (%(caller_id)s, %(bank_id)s, 'file', %(sha256)s, %(blob_key)s, 'queued', %(effort)s)
RETURNING lookup_id;

-- name: queue_rest
-- The file of a quick lookup, to be read to its end for the watch that was asked for.
INSERT INTO lookup (caller_id, bank_id, input, sha256, blob_key, status, effort, watch_days)
SELECT caller_id, bank_id, input, sha256, blob_key, 'queued', 'full', watch_days
FROM lookup WHERE lookup_id = %(lookup_id)s
RETURNING lookup_id;

-- name: record
-- A question answered at once. `drawn`: as in `lookup_counts_for`.
INSERT INTO lookup (lookup_id, caller_id, bank_id, input, sha256, status, verdict, answer, answered_at, counts_for)
SELECT %(lookup_id)s, %(caller_id)s, %(bank_id)s, %(input)s, %(sha256)s::bytea, 'answered', %(verdict)s,
       %(answer)s::jsonb, now(), counts_for
FROM lookup_counts_for(%(drawn)s, %(caller_id)s, %(bank_id)s) AS counts_for
WHERE counts_for > 0;

-- name: record_one
-- One without a bank or a digest. Where `waits` is false, PostgreSQL writes it to the disk within half a second and is
-- not waited for: only a crash of PostgreSQL itself loses it. The wait would be most of what a record costs.
INSERT INTO lookup (lookup_id, caller_id, input, status, verdict, answer, answered_at, counts_for)
SELECT %(lookup_id)s::uuid, %(caller_id)s, %(input)s, 'answered', %(verdict)s, %(answer)s::jsonb, now(), counts_for
FROM lookup_counts_for(%(drawn)s, %(caller_id)s, NULL) AS counts_for,
     set_config('synchronous_commit',
                CASE WHEN %(waits)s THEN current_setting('synchronous_commit') ELSE 'off' END, true)
WHERE counts_for > 0;

-- name: record_all
-- Questions answered at once and together, kept as `record_one` does.
INSERT INTO lookup (lookup_id, caller_id, input, status, verdict, answer, answered_at, counts_for)
SELECT a.lookup_id, %(caller_id)s, %(input)s, 'answered', a.verdict, a.answer::jsonb, now(), counts_for
FROM unnest(%(lookup_ids)s::uuid[], %(verdicts)s::text[], %(answers)s::text[], %(drawn)s::integer[])
         AS a (lookup_id, verdict, answer, drawn),
     lookup_counts_for(a.drawn, %(caller_id)s, NULL) AS counts_for,
     set_config('synchronous_commit',
                CASE WHEN %(waits)s THEN current_setting('synchronous_commit') ELSE 'off' END, true)
WHERE counts_for > 0;

-- name: answer
-- The answer of a queued file. Its media is named until it is deleted.
UPDATE lookup SET status = 'answered', verdict = %(verdict)s, answer = %(answer)s, answered_at = now(),
    answered_in = DEFAULT
WHERE lookup_id = %(lookup_id)s AND status = 'queued';

-- name: fail
-- A queued file that cannot be answered. Its media is named until it is deleted.
UPDATE lookup SET status = 'failed', error_code = %(code)s, error_message = %(message)s,
    answered_at = now()
WHERE lookup_id = %(lookup_id)s AND status = 'queued';

-- name: asker_closed
-- Whether the organization that asked is closed; whoever closes it waits until the transaction ends.
SELECT o.closed_at IS NOT NULL AS closed
FROM lookup l JOIN caller c USING (caller_id) JOIN organization o USING (organization_id)
WHERE l.lookup_id = %(lookup_id)s FOR SHARE OF o;

-- name: failed_blob
-- The media of a queued file that could not be answered.
SELECT blob_key FROM lookup WHERE lookup_id = %(lookup_id)s AND status = 'failed';

-- name: reopen
-- It waits again, if its media is there.
UPDATE lookup SET status = 'queued', error_code = NULL, error_message = NULL, answered_at = NULL
WHERE lookup_id = %(lookup_id)s AND status = 'failed' AND blob_key IS NOT NULL
RETURNING lookup_id;

-- name: find_lookup
-- One lookup of the caller's organization.
SELECT l.lookup_id, l.status, l.answer, l.error_code, l.error_message, l.created_at, encode(l.sha256, 'hex') AS sha256
FROM lookup l JOIN caller c USING (caller_id)
WHERE l.lookup_id = %(lookup_id)s AND c.organization_id = %(organization_id)s;

-- name: caller_of_lookup
-- For whom a queued file is answered, and how.
SELECT l.bank_id, l.effort, c.caller_id, c.organization_id, c.name, c.roles
FROM lookup l JOIN caller c USING (caller_id)
WHERE l.lookup_id = %(lookup_id)s;

-- name: needed_blobs
-- Those of these media that a lookup needs: while it waits, and for some days where its job is a dead letter, until that
-- is dealt with.
SELECT DISTINCT l.blob_key FROM lookup l
WHERE l.blob_key = ANY (%(keys)s::text[]) AND (l.status = 'queued' OR l.status = 'failed' AND EXISTS (
    SELECT FROM job j WHERE j.subject_id = l.lookup_id AND j.task = 'answer_lookup' AND j.status = 'failed' AND j.dead
      AND j.settled_at IS NULL AND j.finished_at > now() - make_interval(days => %(letter_days)s)));

-- name: named_blobs
-- All media that lookups name.
SELECT DISTINCT blob_key FROM lookup WHERE blob_key IS NOT NULL;

-- name: forget_blob
-- Lookups that are over name the media no longer, but for those that a dead letter keeps it for.
UPDATE lookup l SET blob_key = NULL
WHERE l.blob_key = %(blob_key)s AND l.status <> 'queued' AND NOT EXISTS (
    SELECT FROM job j WHERE j.subject_id = l.lookup_id AND j.task = 'answer_lookup' AND j.status = 'failed' AND j.dead
      AND j.settled_at IS NULL AND j.finished_at > now() - make_interval(days => %(letter_days)s));

-- name: unneeded_blobs
-- Media of lookups that are over: whoever should have deleted them was cut off. Of many some, by lot.
SELECT blob_key FROM (
    SELECT DISTINCT l.blob_key FROM lookup l
    WHERE l.blob_key IS NOT NULL AND l.status <> 'queued' AND NOT EXISTS (
    SELECT FROM job j WHERE j.subject_id = l.lookup_id AND j.task = 'answer_lookup' AND j.status = 'failed' AND j.dead
      AND j.settled_at IS NULL AND j.finished_at > now() - make_interval(days => %(letter_days)s))
) over
ORDER BY random() LIMIT 100;

-- name: fail_of_organization
-- Its files that wait for an answer get none.
UPDATE lookup l SET status = 'failed', error_code = %(code)s, error_message = %(message)s, answered_at = now()
FROM caller c
WHERE c.caller_id = l.caller_id AND c.organization_id = %(organization_id)s AND l.status = 'queued'
RETURNING l.lookup_id;

-- name: dead_of_organization
-- The organization's lookups with an unsettled dead letter.
SELECT l.lookup_id FROM job j JOIN lookup l ON l.lookup_id = j.subject_id JOIN caller c ON c.caller_id = l.caller_id
WHERE j.task = 'answer_lookup' AND j.status = 'failed' AND j.dead AND j.settled_at IS NULL
  AND c.organization_id = %(organization_id)s;

-- name: stamp_foreign
-- Lookups that were written in another cluster, of which this one is a copy, whose transactions had numbers that are not
-- given here yet: they count as written now.
UPDATE lookup SET answered_in = DEFAULT WHERE lookup_id IN (
    SELECT lookup_id FROM lookup
    WHERE answered_in > 0 AND answered_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    LIMIT %(limit)s
);

-- name: of_bank
-- The last lookups of an organization that searched a bank, with their matches, and which entries of these the bank holds. First
-- the ids alone, a caller at a time, so that few answers are read.
WITH last AS MATERIALIZED (
    SELECT l.lookup_id, l.created_at
    FROM caller c CROSS JOIN LATERAL (
        SELECT x.lookup_id, x.created_at FROM lookup x
        WHERE x.caller_id = c.caller_id AND x.status = 'answered' AND (x.bank_id IS NULL OR x.bank_id = %(bank_id)s)
        ORDER BY x.created_at DESC LIMIT %(limit)s) l
    WHERE c.organization_id = %(organization_id)s
    ORDER BY l.created_at DESC LIMIT %(limit)s)
SELECT l.lookup_id, l.created_at, l.answer -> 'matches' AS matches,
       ARRAY(SELECT e.entry_id::text
             FROM jsonb_array_elements(l.answer -> 'matches') m JOIN entry e ON e.entry_id = (m ->> 'entry_id')::uuid
             WHERE e.bank_id = %(bank_id)s) AS entries
FROM last JOIN lookup l USING (lookup_id)
ORDER BY l.created_at DESC;
