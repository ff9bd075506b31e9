-- name: patience
-- What an organization has registered in years takes longer than a question.
SELECT set_config('statement_timeout', '10min', true);

-- name: late
-- Organizations that were closed within a day, and what was to become of their entries: a request that was under way
-- when they were may have left something since, and keys that were away come back.
SELECT organization_id, closed_entries FROM organization WHERE closed_at > now() - interval '1 day';

-- name: lock_entries
-- Its entries that are not withdrawn, locked in the order in which everybody locks entries.
SELECT e.entry_id FROM entry e JOIN bank b USING (bank_id)
WHERE b.organization_id = %(organization_id)s AND e.status <> 'withdrawn'
ORDER BY e.entry_id FOR NO KEY UPDATE OF e;

-- name: fail_media
-- Its media that wait to be fingerprinted wait no longer.
UPDATE asset a SET status = 'failed', error_code = %(code)s, error_message = %(message)s
FROM bank b WHERE b.bank_id = a.bank_id AND b.organization_id = %(organization_id)s AND a.status = 'pending';

-- name: fail_media_jobs
-- Nor do the jobs that would read them; a worker that has one may write nothing.
UPDATE job j SET status = 'failed', finished_at = now(), lease_until = NULL, error_code = %(code)s,
    error_message = %(message)s
FROM asset a JOIN bank b USING (bank_id) LEFT JOIN segment s USING (asset_id)
WHERE ((j.task = 'fingerprint_asset' AND j.subject_id = a.asset_id)
       OR (j.task = 'fingerprint_segment' AND j.subject_id = s.segment_id))
  AND j.status IN ('queued', 'running') AND b.organization_id = %(organization_id)s;

-- name: withdraw
-- These entries answer nobody from this commit on.
UPDATE entry SET status = 'withdrawn', suspended_for = NULL WHERE entry_id = ANY (%(entry_ids)s);

-- name: settle_disputes
-- Disputes about them are settled by that.
UPDATE dispute SET state = 'closed', outcome = 'upheld', remedy = 'withdrawn', reason_code = 'settled',
    decided_by = %(caller_id)s, decider_id = owner_id, closed_at = now()
WHERE entry_id = ANY (%(entry_ids)s) AND outcome IS NULL
RETURNING dispute_id, entry_id;

-- name: unqueue
-- Nor do they wait for a reviewer.
DELETE FROM review_item WHERE entry_id = ANY (%(entry_ids)s);

-- name: release_claims
-- Entries that its reviewers had claimed are free for others.
UPDATE review_claim r SET lease_until = least(r.lease_until, now())
FROM caller c WHERE c.caller_id = r.caller_id AND c.organization_id = %(organization_id)s AND r.lease_until > now()
RETURNING r.entry_id;

-- name: own_disputes
-- The open disputes that it has opened.
SELECT dispute_id FROM dispute WHERE organization_id = %(organization_id)s AND outcome IS NULL ORDER BY dispute_id;

-- name: fail_lookups
-- Its files that wait for an answer get none.
UPDATE lookup l SET status = 'failed', error_code = %(code)s, error_message = %(message)s, answered_at = now()
FROM caller c
WHERE c.caller_id = l.caller_id AND c.organization_id = %(organization_id)s AND l.status = 'queued'
RETURNING l.lookup_id;

-- name: fail_lookup_jobs
-- Nor is anybody to work on them.
UPDATE job SET status = 'failed', finished_at = now(), lease_until = NULL, error_code = %(code)s,
    error_message = %(message)s
WHERE task = 'answer_lookup' AND status IN ('queued', 'running') AND subject_id = ANY (%(lookup_ids)s);

-- name: discard_letters
-- What was looked up for it and failed is not done again: its media goes, as it does where a person lets the letter be.
UPDATE job j SET settled_at = now(), settled_as = 'discarded', settled_by = %(caller_id)s
FROM lookup l JOIN caller c USING (caller_id)
WHERE j.task = 'answer_lookup' AND j.subject_id = l.lookup_id AND j.status = 'failed' AND j.dead AND j.settled_at IS NULL
  AND c.organization_id = %(organization_id)s
RETURNING j.job_id;

-- name: stop_webhooks
-- It is told nothing more.
UPDATE webhook SET state = 'disabled', reason = 'gone'
WHERE organization_id = %(organization_id)s AND state <> 'disabled';

-- name: stop_exchanges
-- Nothing more is read for it, and what it has given to read with is forgotten.
UPDATE exchange SET state = 'removed', credentials = NULL
WHERE organization_id = %(organization_id)s AND state <> 'removed';

-- name: end_watches
-- Nothing is kept of the lookups that it has watched.
DELETE FROM watch WHERE organization_id = %(organization_id)s RETURNING watch_id, lookup_id;

-- name: persons
-- The persons whom it has enrolled, as far as anything of them is kept.
SELECT person_id FROM person WHERE organization_id = %(organization_id)s AND state IN ('proposed', 'active')
ORDER BY person_id FOR UPDATE;
