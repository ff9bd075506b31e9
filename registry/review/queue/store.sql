-- name: queue
-- What waits, most urgent and oldest first, of every bank that the reviewer may see: a bounded piece of each.
SELECT i.entry_id, i.reason, i.priority, i.since, e.title, e.status, e.tier, e.original_tier, e.created_at,
       b.name AS bank, o.name AS organization, b.organization_id = %(organization_id)s AS own,
       CASE WHEN b.organization_id = %(organization_id)s THEN e.own_tier END AS own_tier,
       EXISTS (
           SELECT FROM entry_asset ea WHERE ea.entry_id = e.entry_id AND NOT coalesce(
               (SELECT bool_and(g.recomputed) FROM asset_algorithm g WHERE g.asset_id = ea.asset_id), false)
       ) AS unverified,
       EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id) AS private_case,
       c.lease_until, c.caller_id = %(caller_id)s AS mine
FROM (
    SELECT w.* FROM bank v
    CROSS JOIN LATERAL (
        SELECT q.* FROM review_item q
        JOIN entry x USING (entry_id)
        LEFT JOIN review_claim y ON y.entry_id = q.entry_id AND y.lease_until > now()
        WHERE q.bank_id = v.bank_id
          AND (%(reason)s::text IS NULL OR q.reason = %(reason)s)
          AND (%(tier)s::text IS NULL OR x.tier = %(tier)s)
          AND (%(registered_from)s::timestamptz IS NULL OR x.created_at >= %(registered_from)s)
          AND (%(registered_before)s::timestamptz IS NULL OR x.created_at < %(registered_before)s)
          AND (NOT %(detailed)s
               OR ((v.organization_id = %(organization_id)s OR x.status = 'matchable') AND EXISTS (
                   SELECT FROM entry_detail d WHERE d.entry_id = q.entry_id AND d.sealed IS NOT NULL)))
          AND (%(person_id)s::uuid IS NULL OR EXISTS (
              SELECT FROM entry_asset ea JOIN asset_person s USING (asset_id) JOIN person p USING (person_id)
              WHERE ea.entry_id = q.entry_id AND s.person_id = %(person_id)s
                AND p.organization_id = %(organization_id)s AND p.state = 'active' AND p.expires_at > now()
                AND 'entries' = ANY (p.scope)))
          AND (%(words)s::text[] IS NULL OR NOT EXISTS (
              SELECT FROM unnest(%(words)s::text[]) AS one
              WHERE strpos(lower(concat_ws(' ', x.title, x.claim)), lower(one)) = 0))
          AND (%(priority)s::smallint IS NULL
               OR (q.priority, q.since, q.entry_id) > (%(priority)s, %(since)s::timestamptz, %(after_id)s::uuid))
          AND (x.status = 'matchable' OR (x.status = 'suspended' AND q.reason = 'dispute'))
          AND (%(claimed)s::text IS NULL
               OR CASE %(claimed)s::text WHEN 'mine' THEN y.caller_id = %(caller_id)s
                  WHEN 'others' THEN y.caller_id <> %(caller_id)s ELSE y.caller_id IS NULL END)
          -- One's own few claims are read from their index, not found in the whole queue.
          AND (%(claimed)s::text IS DISTINCT FROM 'mine' OR q.entry_id = ANY (ARRAY(
              SELECT m.entry_id FROM review_claim m WHERE m.caller_id = %(caller_id)s AND m.lease_until > now())))
          AND NOT EXISTS (
              -- What waits for a second pair of eyes waits for another's.
              SELECT FROM review r WHERE r.entry_id = q.entry_id AND r.caller_id = %(caller_id)s
                AND q.reason = 'unreviewed' AND r.superseded_at IS NULL)
          AND (%(unverified)s::boolean IS NULL OR %(unverified)s::boolean = EXISTS (
              SELECT FROM entry_asset ea WHERE ea.entry_id = q.entry_id AND NOT coalesce(
                  (SELECT bool_and(g.recomputed) FROM asset_algorithm g WHERE g.asset_id = ea.asset_id), false)))
        ORDER BY q.priority, q.since, q.entry_id
        LIMIT %(limit)s
    ) w
    WHERE v.kind <> 'negative' AND answers_to(v, %(organization_id)s) AND (%(bank_id)s::uuid IS NULL OR v.bank_id = %(bank_id)s)
) i
JOIN entry e USING (entry_id)
JOIN bank b ON b.bank_id = e.bank_id
JOIN organization o ON o.organization_id = b.organization_id
LEFT JOIN review_claim c ON c.entry_id = i.entry_id AND c.lease_until > now()
ORDER BY i.priority, i.since, i.entry_id
LIMIT %(limit)s;

