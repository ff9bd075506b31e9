-- name: keep
-- Where what a lookup asks about was seen.
INSERT INTO sighting (lookup_id, organization_id, caller_id, platform, sealed, seen_time)
VALUES (%(lookup_id)s, %(organization_id)s, %(caller_id)s, %(platform)s, %(sealed)s,
        coalesce(%(seen_time)s::timestamptz, now()))
ON CONFLICT (lookup_id) DO NOTHING;

-- name: move
-- It is told of another lookup of the same file.
UPDATE sighting SET lookup_id = %(to)s WHERE lookup_id = %(lookup_id)s;

-- name: lock_watch
-- What is told of a lookup from now on waits until the transaction ends.
SELECT watch_id FROM watch WHERE lookup_id = %(lookup_id)s FOR UPDATE;

-- name: is_kept
-- Whether a lookup says where it saw what it asks about; whoever follows it waits until the transaction ends.
SELECT lookup_id FROM sighting WHERE lookup_id = %(lookup_id)s FOR SHARE;

-- name: lock_sighting
-- One of them, and that whoever tells something new of it waits until the transaction ends.
SELECT lookup_id, organization_id, caller_id, platform, sealed, seen_time FROM sighting
WHERE lookup_id = %(lookup_id)s FOR UPDATE;

-- name: answers_to_sighting
-- What was answered to it: at once, and later to its watch.
SELECT 'lookup' AS via, l.answer FROM lookup l WHERE l.lookup_id = %(lookup_id)s AND l.status = 'answered'
UNION ALL
(SELECT 'watch', a.answer FROM watch w JOIN watch_answer a USING (watch_id)
 WHERE w.lookup_id = %(lookup_id)s AND a.answer IS NOT NULL ORDER BY a.answered_at LIMIT 1000);

-- name: campaigns_of_sighting
-- Open campaigns that had one of these entries removed at that platform: of the organization that asked, and of others
-- where it agrees to that; each with what it is about.
SELECT c.campaign_id, c.organization_id, c.client_id, e.entry_id
FROM campaign c JOIN campaign_entry e USING (campaign_id)
WHERE e.entry_id = ANY (%(entry_ids)s) AND c.state = 'open'
  AND (c.organization_id = %(organization_id)s
       OR EXISTS (SELECT FROM organization o WHERE o.organization_id = %(organization_id)s AND o.reports_places))
  AND EXISTS (SELECT FROM notice n WHERE n.campaign_id = c.campaign_id AND n.entry_id = e.entry_id
                AND n.platform = %(platform)s AND n.removed_at IS NOT NULL)
ORDER BY c.campaign_id, e.entry_id LIMIT 1000;

-- name: forget_sighting
-- It was followed: what is not watched is not kept.
DELETE FROM sighting s WHERE s.lookup_id = %(lookup_id)s
  AND NOT EXISTS (SELECT FROM watch w WHERE w.lookup_id = s.lookup_id);

-- name: forget
-- Those of lookups that were never answered, or are over and not watched; and of organizations that were closed. What
-- failed may be done again as long as its dead letter is open: a lookup while its media is kept (as in `needed_blobs` of
-- lookups), and following one.
DELETE FROM sighting WHERE lookup_id IN (
    SELECT s.lookup_id FROM sighting s JOIN organization o USING (organization_id)
    WHERE o.closed_at IS NOT NULL OR (s.created_at < now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM watch w WHERE w.lookup_id = s.lookup_id)
      AND NOT EXISTS (SELECT FROM lookup l WHERE l.lookup_id = s.lookup_id AND l.status = 'queued')
      AND NOT EXISTS (SELECT FROM job j WHERE j.task = 'follow_sighting' AND j.subject_id = s.lookup_id
                        AND j.status IN ('queued', 'running'))
      AND NOT EXISTS (SELECT FROM job j JOIN lookup l ON l.lookup_id = j.subject_id
                      WHERE j.subject_id = s.lookup_id AND l.status = 'failed' AND j.task = 'answer_lookup'
                        AND j.status = 'failed' AND j.dead AND j.settled_at IS NULL
                        AND j.finished_at > now() - make_interval(days => %(media_days)s))
      AND NOT EXISTS (SELECT FROM job j
                      WHERE j.subject_id = s.lookup_id AND j.task = 'follow_sighting' AND j.status = 'failed' AND j.dead
                        AND j.settled_at IS NULL AND j.finished_at > now() - make_interval(days => %(letter_days)s)))
    LIMIT 1000);

-- name: list_sightings
-- What its lookups have said, in the order of their ids.
SELECT lookup_id, sealed FROM sighting
WHERE organization_id = %(organization_id)s AND lookup_id > %(after)s ORDER BY lookup_id LIMIT %(limit)s;

-- name: forget_sightings
-- Of these lookups, where it was.
DELETE FROM sighting WHERE lookup_id = ANY (%(lookup_ids)s) AND organization_id = %(organization_id)s;
