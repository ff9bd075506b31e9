-- name: share
-- What processes tell of walks, added to what is known; how many bits each has turned.
INSERT INTO reconstruction AS p (organization_id, caller_id, algorithm, centre, turned, turns, hashes)
SELECT * FROM unnest(%(organization_ids)s::uuid[], %(caller_ids)s::uuid[], %(algorithms)s::text[],
                     %(centres)s::bit(256)[], %(turned)s::bit(256)[], %(turns)s::bigint[],
                     %(hashes)s::bigint[])
ON CONFLICT (organization_id, algorithm, centre) DO UPDATE
    SET turned = p.turned | excluded.turned, turns = p.turns + excluded.turns,
        hashes = p.hashes + excluded.hashes, changed_at = clock_timestamp(),
        -- Who is suspected stays, whoever goes on after it until the refusal is heard.
        caller_id = CASE WHEN p.suspected_at IS NULL THEN excluded.caller_id ELSE p.caller_id END
    -- Who has not heard yet that it was lifted tells of what was before.
    WHERE p.lifted_at IS NULL OR p.lifted_at < now() - interval '2 seconds'
RETURNING organization_id, caller_id, algorithm, centre::text, bit_count(turned) AS bits, turns, hashes;

-- name: of_organization
-- All walks of an organization.
SELECT bit_count(turned) AS bits, turns, hashes FROM reconstruction
WHERE organization_id = %(organization_id)s AND algorithm = %(algorithm)s;

-- name: suspect
-- Refuse an organization near-identical hashes for a walk, unless it is refused them already.
UPDATE reconstruction SET suspected_at = now(), refused_until = now() + make_interval(secs => %(hold)s),
    changed_at = clock_timestamp()
WHERE organization_id = %(organization_id)s AND algorithm = %(algorithm)s AND centre = %(centre)s::bit(256)
  AND NOT EXISTS (SELECT FROM reconstruction o WHERE o.organization_id = %(organization_id)s AND o.refused_until > now());

-- name: list_changed
-- What has changed since a moment.
SELECT organization_id, algorithm, centre::text, turned::text, turns, hashes, lifted_at, clock_timestamp() AS now,
       greatest(0, extract(epoch FROM refused_until - now()))::float8 AS refused
FROM reconstruction WHERE changed_at >= %(since)s ORDER BY changed_at;

-- name: now
-- The database's clock.
SELECT clock_timestamp() AS now;

-- name: page
-- The walks of an organization that were suspected.
SELECT algorithm, caller_id, bit_count(turned) AS bits, suspected_at, refused_until, refused_until > now() AS refused
FROM reconstruction WHERE organization_id = %(organization_id)s AND suspected_at IS NOT NULL
ORDER BY suspected_at DESC, centre LIMIT %(limit)s;

-- name: lift
-- The organization's walks were no attempts: count anew.
UPDATE reconstruction SET turned = repeat('0', 256)::bit(256), turns = 0, hashes = 0, suspected_at = NULL, refused_until = NULL,
    lifted_at = clock_timestamp(), changed_at = clock_timestamp()
WHERE organization_id = %(organization_id)s AND turned <> repeat('0', 256)::bit(256);

-- name: forget
-- Drop what has not changed for a month.
DELETE FROM reconstruction WHERE changed_at < now() - interval '30 days';