-- name: unclaimed
-- Waiting entries that nobody has claimed: how many, up to a limit, and since when the oldest waits. Each bank and priority
-- is read from its oldest on.
SELECT least(count(*), %(limit)s)::integer AS count, min(w.since) AS oldest
FROM bank v CROSS JOIN generate_series(0, 5) AS p (priority)
CROSS JOIN LATERAL (
    SELECT q.since FROM review_item q JOIN entry x USING (entry_id)
    WHERE q.bank_id = v.bank_id AND q.priority = p.priority
      AND (x.status = 'matchable' OR (x.status = 'suspended' AND q.reason = 'dispute'))
      AND NOT EXISTS (SELECT FROM review_claim y WHERE y.entry_id = q.entry_id AND y.lease_until > now())
      AND NOT EXISTS (
          SELECT FROM review r WHERE r.entry_id = q.entry_id AND r.caller_id = %(caller_id)s
            AND q.reason = 'unreviewed' AND r.superseded_at IS NULL)
    ORDER BY q.since LIMIT %(limit)s
) w
WHERE v.kind <> 'negative' AND answers_to(v, %(organization_id)s);

-- name: own_claims
-- Waiting entries that the caller has claimed, since when, and when the first claim ends.
SELECT count(*)::integer AS count, min(c.first_at) AS oldest, min(c.lease_until) AS due
FROM review_claim c JOIN review_item q USING (entry_id) JOIN entry x USING (entry_id) JOIN bank v ON v.bank_id = q.bank_id
WHERE c.caller_id = %(caller_id)s AND c.lease_until > now()
  AND v.kind <> 'negative' AND answers_to(v, %(organization_id)s)
  AND (x.status = 'matchable' OR (x.status = 'suspended' AND q.reason = 'dispute'))
  AND NOT EXISTS (
      SELECT FROM review r WHERE r.entry_id = q.entry_id AND r.caller_id = %(caller_id)s
        AND q.reason = 'unreviewed' AND r.superseded_at IS NULL);

-- name: weeks
-- Decisions of an organization's reviewers by week, up to a limit, and the median of the hours from the registration to the first
-- decision on an entry.
WITH decided AS MATERIALIZED (
    SELECT (%(mondays)s::date[])[width_bucket(r.decided_at, %(starts)s::timestamptz[])] AS week, r.decision,
           extract(epoch FROM r.decided_at - e.matchable_at)::double precision / 3600 AS hours,
           NOT EXISTS (SELECT FROM review p WHERE p.entry_id = r.entry_id AND p.decided_at < r.decided_at) AS first
    FROM review r JOIN entry e USING (entry_id)
    WHERE r.organization_id = %(organization_id)s AND r.decided_at >= %(since)s
      AND r.decision IN ('approve', 'reject', 'court_order')
    ORDER BY r.decided_at DESC LIMIT %(limit)s
)
SELECT week, 'decisions' AS of, count(*)::double precision AS value FROM decided GROUP BY 1
UNION ALL
SELECT week, 'hours', percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) FROM decided WHERE first AND hours >= 0 GROUP BY 1
ORDER BY 1, 2;

