-- name: lock_party
-- Disputes of one organization take turns, and so do those against one, so that they are counted right.
SELECT pg_advisory_xact_lock(hashtextextended(one::text, 4))
FROM (SELECT unnest(ARRAY[%(organization_id)s, %(owner_id)s]::uuid[]) AS one ORDER BY one) parties;

-- name: count_past
-- What was disputed before, as `registry.review.disputes.model.Past` asks.
SELECT
    EXISTS (SELECT FROM dispute WHERE entry_id = %(entry_id)s AND organization_id = %(organization_id)s
            AND outcome IS NULL) AS open,
    EXISTS (SELECT FROM dispute WHERE entry_id = %(entry_id)s AND organization_id = %(organization_id)s
            AND outcome IN ('rejected', 'withdrawn')
            AND closed_at > now() - make_interval(days => %(again_days)s)) AS lost_here,
    (SELECT count(*) FROM dispute WHERE organization_id = %(organization_id)s
     AND opened_at > now() - interval '1 day') AS opened,
    (SELECT count(*) FROM dispute WHERE organization_id = %(organization_id)s AND at_once
     AND opened_at > now() - interval '1 day') AS at_once,
    (SELECT count(*) FROM dispute WHERE owner_id = %(owner_id)s AND at_once
     AND opened_at > now() - interval '1 day') AS suffered,
    (SELECT count(*) FROM dispute WHERE organization_id = %(organization_id)s AND outcome = 'rejected'
     AND closed_at > now() - make_interval(days => %(lost_days)s)) AS lost;

-- name: open
-- A new dispute.
INSERT INTO dispute (dispute_id, entry_id, kind, standing, opened_by, organization_id, owner_id, sealed,
                     suspends, at_once, answer_due)
VALUES (%(dispute_id)s, %(entry_id)s, %(kind)s, %(standing)s, %(opened_by)s, %(organization_id)s, %(owner_id)s,
        %(sealed)s, %(at_once)s, %(at_once)s, now() + make_interval(days => %(answer_days)s));

-- name: entry_of
-- Which entry a dispute is about, so that it can be locked before the dispute.
SELECT entry_id FROM dispute WHERE dispute_id = %(dispute_id)s;

-- name: get
-- A dispute with its entry and its parties.
SELECT d.*, encode(d.order_sha256, 'hex') AS order_hex, e.title, e.status AS entry_status, e.tier,
       e.original_tier, e.suspended_for, b.name AS bank, b.bank_id, o.name AS organization, w.name AS owner,
       answers_to(b, %(organization_id)s) AS sees, now() AS now,
       EXISTS (SELECT FROM private_case p WHERE p.entry_id = e.entry_id) AS private_case
FROM dispute d JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
JOIN organization o ON o.organization_id = d.organization_id
JOIN organization w ON w.organization_id = d.owner_id
WHERE d.dispute_id = %(dispute_id)s;

-- name: page
-- Disputes that the caller is a party to, and for reviewers those of banks that they see; the oldest first. Those of private
-- cases are for reviewers and for whoever opened them.
SELECT d.dispute_id, d.entry_id, d.kind, d.standing, d.state, d.suspends, d.outcome, d.remedy, d.opened_at,
       d.answer_due, d.closed_at, d.organization_id, d.owner_id, e.title, e.status AS entry_status, b.name AS bank,
       o.name AS organization, w.name AS owner
FROM dispute d JOIN entry e USING (entry_id) JOIN bank b USING (bank_id)
JOIN organization o ON o.organization_id = d.organization_id
JOIN organization w ON w.organization_id = d.owner_id
WHERE CASE %(side)s::text
          WHEN 'opener' THEN d.organization_id = %(organization_id)s
          WHEN 'owner' THEN d.owner_id = %(organization_id)s
          ELSE d.organization_id = %(organization_id)s OR d.owner_id = %(organization_id)s
               OR (%(reviews)s::boolean AND answers_to(b, %(organization_id)s)) END
  AND (%(reviews)s::boolean OR d.organization_id = %(organization_id)s
       OR NOT EXISTS (SELECT FROM private_case p WHERE p.entry_id = d.entry_id))
  AND (%(open)s::boolean IS NULL OR (d.outcome IS NULL) = %(open)s::boolean)
  AND (%(entry_id)s::uuid IS NULL OR d.entry_id = %(entry_id)s)
  AND CASE %(task)s::text
          WHEN 'answer' THEN d.owner_id = %(organization_id)s AND d.state = 'open'
          WHEN 'decide' THEN d.outcome IS NULL AND (d.state = 'answered' OR d.answer_due <= now())
               AND d.opened_by <> %(caller_id)s
               AND ((d.organization_id <> %(organization_id)s AND d.owner_id <> %(organization_id)s)
                    OR d.organization_id = d.owner_id)
               AND NOT EXISTS (SELECT FROM review r WHERE r.entry_id = d.entry_id AND r.caller_id = %(caller_id)s
                               AND r.superseded_at IS NULL)
          ELSE true END
  AND (%(opened_at)s::timestamptz IS NULL OR (d.opened_at, d.dispute_id) > (%(opened_at)s, %(after_id)s::uuid))
ORDER BY d.opened_at, d.dispute_id
LIMIT %(limit)s;

-- name: answer
-- The owner has answered; a later answer takes the place of the first.
UPDATE dispute SET state = 'answered', answered_by = %(caller_id)s, answered_at = now(), answer_sealed = %(sealed)s
WHERE dispute_id = %(dispute_id)s;

-- name: accept
-- A reviewer hears it: the entry is suspended meanwhile.
UPDATE dispute SET suspends = true, accepted_by = %(caller_id)s, accepted_at = now(),
    order_sha256 = coalesce(%(order_sha256)s, order_sha256)
WHERE dispute_id = %(dispute_id)s;

-- name: close
-- It is decided, or withdrawn.
UPDATE dispute SET state = 'closed', outcome = %(outcome)s, remedy = %(remedy)s, reason_code = %(reason_code)s,
    order_sha256 = coalesce(%(order_sha256)s, order_sha256), decided_by = %(caller_id)s,
    decider_id = %(organization_id)s, reasons_sealed = %(sealed)s, closed_at = now()
WHERE dispute_id = %(dispute_id)s;

-- name: of_entry
-- The open disputes of an entry.
SELECT dispute_id, organization_id, suspends FROM dispute
WHERE entry_id = %(entry_id)s AND outcome IS NULL ORDER BY dispute_id;

-- name: standing
-- Whether other open disputes suspend an entry, and whether any are open.
SELECT coalesce(bool_or(suspends), false) AS suspends, count(*) > 0 AS open
FROM dispute WHERE entry_id = %(entry_id)s AND outcome IS NULL;

-- name: erase
-- What was written in it is gone: the key was destroyed, and these are its remains.
UPDATE dispute SET sealed = NULL, answer_sealed = NULL, reasons_sealed = NULL, erased_at = now()
WHERE dispute_id = %(dispute_id)s;

-- name: settle_disputes
-- Open disputes of withdrawn entries are upheld.
UPDATE dispute SET state = 'closed', outcome = 'upheld', remedy = 'withdrawn', reason_code = 'settled',
    decided_by = %(caller_id)s, decider_id = owner_id, closed_at = now()
WHERE entry_id = ANY (%(entry_ids)s) AND outcome IS NULL
RETURNING dispute_id, entry_id;

-- name: opened_by
-- The open disputes that an organization opened.
SELECT dispute_id FROM dispute WHERE organization_id = %(organization_id)s AND outcome IS NULL ORDER BY dispute_id;
