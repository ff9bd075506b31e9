-- name: patience
-- An organization's entries of several years take longer to withdraw than a request may.
SELECT set_config('statement_timeout', '10min', true);

-- name: closed_lately
-- Organizations that were closed within a day, and what becomes of their entries. A request under way at the time may
-- have added rows since, and keys that could not be reached can be destroyed now.
SELECT organization_id, closed_entries FROM organization WHERE closed_at > now() - interval '1 day';
