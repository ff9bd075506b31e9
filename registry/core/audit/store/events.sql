-- name: record
-- One event, and that it waits for its place in the ledger.
WITH recorded AS (
    INSERT INTO event (kind, organization_id, caller_id, request_id, entry_id, subject, said)
    VALUES (%(kind)s, %(organization_id)s, %(caller_id)s, %(request_id)s, %(entry_id)s, %(subject)s::jsonb,
            %(said)s::jsonb)
    RETURNING event_id
)
INSERT INTO event_waiting (event_id) SELECT event_id FROM recorded RETURNING event_id;

-- name: record_all
-- Many events of one transaction, in their order.
WITH recorded AS (
    INSERT INTO event (kind, organization_id, caller_id, request_id, entry_id, subject, said)
    SELECT g.kind, g.organization_id, g.caller_id, %(request_id)s, g.entry_id, g.subject::jsonb, g.said::jsonb
    FROM unnest(%(kinds)s::text[], %(organization_ids)s::uuid[], %(caller_ids)s::uuid[], %(entry_ids)s::uuid[],
                %(subjects)s::text[], %(saids)s::text[]) WITH ORDINALITY
        AS g (kind, organization_id, caller_id, entry_id, subject, said, place)
    ORDER BY g.place
    RETURNING event_id
)
INSERT INTO event_waiting (event_id) SELECT event_id FROM recorded RETURNING event_id;

-- name: take_waiting
-- Events without a place, which they get in this transaction.
WITH taken AS (
    DELETE FROM event_waiting WHERE event_id IN (SELECT event_id FROM event_waiting ORDER BY event_id LIMIT %(limit)s)
    RETURNING event_id
)
SELECT e.* FROM taken JOIN event e USING (event_id) ORDER BY e.event_id;
