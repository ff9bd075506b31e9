-- name: patience
-- What an organization has registered in years takes longer than a question.
SELECT set_config('statement_timeout', '10min', true);

-- name: late
-- Organizations that were closed within a day, and what was to become of their entries: a request that was under way
-- when they were may have left something since, and keys that were away come back.
SELECT organization_id, closed_entries FROM organization WHERE closed_at > now() - interval '1 day';

-- name: fail_media_jobs
-- Nor do the jobs that would read them; a worker that has one may write nothing.
UPDATE job j SET status = 'failed', finished_at = now(), lease_until = NULL, error_code = %(code)s,
    error_message = %(message)s
FROM asset a JOIN bank b USING (bank_id) LEFT JOIN segment s USING (asset_id)
WHERE ((j.task = 'fingerprint_asset' AND j.subject_id = a.asset_id)
       OR (j.task = 'fingerprint_segment' AND j.subject_id = s.segment_id))
  AND j.status IN ('queued', 'running') AND b.organization_id = %(organization_id)s;

-- name: settle_disputes
-- Disputes about them are settled by that.
UPDATE dispute SET state = 'closed', outcome = 'upheld', remedy = 'withdrawn', reason_code = 'settled',
    decided_by = %(caller_id)s, decider_id = owner_id, closed_at = now()
WHERE entry_id = ANY (%(entry_ids)s) AND outcome IS NULL
RETURNING dispute_id, entry_id;

-- name: own_disputes
-- The open disputes that it has opened.
SELECT dispute_id FROM dispute WHERE organization_id = %(organization_id)s AND outcome IS NULL ORDER BY dispute_id;

-- name: discard_letters
-- What was looked up for it and failed is not done again: its media goes, as it does where a person lets the letter be.
UPDATE job j SET settled_at = now(), settled_as = 'discarded', settled_by = %(caller_id)s
FROM lookup l JOIN caller c USING (caller_id)
WHERE j.task = 'answer_lookup' AND j.subject_id = l.lookup_id AND j.status = 'failed' AND j.dead AND j.settled_at IS NULL
  AND c.organization_id = %(organization_id)s
RETURNING j.job_id;

-- name: persons
-- The persons whom it has enrolled, as far as anything of them is kept.
SELECT person_id FROM person WHERE organization_id = %(organization_id)s AND state IN ('proposed', 'active')
ORDER BY person_id FOR UPDATE;