-- name: find
-- An entry that a reviewer may look at: whatever its state, if its bank answers them. Its row is not locked.
SELECT e.entry_id, e.bank_id, b.name AS bank, b.organization_id AS owner_id, o.name AS organization, b.policy,
       b.visibility, e.title, e.claim, e.language, e.manipulation, e.entry_references AS references,
       e.status, e.suspended_for, e.tier, e.original_tier, e.own_tier, e.own_original_tier, e.created_by,
       e.created_at, b.organization_id = %(organization_id)s AS own, p.standing, p.intimate
FROM entry e JOIN bank b USING (bank_id) JOIN organization o USING (organization_id)
LEFT JOIN private_case p USING (entry_id)
WHERE e.entry_id = %(entry_id)s AND (b.organization_id = %(organization_id)s
    OR (answers_to(b, %(organization_id)s) AND e.status IN ('matchable', 'suspended', 'withdrawn')));

-- name: media
-- The media of an entry that answer lookups, or would if it did.
SELECT ea.asset_id, ea.role, encode(a.sha256, 'hex') AS sha256, a.kind, a.duration_s AS duration, a.notes,
       ea.tier, ea.own_tier, ea.added_at, coalesce(ea.added_by, e.created_by) AS added_by,
       a.blob_key IS NOT NULL AS media_kept,
       coalesce((SELECT bool_and(g.recomputed) FROM asset_algorithm g WHERE g.asset_id = a.asset_id), false)
           AS recomputed,
       EXISTS (SELECT FROM asset_manifest m WHERE m.asset_id = a.asset_id AND m.source) AS source
FROM entry_asset ea JOIN asset a USING (asset_id) JOIN entry e USING (entry_id)
WHERE ea.entry_id = %(entry_id)s AND ea.matchable_at IS NOT NULL AND a.status = 'fingerprinted'
ORDER BY ea.role, ea.added_at, ea.asset_id;

-- name: looked_at
-- Of which media of an entry a caller was shown pictures clearly.
SELECT DISTINCT v.subject ->> 'asset_id' AS asset_id FROM event v
WHERE v.entry_id = %(entry_id)s AND v.kind = 'asset.revealed' AND v.caller_id = %(caller_id)s;

-- name: conflicts
-- Other entries that hold a file of this one in the other role, as far as the caller may see them.
SELECT mine.asset_id, mine.role, x.entry_id, x.role AS other_role, te.title, tb.name AS bank,
       CASE x.role WHEN 'fake' THEN lower_tier(x.tier, te.tier) ELSE lower_tier(x.tier, te.original_tier) END AS tier
FROM entry_asset mine JOIN asset a USING (asset_id)
JOIN asset o ON o.sha256 = a.sha256
JOIN entry_asset x ON x.asset_id = o.asset_id AND x.role <> mine.role
JOIN entry te ON te.entry_id = x.entry_id AND te.status IN ('matchable', 'suspended')
JOIN bank tb ON tb.bank_id = o.bank_id AND answers_to(tb, %(organization_id)s)
WHERE mine.entry_id = %(entry_id)s
ORDER BY x.entry_id, mine.asset_id LIMIT 50;

-- name: claim
-- Take an entry, or renew one's own lease; nothing where another's holds, or one's own has for too long.
INSERT INTO review_claim AS c (entry_id, caller_id, media, first_at, lease_until)
VALUES (%(entry_id)s, %(caller_id)s, %(media)s, now(), now() + %(lease)s)
ON CONFLICT (entry_id) DO UPDATE SET
    caller_id = excluded.caller_id, media = excluded.media,
    first_at = CASE WHEN c.caller_id = excluded.caller_id AND c.lease_until > now() - %(pause)s THEN c.first_at
                    ELSE now() END,
    lease_until = least(now() + %(lease)s, CASE
        WHEN c.caller_id = excluded.caller_id AND c.lease_until > now() - %(pause)s THEN c.first_at + %(longest)s
        ELSE now() + %(longest)s END)
