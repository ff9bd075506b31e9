-- name: find
-- A medium of an entry of which an organization may see pictures: of its own, or of others' that answer it or are suspended.
SELECT a.asset_id, ea.role, a.status, a.kind, a.duration_s AS duration, a.blob_key, a.error_code, a.error_message,
       e.status AS entry_status, b.organization_id AS owner_id, b.organization_id = %(organization_id)s AS own,
       EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id) AS private_case,
       EXISTS (SELECT FROM asset s JOIN entry_asset x USING (asset_id) JOIN notice n ON n.entry_id = x.entry_id
               WHERE s.sha256 = a.sha256 AND n.answers ->> 'minor' = 'yes') AS minor
FROM entry_asset ea JOIN entry e USING (entry_id) JOIN asset a USING (asset_id) JOIN bank b ON b.bank_id = e.bank_id
WHERE ea.entry_id = %(entry_id)s AND ea.asset_id = %(asset_id)s
  AND (b.organization_id = %(organization_id)s
       OR (answers_to(b, %(organization_id)s) AND e.status IN ('matchable', 'suspended')
           AND ea.matchable_at IS NOT NULL AND a.status = 'fingerprinted'));

-- name: lock
-- Whoever asks for pictures of a medium and whoever ends making them take turns: before the job, as everybody does.
SELECT blob_key FROM asset WHERE asset_id = %(asset_id)s FOR NO KEY UPDATE;

-- name: request
-- Pictures at these instants are wanted; those that could not be made a while ago are tried again.
INSERT INTO preview AS s (asset_id, at_ms, requested_by)
SELECT %(asset_id)s, at_ms, %(caller_id)s FROM unnest(%(instants)s::integer[]) AS at_ms ORDER BY at_ms
ON CONFLICT (asset_id, at_ms) DO UPDATE SET requested_by = excluded.requested_by, requested_at = now(),
    error_code = CASE WHEN s.ended_at < now() - make_interval(secs => %(again)s) THEN NULL ELSE s.error_code END,
    ended_at = CASE WHEN s.error_code IS NOT NULL AND s.ended_at < now() - make_interval(secs => %(again)s) THEN NULL
                    ELSE s.ended_at END
RETURNING at_ms, blob_key, error_code;

-- name: list_pictures
-- What there is of these instants.
SELECT at_ms, blob_key, error_code FROM preview WHERE asset_id = %(asset_id)s AND at_ms = ANY (%(instants)s::integer[]);

-- name: waiting_for
-- How many pictures a caller waits for, counted no further than `most`.
SELECT count(*) AS waiting FROM (
    SELECT FROM preview WHERE requested_by = %(caller_id)s AND ended_at IS NULL LIMIT %(most)s) open;

-- name: waiting
-- Instants of a medium that wait to be shown.
SELECT at_ms FROM preview WHERE asset_id = %(asset_id)s AND ended_at IS NULL ORDER BY at_ms;

-- name: mark_made
-- One is made; nothing where nobody wants it any more.
UPDATE preview SET blob_key = %(blob_key)s, ended_at = now()
WHERE asset_id = %(asset_id)s AND at_ms = %(at_ms)s AND ended_at IS NULL
RETURNING true AS kept;

-- name: fail
-- One, or all that wait where no instant is given, cannot be made.
UPDATE preview SET error_code = %(code)s, ended_at = now()
WHERE asset_id = %(asset_id)s AND ended_at IS NULL AND (%(at_ms)s::integer IS NULL OR at_ms = %(at_ms)s);

-- name: forget
-- One that is not there any more is made again when it is asked for.
DELETE FROM preview WHERE asset_id = %(asset_id)s AND at_ms = %(at_ms)s AND blob_key = %(blob_key)s;

-- name: lookups_wait
-- Whether a file that somebody looks up waits for a worker.
SELECT EXISTS (SELECT FROM job WHERE queue = 'interactive' AND status = 'queued' AND task = 'answer_lookup'
               AND coalesce(due_at <= now(), true)) AS wait;

-- name: expire
-- Pictures that are kept no longer: of media that are gone, of entries that were withdrawn, of what may show a minor,
-- those that nobody has asked for lately, and of each medium all but the latest. Those that a worker makes are left to it.
WITH gone AS (
    SELECT s.asset_id, s.at_ms, s.requested_at < now() - make_interval(secs => %(kept)s) OR NOT %(keep_media)s
               OR a.blob_key IS NULL
               OR NOT EXISTS (SELECT FROM entry_asset ea JOIN entry e USING (entry_id)
                              WHERE ea.asset_id = s.asset_id AND e.status <> 'withdrawn')
               OR EXISTS (SELECT FROM asset m JOIN entry_asset x USING (asset_id) JOIN notice n ON n.entry_id = x.entry_id
                          WHERE m.sha256 = a.sha256 AND n.answers ->> 'minor' = 'yes') AS over,
           row_number() OVER (PARTITION BY s.asset_id ORDER BY s.requested_at DESC, s.at_ms) AS place
    FROM preview s JOIN asset a USING (asset_id)
), due AS (
    SELECT s.asset_id, s.at_ms FROM preview s JOIN gone g USING (asset_id, at_ms)
    WHERE g.over OR (g.place > %(most)s AND s.ended_at IS NOT NULL)
    ORDER BY s.asset_id, s.at_ms LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED
)
DELETE FROM preview s USING due d WHERE (s.asset_id, s.at_ms) = (d.asset_id, d.at_ms)
RETURNING s.blob_key;
