-- name: intake
-- Which bank takes private cases, with all that says whether it may.
SELECT i.bank_id, i.caller_id, i.open, b.kind, b.visibility, b.policy,
       b.organization_id, o.name AS organization,
       b.closed_at IS NOT NULL OR o.closed_at IS NOT NULL AS closed, c.revoked_at IS NOT NULL AS revoked
FROM private_intake i
JOIN bank b USING (bank_id) JOIN organization o USING (organization_id) JOIN caller c ON c.caller_id = i.caller_id;

-- name: set_intake
-- This bank takes them from now on, or none does.
INSERT INTO private_intake (bank_id, caller_id, open, changed_by)
VALUES (%(bank_id)s, %(caller_id)s, %(open)s, %(changed_by)s)
ON CONFLICT ("only") DO UPDATE
SET bank_id = excluded.bank_id, caller_id = excluded.caller_id, open = excluded.open,
    changed_by = excluded.changed_by, changed_at = now();

-- name: open
-- A new case; nothing where its number is taken.
INSERT INTO private_case (entry_id, case_number, pin_hash, standing, intimate)
VALUES (%(entry_id)s, %(case_number)s, %(pin_hash)s, %(standing)s, %(intimate)s)
ON CONFLICT (case_number) DO NOTHING
RETURNING opened_at;

-- name: opened_lately
-- How many came in a day.
SELECT count(*) AS found FROM private_case WHERE opened_at > now() - interval '1 day';

-- name: pin
-- What is kept of a number's PIN.
SELECT pin_hash FROM private_case WHERE case_number = %(case_number)s;

-- name: since
-- What became known of a case since it was opened: lookups that met it, and entries with its footage in banks of other
-- organizations that everybody sees, none of them negative: whoever asks is nobody's caller. Other private cases are
-- nobody's to know.
SELECT met.lookups, met.last_lookup, found.entries, found.confirmed, found.last_entry
FROM private_case p JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS lookups, max(at) AS last_lookup FROM (
        SELECT v.at FROM event v WHERE v.entry_id = p.entry_id AND v.kind = 'case.matched'
        ORDER BY v.event_id DESC LIMIT %(most)s) latest
) met
CROSS JOIN LATERAL (
    SELECT count(*) AS entries, count(*) FILTER (WHERE o.tier <> 'unreviewed') AS confirmed,
           max(o.created_at) AS last_entry
    FROM entry o JOIN bank ob ON ob.bank_id = o.bank_id
    WHERE o.entry_id IN (
            SELECT other_entry_id FROM entry_link WHERE one_entry_id = p.entry_id AND other_role = 'fake'
            UNION SELECT one_entry_id FROM entry_link WHERE other_entry_id = p.entry_id AND one_role = 'fake')
      AND o.created_at > p.opened_at AND o.status = 'matchable'
      AND ob.visibility = 'public' AND ob.organization_id <> b.organization_id
      AND NOT EXISTS (SELECT FROM private_case other WHERE other.entry_id = o.entry_id)
) found
WHERE p.case_id = %(case_id)s;

-- name: by_number
-- The case of a number, with what its entry has become.
SELECT p.case_id, p.entry_id, p.case_number, p.standing, p.intimate, p.opened_at, p.withdrawn_at, e.status, e.suspended_for, e.tier, e.own_tier, e.created_by, b.visibility,
       b.organization_id, o.name AS organization,
       (SELECT count(*) FROM entry_asset ea WHERE ea.entry_id = e.entry_id) AS files
FROM private_case p JOIN entry e USING (entry_id) JOIN bank b USING (bank_id) JOIN organization o USING (organization_id)
WHERE p.case_number = %(case_number)s;

-- name: held
-- Whether a bank holds cases that have not ended.
SELECT EXISTS (
    SELECT FROM private_case p JOIN entry e USING (entry_id)
    WHERE e.bank_id = %(bank_id)s AND p.ended_at IS NULL
) AS found;

-- name: page
-- Cases of an organization, newest first, after a cursor.
SELECT p.case_id, p.entry_id, p.case_number, p.standing, p.intimate, p.opened_at, p.withdrawn_at, b.name AS bank,
       b.visibility, e.status, e.suspended_for, e.tier, e.own_tier,
       (SELECT count(*) FROM entry_asset ea WHERE ea.entry_id = e.entry_id) AS files
FROM private_case p JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
WHERE b.organization_id = %(organization_id)s
  AND (%(after_at)s::timestamptz IS NULL OR (p.opened_at, p.case_id) < (%(after_at)s, %(after_id)s::uuid))
ORDER BY p.opened_at DESC, p.case_id DESC
LIMIT %(limit)s;

-- name: withdrawn
-- Whoever opened it has withdrawn it.
UPDATE private_case SET withdrawn_at = coalesce(withdrawn_at, now()), ended_at = coalesce(ended_at, now())
WHERE case_id = %(case_id)s;

-- name: own_media
-- Lock the media of a case that its person has withdrawn, unless another entry uses them.
SELECT a.asset_id FROM entry_asset mine JOIN asset a USING (asset_id)
WHERE mine.entry_id = %(entry_id)s AND NOT EXISTS (
    SELECT FROM entry_asset ea LEFT JOIN private_case p ON p.entry_id = ea.entry_id
    WHERE ea.asset_id = a.asset_id AND ea.entry_id <> mine.entry_id AND p.withdrawn_at IS NULL)
ORDER BY a.asset_id FOR UPDATE OF a;

-- name: is_withdrawn
-- Whether the person who opened the case of an entry has withdrawn it.
SELECT EXISTS (SELECT FROM private_case WHERE entry_id = %(entry_id)s AND withdrawn_at IS NOT NULL) AS found;

-- name: ending
-- Cases whose entry was withdrawn by somebody else since.
SELECT p.case_id, p.entry_id, e.created_by, b.organization_id
FROM private_case p JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
WHERE p.ended_at IS NULL AND e.status = 'withdrawn'
LIMIT 500;

-- name: ended
-- From now on it is known to have ended.
UPDATE private_case SET ended_at = now() WHERE case_id = %(case_id)s AND ended_at IS NULL;

-- name: restored
-- What was withdrawn by others and answers again has not ended.
UPDATE private_case p SET ended_at = NULL FROM entry e
WHERE e.entry_id = p.entry_id AND p.ended_at IS NOT NULL AND p.withdrawn_at IS NULL AND e.status <> 'withdrawn';

-- name: forget
-- Number and PIN of cases that ended so long ago open nothing any more.
UPDATE private_case SET case_number = NULL, pin_hash = NULL
WHERE case_number IS NOT NULL AND ended_at < now() - make_interval(days => %(days)s)
RETURNING case_id;
