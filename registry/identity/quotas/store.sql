-- name: subjects
-- Of these callers, and of their organizations, which limits there are.
SELECT c.caller_id, c.organization_id, mine.subject_id IS NOT NULL AS own, whole.subject_id IS NOT NULL AS shared
FROM caller c
LEFT JOIN quota mine ON mine.subject_id = c.caller_id
LEFT JOIN quota whole ON whole.subject_id = c.organization_id
WHERE c.caller_id = ANY (%(caller_ids)s);

-- name: begin
-- Begin to count what these callers ask, since the deployment limits everybody.
INSERT INTO quota (subject_id, organization_id, caller_id)
SELECT c.caller_id, c.organization_id, c.caller_id FROM caller c WHERE c.caller_id = ANY (%(caller_ids)s)
ON CONFLICT (subject_id) DO NOTHING;

-- name: lock
-- What is used of these limits; everybody locks them in this order. A crash of PostgreSQL itself may forget the
-- loans of its last half second, which nobody waits for the disk for.
SELECT subject_id, caller_id, rate, daily, monthly, day, day_used, month, month_used,
       extract(epoch FROM paid_until - clock_timestamp())::float8 AS ahead, clock_timestamp() AS now
FROM quota, set_config('synchronous_commit', 'off', true)
WHERE subject_id = ANY (%(subject_ids)s)
ORDER BY subject_id FOR NO KEY UPDATE OF quota;

-- name: save
-- What is used of them now.
UPDATE quota q SET paid_until = clock_timestamp() + make_interval(secs => g.ahead), day = g.day,
    day_used = g.day_used, month = g.month, month_used = g.month_used
FROM unnest(%(subject_ids)s::uuid[], %(ahead)s::float8[], %(days)s::date[], %(day_used)s::bigint[],
            %(months)s::date[], %(month_used)s::bigint[]) AS g (subject_id, ahead, day, day_used, month, month_used)
WHERE q.subject_id = g.subject_id;

-- name: limit
-- How much a caller, or with no caller a whole organization, may ask from now on.
INSERT INTO quota (subject_id, organization_id, caller_id, rate, daily, monthly)
VALUES (coalesce(%(caller_id)s::uuid, %(organization_id)s), %(organization_id)s, %(caller_id)s, %(rate)s, %(daily)s,
        %(monthly)s)
ON CONFLICT (subject_id) DO UPDATE
    SET rate = excluded.rate, daily = excluded.daily, monthly = excluded.monthly;

-- name: current_usage
-- What is used of the limits of a caller and of its organization.
SELECT caller_id, rate, daily, monthly, day, day_used, month, month_used, 0::float8 AS ahead, now() AS now
FROM quota WHERE subject_id IN (%(caller_id)s, %(organization_id)s);

-- name: usage_of
-- What is used of the limits of these callers and organizations.
SELECT subject_id, rate, daily, monthly, day, day_used, month, month_used, 0::float8 AS ahead, now() AS now
FROM quota WHERE subject_id = ANY (%(subject_ids)s);

-- name: organization_of
-- The organization of a caller.
SELECT organization_id FROM caller WHERE caller_id = %(caller_id)s;
