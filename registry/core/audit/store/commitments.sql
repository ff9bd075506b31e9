-- name: keep_file_commitment
-- What ties events to a file, once an asset.
INSERT INTO asset_commitment (asset_id, salt, commitment) VALUES (%(asset_id)s, %(salt)s, %(commitment)s)
ON CONFLICT (asset_id) DO UPDATE SET asset_id = asset_commitment.asset_id
RETURNING commitment;

-- name: keep_fingerprint_commitment
-- What ties events to a fingerprint, once an asset and fingerprint.
INSERT INTO fingerprint_commitment (asset_id, digest, salt, commitment)
VALUES (%(asset_id)s, %(digest)s, %(salt)s, %(commitment)s)
ON CONFLICT (asset_id, digest) DO UPDATE SET asset_id = fingerprint_commitment.asset_id
RETURNING commitment;

-- name: unrecorded_entries
-- Entries that hold an asset, whose they are, and whether workers computed all that is stored of it, where no event says
-- so of this fingerprint yet.
WITH stored AS MATERIALIZED (
    SELECT coalesce(bool_and(recomputed), false) AS recomputed FROM asset_algorithm WHERE asset_id = %(asset_id)s
)
SELECT e.entry_id, b.organization_id, s.recomputed
FROM entry_asset ea JOIN entry e USING (entry_id) JOIN bank b USING (bank_id) CROSS JOIN stored s
WHERE ea.asset_id = %(asset_id)s AND e.status <> 'withdrawn'
  AND NOT EXISTS (SELECT FROM event v WHERE v.entry_id = e.entry_id AND v.kind = 'asset.fingerprinted'
                  AND v.said ->> 'fingerprint' = %(commitment)s
                  AND (v.said -> 'recomputed')::boolean = s.recomputed)
ORDER BY e.entry_id;

-- name: fingerprint_commitments
-- What ties events to the fingerprints that an asset has had, the newest first.
SELECT digest, salt, commitment FROM fingerprint_commitment WHERE asset_id = %(asset_id)s
ORDER BY committed_at DESC, digest;

-- name: file_commitments
-- What ties events to files, of these assets.
SELECT a.asset_id, encode(a.sha256, 'hex') AS sha256, c.salt, c.commitment
FROM asset_commitment c JOIN asset a USING (asset_id)
WHERE a.asset_id = ANY (%(asset_ids)s::uuid[]) AND a.sha256 IS NOT NULL;

-- name: commitments_page
-- Every text to which an event has committed, where it is kept: what it is, whose, commitment, salt and text. Whoever
-- commits to a text adds a SELECT here, so that a text that was changed since is seen.
SELECT source, id, commitment, salt, text FROM (
    SELECT 'asset.sha256' AS source, c.asset_id::text AS id, c.commitment, c.salt, encode(a.sha256, 'hex') AS text
    FROM asset_commitment c JOIN asset a USING (asset_id)
    UNION ALL
    SELECT 'asset.fingerprint', f.asset_id::text || ' ' || encode(f.digest, 'hex'), f.commitment, f.salt,
           encode(f.digest, 'hex')
    FROM fingerprint_commitment f
) AS opening
WHERE (source, id) > (%(after_source)s, %(after_id)s)
ORDER BY source, id
LIMIT %(limit)s;