WHERE (c.lease_until <= now() OR c.caller_id = excluded.caller_id)
  AND NOT (c.caller_id = excluded.caller_id AND c.lease_until > now() - %(pause)s
           AND c.first_at + %(longest)s <= now())
RETURNING lease_until;

-- name: claim_of
-- Whose an entry is, locked until the transaction ends. A lease ends by the clock, also within a transaction.
SELECT caller_id, media, first_at, lease_until, lease_until > clock_timestamp() AS holds
FROM review_claim WHERE entry_id = %(entry_id)s FOR UPDATE;

-- name: end_claim
-- Let an entry go. The row stays, so that whoever had it for hours is known.
UPDATE review_claim SET lease_until = least(lease_until, now())
WHERE entry_id = %(entry_id)s AND caller_id = %(caller_id)s AND lease_until > now()
RETURNING entry_id;

-- name: claims
-- How many entries a reviewer has claimed.
SELECT count(*) AS claims FROM review_claim WHERE caller_id = %(caller_id)s AND lease_until > now();

-- name: lock_claims
-- Claims of one reviewer take turns, so that they are counted right.
SELECT pg_advisory_xact_lock(hashtextextended(%(caller_id)s::text, 3));

-- name: supersede
-- What a caller has decided before of an entry stands no longer.
UPDATE review SET superseded_at = now()
WHERE entry_id = %(entry_id)s AND caller_id = %(caller_id)s AND superseded_at IS NULL;

-- name: supersede_acts
-- Decisions of a kind have had their effect, or have lost their ground.
UPDATE review SET superseded_at = now()
WHERE entry_id = %(entry_id)s AND decision = ANY (%(acts)s) AND superseded_at IS NULL;

-- name: insert
-- A decision.
INSERT INTO review (review_id, entry_id, caller_id, organization_id, decision, administers, reason_code,
                    order_sha256, sealed)
VALUES (%(review_id)s, %(entry_id)s, %(caller_id)s, %(organization_id)s, %(decision)s, %(administers)s,
        %(reason_code)s, %(order_sha256)s, %(sealed)s);

-- name: cover
-- The media that it covers.
INSERT INTO review_medium (review_id, asset_id, role)
SELECT %(review_id)s, asset_id, role FROM unnest(%(assets)s::uuid[], %(roles)s::text[]) AS m (asset_id, role);

-- name: votes
-- The decisions on an entry that stand, with the media that each covers.
SELECT r.review_id, r.caller_id, r.organization_id, r.decision, r.administers,
       encode(r.order_sha256, 'hex') AS order_sha256,
       ARRAY(SELECT m.asset_id FROM review_medium m WHERE m.review_id = r.review_id) AS assets,
       ARRAY(SELECT m.role FROM review_medium m WHERE m.review_id = r.review_id) AS roles
FROM review r WHERE r.entry_id = %(entry_id)s AND r.superseded_at IS NULL
ORDER BY r.decided_at, r.review_id;

-- name: history
-- What was decided of an entry, oldest first; of approvals, how many of the media were never shown clearly to whoever
-- approved them.
SELECT r.review_id, r.caller_id, c.name AS caller, r.organization_id, o.name AS organization, r.decision,
       r.reason_code, encode(r.order_sha256, 'hex') AS order_sha256, r.sealed, r.decided_at, r.superseded_at,
       CASE WHEN r.decision = 'approve' THEN (
           SELECT count(*) FROM review_medium m WHERE m.review_id = r.review_id AND NOT EXISTS (
               SELECT FROM event v WHERE v.entry_id = r.entry_id AND v.kind = 'asset.revealed' AND v.caller_id = r.caller_id
                 AND v.subject ->> 'asset_id' = m.asset_id::text AND v.at <= r.decided_at)) END AS unseen
FROM review r JOIN organization o USING (organization_id) JOIN caller c ON c.caller_id = r.caller_id
WHERE r.entry_id = %(entry_id)s ORDER BY r.decided_at, r.review_id;

