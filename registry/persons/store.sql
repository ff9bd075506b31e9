-- name: record_assessment
-- The operator's data-protection assessment.
INSERT INTO face_assessment (title, document_sha256, assessed_on, recorded_by)
VALUES (%(title)s, %(document_sha256)s, %(assessed_on)s, %(recorded_by)s)
RETURNING assessment_id, title, encode(document_sha256, 'hex') AS document_sha256, assessed_on, recorded_at;

-- name: assessments
-- All that were recorded, the one in force first.
SELECT a.assessment_id, a.title, encode(a.document_sha256, 'hex') AS document_sha256, a.assessed_on,
       a.recorded_at, c.name AS recorded_by
FROM face_assessment a JOIN caller c ON c.caller_id = a.recorded_by
ORDER BY a.recorded_at DESC, a.assessment_id
LIMIT 100;

-- name: insert
-- A person proposed; nothing where the same request was kept before.
INSERT INTO person (person_id, organization_id, assessment_id, consent_by, consented_at, expires_at, scope,
    consent_commitment, sealed_record, revocation_sha256, request_sha256, proposed_by)
VALUES (%(person_id)s, %(organization_id)s, %(assessment_id)s, %(consent_by)s, %(consented_at)s,
    %(expires_at)s, %(scope)s, %(consent_commitment)s, %(sealed_record)s, %(revocation_sha256)s,
    %(request_sha256)s, %(proposed_by)s)
ON CONFLICT (organization_id, request_sha256) DO NOTHING
RETURNING true AS inserted;

-- name: by_request
-- Whom the organization proposed under an Idempotency-Key.
SELECT person_id FROM person
WHERE organization_id = %(organization_id)s AND request_sha256 = %(request_sha256)s;

-- name: by_revocation
-- Whose revocation code it is.
SELECT person_id, organization_id FROM person WHERE revocation_sha256 = %(revocation_sha256)s;

-- name: show
-- One person of an organization.
SELECT * FROM person WHERE person_id = %(person_id)s AND organization_id = %(organization_id)s;

-- name: lock
-- The same, locked until the transaction ends: before the person's photos and jobs, as everybody does.
SELECT * FROM person WHERE person_id = %(person_id)s AND organization_id = %(organization_id)s
FOR NO KEY UPDATE;

-- name: lock_any
-- One person of whatever organization, locked: for the service's own work.
SELECT * FROM person WHERE person_id = %(person_id)s FOR NO KEY UPDATE;

-- name: page
-- An organization's persons, newest first, after a cursor, with how their photos stand.
SELECT p.*,
       (SELECT count(*) FROM person_photo f WHERE f.person_id = p.person_id) AS photos,
       (SELECT count(*) FROM person_photo f WHERE f.person_id = p.person_id AND f.state = 'usable') AS usable,
       (SELECT count(*) FROM person_photo f WHERE f.person_id = p.person_id AND f.state = 'pending') AS pending
FROM person p
WHERE p.organization_id = %(organization_id)s
  AND (%(state)s::text IS NULL OR p.state = %(state)s)
  AND (%(after_at)s::timestamptz IS NULL OR (p.proposed_at, p.person_id) < (%(after_at)s, %(after_id)s))
ORDER BY p.proposed_at DESC, p.person_id DESC
LIMIT %(limit)s;

-- name: accept
-- Reviewed: from now on faces are compared with the person's.
UPDATE person SET state = 'active', sealed_vectors = %(sealed_vectors)s, sealed_record = %(sealed_record)s,
    identity_checked = %(identity_checked)s, mandate_checked = %(mandate_checked)s,
    reviewed_by = %(reviewed_by)s, reviewed_at = now(), revision = revision + 1
WHERE person_id = %(person_id)s AND state = 'proposed'
RETURNING revision;

-- name: end
-- Refused, revoked, expired or to be erased: nothing personal stays in the row.
UPDATE person SET state = %(state)s, ended_as = %(state)s, ended_at = now(), revision = revision + 1,
    erased_at = CASE %(state)s::text WHEN 'erased' THEN now() END,
    reviewed_by = coalesce(%(reviewed_by)s, reviewed_by),
    reviewed_at = CASE WHEN %(reviewed_by)s::uuid IS NULL THEN reviewed_at ELSE now() END,
    consent_commitment = NULL, sealed_record = NULL, sealed_vectors = NULL, revocation_sha256 = NULL,
    request_sha256 = NULL, renewal_consent_by = NULL, renewal_consented_at = NULL,
    renewal_expires_at = NULL, renewal_scope = NULL, renewal_commitment = NULL, renewal_sealed = NULL,
    renewal_by = NULL, renewal_at = NULL
