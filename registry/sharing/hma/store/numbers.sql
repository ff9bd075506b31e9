-- name: of_media
-- The numbers by which clients of Hasher-Matcher-Actioner refer to media.
SELECT asset_id, asset_no FROM asset WHERE asset_id = ANY(%(asset_ids)s);

-- name: bank_names
-- The bank names of entries, and the share of lookups that the organization's own banks answer. Banks of other
-- organizations begin with the organization's name, so that no bank can pass for another.
SELECT e.entry_id, CASE WHEN b.organization_id = %(organization_id)s THEN b.name ELSE o.name || '/' || b.name END AS name,
    CASE WHEN b.organization_id = %(organization_id)s THEN coalesce((b.policy ->> 'rollout')::float8, 1) ELSE 1 END AS share
FROM entry e JOIN bank b USING (bank_id) JOIN organization o USING (organization_id)
WHERE e.entry_id = ANY(%(entry_ids)s);

-- name: videos
-- Those of these media that are videos.
SELECT asset_id FROM asset WHERE asset_id = ANY(%(asset_ids)s) AND kind = 'video';

-- name: withdrawn
-- Those of these entries that were withdrawn.
SELECT entry_id FROM entry WHERE entry_id = ANY(%(entry_ids)s) AND status = 'withdrawn';

-- name: content
-- A banked fake by its number, in a bank of the organization. Intake cases are left out.
SELECT e.entry_id, a.asset_id, e.status, l.said -> 'metadata' AS metadata, d.until AS disabled_until
FROM asset a LEFT JOIN content_disabled d USING (asset_id) JOIN entry_asset ea USING (asset_id) JOIN entry e USING (entry_id) JOIN bank b ON b.bank_id = e.bank_id
LEFT JOIN listing l ON l.entry_id = e.entry_id
WHERE a.asset_no = %(number)s AND ea.role = 'fake' AND b.bank_id = %(bank_id)s
  AND b.organization_id = %(organization_id)s
  AND NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id)
ORDER BY e.status <> 'withdrawn' DESC, e.created_at
LIMIT 1;

-- name: disabled
-- Those of these media that are switched off now.
SELECT asset_id FROM content_disabled WHERE asset_id = ANY(%(asset_ids)s) AND until > now();

-- name: disable
-- Switch a medium off until then.
INSERT INTO content_disabled (asset_id, until) VALUES (%(asset_id)s, %(until)s)
ON CONFLICT (asset_id) DO UPDATE SET until = excluded.until;

-- name: enable
-- Switch a medium on.
DELETE FROM content_disabled WHERE asset_id = %(asset_id)s;

-- name: signal_counts
-- How many hashes of each signal type the matchable fakes of an organization have, and the time of the newest.
WITH banked AS (
    SELECT DISTINCT a.asset_id, a.asset_no, a.kind, a.md5, a.fingerprinted_at
    FROM bank b JOIN entry e USING (bank_id) JOIN entry_asset ea USING (entry_id)
    JOIN asset a ON a.asset_id = ea.asset_id
    WHERE b.organization_id = %(organization_id)s AND e.status = 'matchable' AND ea.role = 'fake'
      AND a.status = 'fingerprinted'
), signal AS (
    SELECT CASE kind WHEN 'image' THEN 'pdq' ELSE 'vpdq' END AS name, fingerprinted_at FROM banked
    WHERE EXISTS (SELECT FROM frame_fingerprint f WHERE f.asset_no = banked.asset_no AND f.pdq IS NOT NULL)
    UNION ALL
    SELECT 'video_md5', fingerprinted_at FROM banked WHERE kind = 'video' AND md5 IS NOT NULL
)
SELECT known.name, count(signal.name)::integer AS size,
       coalesce(extract(epoch FROM max(signal.fingerprinted_at))::bigint, -1) AS built_to
FROM (VALUES ('pdq'), ('video_md5'), ('vpdq')) AS known (name) LEFT JOIN signal USING (name)
GROUP BY known.name;

-- name: default_is_empty
-- Whether the bank that an organization began with has no entries.
SELECT NOT EXISTS (SELECT FROM bank b JOIN entry e USING (bank_id)
                   WHERE b.organization_id = %(organization_id)s AND b.name = 'default') AS empty;