-- name: one
-- A decision, with whose entry it is.
SELECT r.review_id, r.entry_id, r.caller_id, r.organization_id, r.sealed FROM review r
WHERE r.review_id = %(review_id)s FOR UPDATE;

-- name: erase
-- Its words are gone.
UPDATE review SET sealed = NULL WHERE review_id = %(review_id)s;

-- name: lock
-- Keep an entry from changing until the transaction ends.
SELECT entry_id FROM entry WHERE entry_id = %(entry_id)s FOR NO KEY UPDATE;

-- name: unqueue_reasons
-- An entry waits no longer for these reasons.
DELETE FROM review_item WHERE entry_id = %(entry_id)s AND reason = ANY (%(reasons)s);

-- name: enqueue_entry
-- An entry waits for a reviewer.
INSERT INTO review_item (entry_id, reason, bank_id, priority)
SELECT entry_id, %(reason)s, bank_id, %(priority)s FROM entry WHERE entry_id = %(entry_id)s
ON CONFLICT DO NOTHING;

-- name: unopened
-- Whether an entry that was withdrawn answered before, and a medium of it.
SELECT e.matchable_at IS NOT NULL AS answered,
       (SELECT ea.asset_id FROM entry_asset ea WHERE ea.entry_id = e.entry_id LIMIT 1) AS asset_id
FROM entry e WHERE e.entry_id = %(entry_id)s;

-- name: asset_of
-- The asset of an entry that is this very file.
SELECT a.asset_id, a.status, a.blob_key,
       coalesce((SELECT bool_and(g.recomputed) FROM asset_algorithm g WHERE g.asset_id = a.asset_id), false)
           AS recomputed
FROM entry_asset ea JOIN asset a USING (asset_id)
WHERE ea.entry_id = %(entry_id)s AND a.sha256 = %(sha256)s;

-- name: ending
-- Who withdrew an entry for its owner, if that is what ended it, and whether others ended it against the owner.
SELECT (SELECT r.caller_id FROM review r
        WHERE r.entry_id = e.entry_id AND r.decision = 'withdraw' AND r.superseded_at IS NULL
        ORDER BY r.decided_at DESC LIMIT 1) AS by_owner,
       e.status = 'suspended' OR EXISTS (
           SELECT FROM dispute d WHERE d.entry_id = e.entry_id AND d.outcome = 'upheld'
             AND d.remedy = 'withdrawn' AND d.decider_id <> d.owner_id) AS against_owner
FROM entry e WHERE e.entry_id = %(entry_id)s;

-- name: owner
-- Whose an entry is.
SELECT b.organization_id FROM entry e JOIN bank b USING (bank_id) WHERE e.entry_id = %(entry_id)s;

-- name: sourced
-- Entries with originals that a source has signed: those that hold a medium, or a bank's.
SELECT e.entry_id, b.organization_id
FROM entry e JOIN bank b USING (bank_id)
WHERE e.entry_id IN (
    SELECT ea.entry_id FROM entry_asset ea WHERE ea.asset_id = %(asset_id)s
    UNION ALL SELECT x.entry_id FROM entry x WHERE x.bank_id = %(bank_id)s)
  AND e.status <> 'withdrawn'
  AND EXISTS (SELECT FROM entry_asset o JOIN asset_manifest m USING (asset_id)
              WHERE o.entry_id = e.entry_id AND o.role = 'original' AND m.source)
ORDER BY e.entry_id;

-- name: unqueue
-- Nor do they wait for a reviewer.
DELETE FROM review_item WHERE entry_id = ANY (%(entry_ids)s);

-- name: release_claims
-- Entries that its reviewers had claimed are free for others.
UPDATE review_claim r SET lease_until = least(r.lease_until, now())
FROM caller c WHERE c.caller_id = r.caller_id AND c.organization_id = %(organization_id)s AND r.lease_until > now()
RETURNING r.entry_id;