WHERE person_id = %(person_id)s AND state IN ('proposed', 'active')
RETURNING revision;

-- name: list_ended
-- Who ended and whose key is still to be destroyed, the longest waiting first.
SELECT person_id FROM person WHERE state IN ('refused', 'revoked', 'expired')
ORDER BY ended_at, person_id LIMIT %(limit)s;

-- name: list_expiring
-- Whose consent has ended by now, and proposals that nobody has decided on for `proposal_days`.
SELECT person_id FROM person
WHERE state IN ('proposed', 'active')
  AND (expires_at <= now()
       OR (state = 'proposed' AND proposed_at <= now() - make_interval(days => %(proposal_days)s)))
ORDER BY expires_at, person_id LIMIT %(limit)s;

-- name: mark_erased
-- The key is destroyed.
UPDATE person SET state = 'erased', erased_at = now()
WHERE person_id = %(person_id)s AND state IN ('refused', 'revoked', 'expired')
RETURNING revision;

-- name: propose_renewal
-- A new consent that waits for a reviewer; it replaces one that waits already.
UPDATE person SET renewal_consent_by = %(consent_by)s, renewal_consented_at = %(consented_at)s,
    renewal_expires_at = %(expires_at)s, renewal_scope = %(scope)s,
    renewal_commitment = %(consent_commitment)s, renewal_sealed = %(sealed)s,
    renewal_by = %(renewal_by)s, renewal_at = now()
WHERE person_id = %(person_id)s AND state = 'active'
RETURNING revision;

-- name: accept_renewal
-- The new consent replaces the old one.
UPDATE person SET consent_by = renewal_consent_by, consented_at = renewal_consented_at,
    expires_at = renewal_expires_at, scope = renewal_scope, consent_commitment = renewal_commitment,
    sealed_record = %(sealed_record)s, proposed_by = renewal_by, proposed_at = renewal_at,
    identity_checked = %(identity_checked)s, mandate_checked = %(mandate_checked)s,
    reviewed_by = %(reviewed_by)s, reviewed_at = now(), revision = revision + 1,
    renewal_consent_by = NULL, renewal_consented_at = NULL, renewal_expires_at = NULL, renewal_scope = NULL,
    renewal_commitment = NULL, renewal_sealed = NULL, renewal_by = NULL, renewal_at = NULL
WHERE person_id = %(person_id)s AND state = 'active' AND renewal_by IS NOT NULL
RETURNING revision;

-- name: refuse_renewal
-- The new consent is not accepted; the old one holds until it ends.
UPDATE person SET renewal_consent_by = NULL, renewal_consented_at = NULL, renewal_expires_at = NULL,
    renewal_scope = NULL, renewal_commitment = NULL, renewal_sealed = NULL, renewal_by = NULL,
    renewal_at = NULL
WHERE person_id = %(person_id)s AND state = 'active' AND renewal_by IS NOT NULL
RETURNING revision;

-- name: active
-- The persons with whose faces an organization's media may be compared now, under a scope.
SELECT person_id, organization_id, revision, sealed_vectors
FROM person
WHERE organization_id = %(organization_id)s AND state = 'active' AND expires_at > now()
  AND %(scope)s = ANY (scope)
ORDER BY person_id;

-- name: record
-- One act on the record.
WITH act AS (
    INSERT INTO person_event (person_id, event, actor, caller_id, photo_id, revision)
    SELECT %(person_id)s, %(event)s, %(actor)s, %(caller_id)s, %(photo_id)s, p.revision
    FROM person p WHERE p.person_id = %(person_id)s
    RETURNING person_id, revision
)
SELECT p.organization_id, act.revision FROM act JOIN person p USING (person_id);

-- name: events
-- The acts on record that concern a person, oldest first.
SELECT event, actor, caller_id, photo_id, revision, at FROM person_event
WHERE person_id = %(person_id)s ORDER BY event_id LIMIT 1000;

-- name: lock_of_organization
-- The persons that an organization enrolled and of whom data is stored.
SELECT person_id FROM person WHERE organization_id = %(organization_id)s AND state IN ('proposed', 'active')
ORDER BY person_id FOR UPDATE;
