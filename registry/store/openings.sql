-- name: keep_asset
-- What ties events to a file, once an asset.
INSERT INTO asset_commitment (asset_id, salt, commitment) VALUES (%(asset_id)s, %(salt)s, %(commitment)s)
ON CONFLICT (asset_id) DO UPDATE SET asset_id = asset_commitment.asset_id
RETURNING commitment;

-- name: page
-- Every text to which an event has committed, where it is kept: what it is, whose, commitment, salt and text. Whoever
-- commits to a text adds a SELECT here, so that a text that was changed since is seen.
SELECT source, id, commitment, salt, text FROM (
    SELECT 'asset.sha256' AS source, c.asset_id::text AS id, c.commitment, c.salt, encode(a.sha256, 'hex') AS text
    FROM asset_commitment c JOIN asset a USING (asset_id)
) AS opening
WHERE (source, id) > (%(after_source)s, %(after_id)s)
ORDER BY source, id
LIMIT %(limit)s;
