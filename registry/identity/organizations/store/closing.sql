-- name: patience
-- What an organization has registered in years takes longer than a question.
SELECT set_config('statement_timeout', '10min', true);

-- name: late
-- Organizations that were closed within a day, and what was to become of their entries: a request that was under way
-- when they were may have left something since, and keys that were away come back.
SELECT organization_id, closed_entries FROM organization WHERE closed_at > now() - interval '1 day';

-- name: discard_letters
-- What was looked up for it and failed is not done again: its media goes, as it does where a person lets the letter be.
UPDATE job j SET settled_at = now(), settled_as = 'discarded', settled_by = %(caller_id)s
FROM lookup l JOIN caller c USING (caller_id)
WHERE j.task = 'answer_lookup' AND j.subject_id = l.lookup_id AND j.status = 'failed' AND j.dead AND j.settled_at IS NULL
  AND c.organization_id = %(organization_id)s
RETURNING j.job_id;
