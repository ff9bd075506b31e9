-- name: give
-- A caller's opinion of a match; the last one counts.
INSERT INTO opinion AS o (lookup_id, entry_id, caller_id, organization_id, opinion, verdict, confidence, match)
VALUES (%(lookup_id)s, %(entry_id)s, %(caller_id)s, %(organization_id)s, %(opinion)s, %(verdict)s,
        %(confidence)s, %(match)s)
ON CONFLICT (entry_id, lookup_id, caller_id) DO UPDATE
    SET opinion = excluded.opinion, changed_at = CASE WHEN o.opinion <> excluded.opinion THEN now() ELSE o.changed_at END
RETURNING lookup_id, entry_id, opinion, given_at, changed_at;

-- name: denials
-- Of which organizations the opinions are that say an entry's matches are wrong.
SELECT organization_id FROM opinion WHERE entry_id = %(entry_id)s AND opinion = 'false_positive'
LIMIT 1000;

-- name: summary
-- How many say what of an entry's matches.
SELECT count(*) FILTER (WHERE opinion = 'true_positive') AS true_positive,
       count(*) FILTER (WHERE opinion = 'false_positive') AS false_positive,
       count(DISTINCT organization_id) FILTER (WHERE opinion = 'true_positive') AS confirming,
       count(DISTINCT organization_id) FILTER (WHERE opinion = 'false_positive') AS denying,
       max(coalesce(changed_at, given_at)) AS latest
FROM opinion WHERE entry_id = %(entry_id)s;

-- name: page
-- Opinions, oldest first: of one entry, or of an organization's entries and callers, or all.
SELECT o.lookup_id, o.entry_id, o.caller_id, o.organization_id, g.name AS organization, o.opinion, o.verdict,
       o.confidence, o.match, o.given_at, o.changed_at
FROM opinion o JOIN organization g USING (organization_id)
JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
WHERE (%(entry_id)s::uuid IS NULL OR o.entry_id = %(entry_id)s)
  AND (%(everybody)s OR b.organization_id = %(organization_id)s OR o.organization_id = %(organization_id)s)
  AND (%(given_at)s::timestamptz IS NULL OR (o.given_at, o.entry_id, o.lookup_id, o.caller_id)
       > (%(given_at)s, %(after_entry)s::uuid, %(after_lookup)s::uuid, %(after_caller)s::uuid))
ORDER BY o.given_at, o.entry_id, o.lookup_id, o.caller_id
LIMIT %(limit)s;

-- name: matched
-- Of a caller's latest lookups those that found an entry, and one of its organization by id, with what it has said.
SELECT l.lookup_id, l.verdict, l.created_at, o.opinion
FROM (
    (SELECT lookup_id, verdict, created_at, answer FROM lookup
     WHERE caller_id = %(caller_id)s AND lookup_id IS DISTINCT FROM %(lookup_id)s::uuid
     ORDER BY created_at DESC LIMIT %(looked)s)
    UNION ALL
    (SELECT x.lookup_id, x.verdict, x.created_at, x.answer FROM lookup x JOIN caller c USING (caller_id)
     WHERE x.lookup_id = %(lookup_id)s::uuid AND c.organization_id = %(organization_id)s)
) l
LEFT JOIN opinion o ON (o.entry_id, o.lookup_id, o.caller_id) = (%(entry_id)s::uuid, l.lookup_id, %(caller_id)s)
WHERE l.answer @> jsonb_build_object(
    'matches', jsonb_build_array(jsonb_build_object('entry_id', %(entry_id)s::text)))
ORDER BY l.lookup_id IS DISTINCT FROM %(lookup_id)s::uuid, l.created_at DESC
LIMIT %(limit)s;
