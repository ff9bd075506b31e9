-- name: copy_assets
-- Insert media.
COPY asset (asset_id, bank_id, sha256, md5, hash_key, kind, duration_s, width, height, bytes, notes, status,
            fingerprinted_at)
FROM STDIN;

-- name: copy_entries
-- Insert entries.
COPY entry (entry_id, bank_id, title, claim, manipulation, entry_references, status, matchable_at, created_by, own_tier,
            own_original_tier)
FROM STDIN;

-- name: copy_links
-- Insert the links of media to entries.
COPY entry_asset (entry_id, asset_id, role, batch, matchable_at, related_by, own_tier, added_by) FROM STDIN;

-- name: copy_algorithms
-- Insert the algorithms of media.
COPY asset_algorithm (asset_id, algorithm, recomputed) FROM STDIN;

-- name: copy_frames
-- Insert frames of media that have one frame each, binary.
COPY frame_fingerprint (asset_no, time_s, duration_s, quality, view, phash256, pdq)
FROM STDIN (FORMAT binary);

-- name: numbers
-- The numbers by which frames refer to these media.
SELECT asset_id, asset_no FROM asset WHERE asset_id = ANY (%(asset_ids)s);

-- name: set_statuses
-- Set the statuses that follow from lists, unless people have decided otherwise.
UPDATE entry e
SET status = s.after, matchable_at = CASE s.after WHEN 'matchable' THEN coalesce(e.matchable_at, now()) ELSE e.matchable_at END
FROM unnest(%(entries)s::uuid[], %(befores)s::text[], %(afters)s::text[], %(by_list)s::boolean[])
     AS s (entry_id, before, after, by_list)
WHERE e.entry_id = s.entry_id AND e.status = s.before AND s.before <> s.after AND e.suspended_for IS NULL
  AND (s.before = 'matchable' OR s.by_list) AND e.tier = 'unreviewed'
RETURNING e.entry_id, e.status;

-- name: unlink_media
-- Remove media from entries.
DELETE FROM entry_asset ea
USING unnest(%(entries)s::uuid[], %(assets)s::uuid[], %(roles)s::text[]) AS l (entry_id, asset_id, role)
WHERE ea.entry_id = l.entry_id AND ea.asset_id = l.asset_id AND ea.role = l.role;

-- name: set_media_tiers
-- Set the tiers of media in lookups of the bank's own organization.
UPDATE entry_asset ea SET own_tier = t.tier
FROM unnest(%(entries)s::uuid[], %(assets)s::uuid[], %(roles)s::text[], %(tiers)s::text[])
     AS t (entry_id, asset_id, role, tier)
WHERE ea.entry_id = t.entry_id AND ea.asset_id = t.asset_id AND ea.role = t.role AND ea.own_tier <> t.tier;

-- name: set_entry_tiers
-- Set the tiers of entries in lookups of the bank's own organization.
UPDATE entry e SET own_tier = t.tier, own_original_tier = t.tier
FROM unnest(%(entries)s::uuid[], %(tiers)s::text[]) AS t (entry_id, tier)
WHERE e.entry_id = t.entry_id AND (e.own_tier, e.own_original_tier) IS DISTINCT FROM (t.tier, t.tier);
