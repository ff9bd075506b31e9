-- Enrolled persons. All that is personal or biometric is encrypted under a key per person, which is not in the database.

CREATE TABLE face_assessment (
    assessment_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title text NOT NULL CHECK (title <> ''),
    document_sha256 bytea NOT NULL CHECK (octet_length(document_sha256) = 32),
    assessed_on date NOT NULL,
    recorded_by uuid NOT NULL REFERENCES caller,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE face_assessment IS 'The operator''s data-protection assessments for enrolled faces. Nobody is enrolled before there is one. Append-only.';
COMMENT ON COLUMN face_assessment.assessment_id IS 'Identity.';
COMMENT ON COLUMN face_assessment.title IS 'What the document is called.';
COMMENT ON COLUMN face_assessment.document_sha256 IS 'SHA-256 of the document, which the operator keeps.';
COMMENT ON COLUMN face_assessment.assessed_on IS 'The date on the document.';
COMMENT ON COLUMN face_assessment.recorded_by IS 'The administrator who recorded it.';
COMMENT ON COLUMN face_assessment.recorded_at IS 'When it was recorded; the newest counts.';
CREATE TRIGGER face_assessment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON face_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE person (
    person_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    assessment_id uuid NOT NULL REFERENCES face_assessment,
    state text NOT NULL DEFAULT 'proposed'
        CHECK (state IN ('proposed', 'active', 'refused', 'revoked', 'expired', 'erased')),
    ended_as text CHECK (ended_as IN ('refused', 'revoked', 'expired', 'erased')),
    revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
    consent_by text NOT NULL CHECK (consent_by IN ('self', 'representative', 'guardian')),
    consented_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    scope text[] NOT NULL CHECK (scope <> '{}' AND scope <@ ARRAY['lookups', 'entries']),
    consent_commitment bytea CHECK (octet_length(consent_commitment) = 32),
    sealed_record bytea,
    sealed_vectors bytea
        CHECK ((octet_length(sealed_vectors) - 28) % 256 = 0 AND octet_length(sealed_vectors) BETWEEN 284 AND 5148),
    revocation_sha256 bytea UNIQUE CHECK (octet_length(revocation_sha256) = 32),
    request_sha256 bytea CHECK (octet_length(request_sha256) = 32),
    identity_checked boolean NOT NULL DEFAULT false,
    mandate_checked boolean NOT NULL DEFAULT false,
    proposed_by uuid NOT NULL REFERENCES caller,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    reviewed_by uuid REFERENCES caller,
    reviewed_at timestamptz,
    ended_at timestamptz,
    erased_at timestamptz,
    renewal_consent_by text CHECK (renewal_consent_by IN ('self', 'representative', 'guardian')),
    renewal_consented_at timestamptz,
    renewal_expires_at timestamptz,
    renewal_scope text[] CHECK (renewal_scope <> '{}' AND renewal_scope <@ ARRAY['lookups', 'entries']),
    renewal_commitment bytea CHECK (octet_length(renewal_commitment) = 32),
    renewal_sealed bytea,
    renewal_by uuid REFERENCES caller,
    renewal_at timestamptz,
    UNIQUE (organization_id, request_sha256),
    CONSTRAINT person_second_reviewer CHECK (reviewed_by <> proposed_by),
    CONSTRAINT person_consent_is_limited CHECK ( expires_at > consented_at AND expires_at AT TIME ZONE 'UTC' <=
        consented_at AT TIME ZONE 'UTC' + interval '12 months'),
    CONSTRAINT person_renewal_is_limited CHECK ( renewal_expires_at > renewal_consented_at AND renewal_expires_at
        AT TIME ZONE 'UTC' <= renewal_consented_at AT TIME ZONE 'UTC' + interval '12 months'),
    CONSTRAINT person_renewal_is_whole CHECK ( num_nulls(renewal_consent_by, renewal_consented_at,
        renewal_expires_at, renewal_scope, renewal_commitment, renewal_sealed, renewal_by, renewal_at) IN (0, 8)),
    CONSTRAINT person_renewal_of_active CHECK (renewal_by IS NULL OR state = 'active'),
    CONSTRAINT person_active_is_reviewed CHECK ( state <> 'active' OR (reviewed_by IS NOT NULL AND reviewed_at IS
        NOT NULL AND identity_checked AND (mandate_checked OR consent_by = 'self'))),
    CONSTRAINT person_active_has_vectors CHECK ((state = 'active') = (sealed_vectors IS NOT NULL)),
    CONSTRAINT person_living_is_sealed CHECK ( state NOT IN ('proposed', 'active') OR num_nulls(sealed_record,
        revocation_sha256, consent_commitment) = 0),
    CONSTRAINT person_ended_is_empty CHECK ( state IN ('proposed', 'active') OR num_nonnulls(sealed_record,
        sealed_vectors, revocation_sha256, consent_commitment, request_sha256) = 0),
    CONSTRAINT person_ended_says_how CHECK ( (state IN ('proposed', 'active')) = (ended_as IS NULL) AND (ended_as
        IS NULL) = (ended_at IS NULL) AND (ended_as IS NULL OR state IN (ended_as, 'erased'))),
    CONSTRAINT person_erased_says_when CHECK ((state = 'erased') = (erased_at IS NOT NULL))
);
COMMENT ON TABLE person IS 'A person whose face an organization protects, by consent and for a time. Personal and biometric data are encrypted under the person''s key. Once the key is destroyed, the row only says that somebody was enrolled.';
COMMENT ON COLUMN person.person_id IS 'Identity, random; also names the key.';
COMMENT ON COLUMN person.organization_id IS 'Who enrolled the person; nobody else learns of it.';
COMMENT ON COLUMN person.assessment_id IS 'The assessment in force when the person was proposed.';
COMMENT ON COLUMN person.state IS 'proposed, active. refused, revoked, expired: data deleted from the rows, key to be destroyed. erased: key destroyed. Transitions: registry.persons.model.';
COMMENT ON COLUMN person.ended_as IS 'How it ended; stays when the state is erased.';
COMMENT ON COLUMN person.revision IS 'Counts the changes of what a search may find: state, vectors, expiry, scope.';
COMMENT ON COLUMN person.consent_by IS 'Who consented: the person, a representative with a mandate, or a minor''s guardian.';
COMMENT ON COLUMN person.consented_at IS 'When the consent was given.';
COMMENT ON COLUMN person.expires_at IS 'When it ends, at most twelve months after it was given.';
COMMENT ON COLUMN person.scope IS 'What the consent covers: lookups (faces in media that the organization looks up), entries (faces in media that it registered).';
COMMENT ON COLUMN person.consent_commitment IS 'HMAC-SHA-256 of the consent document''s SHA-256 under the person''s key.';
COMMENT ON COLUMN person.sealed_record IS 'Encrypted JSON: name, texts and documents of consent, mandate, guardian, notes.';
COMMENT ON COLUMN person.sealed_vectors IS 'Encrypted face vectors of the accepted photos: 128 little-endian float16 each, one after another.';
COMMENT ON COLUMN person.revocation_sha256 IS 'SHA-256 of the revocation code (120 random bits), which is shown once.';
COMMENT ON COLUMN person.request_sha256 IS 'SHA-256 of the Idempotency-Key that the enrolment came with.';
COMMENT ON COLUMN person.identity_checked IS 'The reviewer has checked who the person is.';
COMMENT ON COLUMN person.mandate_checked IS 'The reviewer has checked the mandate, or the guardianship.';
COMMENT ON COLUMN person.proposed_by IS 'The caller who sent the consent in force.';
COMMENT ON COLUMN person.proposed_at IS 'When the person was proposed.';
COMMENT ON COLUMN person.reviewed_by IS 'The second caller, who decided on it.';
COMMENT ON COLUMN person.reviewed_at IS 'When.';
COMMENT ON COLUMN person.ended_at IS 'When it was refused, revoked, expired or erased.';
COMMENT ON COLUMN person.erased_at IS 'When the key was destroyed.';
COMMENT ON COLUMN person.renewal_consent_by IS 'Of a new consent that waits for a reviewer: who gave it.';
COMMENT ON COLUMN person.renewal_consented_at IS 'Likewise: when.';
COMMENT ON COLUMN person.renewal_expires_at IS 'Likewise: until when.';
COMMENT ON COLUMN person.renewal_scope IS 'Likewise: for what.';
COMMENT ON COLUMN person.renewal_commitment IS 'Likewise: the commitment to its document.';
COMMENT ON COLUMN person.renewal_sealed IS 'Likewise: its text and documents, encrypted.';
COMMENT ON COLUMN person.renewal_by IS 'Likewise: the caller who sent it.';
COMMENT ON COLUMN person.renewal_at IS 'Likewise: when it was sent.';
CREATE INDEX person_organization ON person (organization_id, proposed_at DESC, person_id);
CREATE INDEX person_active ON person (organization_id) WHERE state = 'active';
CREATE INDEX person_ended ON person (ended_at) WHERE state IN ('refused', 'revoked', 'expired');
CREATE INDEX person_expiring ON person (expires_at) WHERE state IN ('proposed', 'active');

CREATE TABLE person_photo (
    photo_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    number smallint NOT NULL CHECK (number BETWEEN 1 AND 20),
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'usable', 'refused')),
    reason text
        CHECK (reason IN ( 'unreadable', 'too_large', 'not_read', 'no_face', 'several_faces', 'face_too_small',
            'too_blurred', 'too_dark', 'profile', 'not_a_photo', 'same_photo_twice', 'different_people')),
    other_photo_id uuid,
    digest bytea CHECK (octet_length(digest) = 32),
    blob_key text,
    sealed_reading bytea,
    added_at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz,
    UNIQUE (person_id, number),
    CONSTRAINT person_photo_refused_says_why CHECK ((state = 'refused') = (reason IS NOT NULL)),
    CONSTRAINT person_photo_pending_is_kept CHECK (state <> 'pending' OR blob_key IS NOT NULL)
);
COMMENT ON TABLE person_photo IS 'A photo by which a person is proposed. Its file is encrypted, and deleted with the decision.';
COMMENT ON COLUMN person_photo.photo_id IS 'Identity.';
COMMENT ON COLUMN person_photo.person_id IS 'The person whom it is said to show.';
COMMENT ON COLUMN person_photo.number IS 'Its place among the person''s photos, from 1.';
COMMENT ON COLUMN person_photo.state IS 'pending until a worker has read it; then usable or refused.';
COMMENT ON COLUMN person_photo.reason IS 'Why it was refused: a stable code.';
COMMENT ON COLUMN person_photo.other_photo_id IS 'The photo that it repeats, or whose face differs.';
COMMENT ON COLUMN person_photo.digest IS 'HMAC-SHA-256 of the file under the person''s key: recognizes the same file.';
COMMENT ON COLUMN person_photo.blob_key IS 'The encrypted file; null once it was deleted.';
COMMENT ON COLUMN person_photo.sealed_reading IS 'What the worker read, encrypted: face, measures, hash; null once the person was decided on.';
COMMENT ON COLUMN person_photo.added_at IS 'When it was sent.';
COMMENT ON COLUMN person_photo.read_at IS 'When a worker had read it.';
CREATE INDEX person_photo_blob ON person_photo (blob_key) WHERE blob_key IS NOT NULL;

CREATE TABLE person_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL,
    event text NOT NULL CHECK (event ~ '^[a-z_]{1,40}$'),
    actor text NOT NULL CHECK (actor IN ('caller', 'person', 'service')),
    caller_id uuid REFERENCES caller,
    photo_id uuid,
    revision integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CHECK ((actor = 'caller') = (caller_id IS NOT NULL))
);
COMMENT ON TABLE person_event IS 'Every act that concerns an enrolled person: ids and codes, nothing personal. Append-only; outlives the person''s data.';
COMMENT ON COLUMN person_event.event_id IS 'Identity and order.';
COMMENT ON COLUMN person_event.person_id IS 'Whom it concerns.';
COMMENT ON COLUMN person_event.event IS 'What was done: a stable code of registry.persons.model.';
COMMENT ON COLUMN person_event.actor IS 'Who did it: a caller, the person by the revocation code, or the service itself.';
COMMENT ON COLUMN person_event.caller_id IS 'Which caller.';
COMMENT ON COLUMN person_event.photo_id IS 'Which photo.';
COMMENT ON COLUMN person_event.revision IS 'The person''s revision after it.';
COMMENT ON COLUMN person_event.at IS 'When.';
CREATE INDEX person_event_person ON person_event (person_id, event_id);
CREATE TRIGGER person_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON person_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE face_search (
    face_search_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid REFERENCES caller,
    lookup_id uuid,
    asset_id uuid,
    searched_at timestamptz NOT NULL DEFAULT now(),
    tracks integer NOT NULL CHECK (tracks >= 0),
    persons integer NOT NULL CHECK (persons >= 0),
    skipped integer NOT NULL CHECK (skipped >= 0),
    matched uuid[] NOT NULL,
    CHECK ((lookup_id IS NULL) <> (asset_id IS NULL)),
    CHECK ((lookup_id IS NULL) = (caller_id IS NULL))
);
COMMENT ON TABLE face_search IS 'The record of every search of a medium''s faces among enrolled persons: ids and numbers, nothing personal. Append-only; outlives medium and person.';
COMMENT ON COLUMN face_search.face_search_id IS 'Identity and order.';
COMMENT ON COLUMN face_search.organization_id IS 'The organization whose enrolled persons were searched.';
COMMENT ON COLUMN face_search.caller_id IS 'The caller; null: the service itself, in a registered medium.';
COMMENT ON COLUMN face_search.lookup_id IS 'The lookup whose file was searched; null: a registered medium was.';
COMMENT ON COLUMN face_search.asset_id IS 'The registered medium that was searched; null: a lookup''s file was.';
COMMENT ON COLUMN face_search.searched_at IS 'When.';
COMMENT ON COLUMN face_search.tracks IS 'Number of face tracks compared; 0: none was good enough.';
COMMENT ON COLUMN face_search.persons IS 'Number of persons compared.';
COMMENT ON COLUMN face_search.skipped IS 'Number of persons that could not be decrypted: their key is gone, or the data is damaged.';
COMMENT ON COLUMN face_search.matched IS 'The persons that were found.';
CREATE INDEX face_search_organization ON face_search (organization_id, face_search_id DESC);
CREATE INDEX face_search_asset ON face_search (asset_id, searched_at) WHERE asset_id IS NOT NULL;
CREATE TRIGGER face_search_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON face_search
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE face_match (
    lookup_id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    sealed bytea NOT NULL CHECK (octet_length(sealed) > 28),
    PRIMARY KEY (lookup_id, person_id)
);
COMMENT ON TABLE face_match IS 'An enrolled person that a lookup found. Stored beside the lookup''s answer, so that it is deleted with the person.';
COMMENT ON COLUMN face_match.lookup_id IS 'The lookup, with whose day it is deleted.';
COMMENT ON COLUMN face_match.person_id IS 'Who was found.';
COMMENT ON COLUMN face_match.sealed IS 'Encrypted JSON: the seconds in which the person is seen, and in how many moments faces were compared. No likeness.';
CREATE INDEX face_match_person ON face_match (person_id);

CREATE TABLE asset_person (
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (asset_id, person_id)
);
COMMENT ON TABLE asset_person IS 'An enrolled person in a registered medium of the same organization. Deleted with the person. Holds no likeness.';
COMMENT ON COLUMN asset_person.asset_id IS 'The medium.';
COMMENT ON COLUMN asset_person.person_id IS 'Who is seen.';
COMMENT ON COLUMN asset_person.found_at IS 'When it was found.';
CREATE INDEX asset_person_person ON asset_person (person_id);

CREATE FUNCTION same_person(entry uuid, organization uuid)
    RETURNS TABLE (
        entry_id uuid, asset_id uuid, role text, related_asset_id uuid, related_role text, person_id uuid
    )
    LANGUAGE sql STABLE
    AS $$
        SELECT other.entry_id, mine.asset_id, mine.role, other.asset_id, other.role, p.person_id
        FROM entry_asset mine
        JOIN asset_person here ON here.asset_id = mine.asset_id
        JOIN person p ON p.person_id = here.person_id
        JOIN asset_person there ON there.person_id = p.person_id
        JOIN entry_asset other ON other.asset_id = there.asset_id
        WHERE mine.entry_id = entry AND other.entry_id <> entry
          AND mine.matchable_at IS NOT NULL AND other.matchable_at IS NOT NULL
          AND p.organization_id = organization
          AND p.state = 'active' AND p.expires_at > now() AND 'entries' = ANY (p.scope)
    $$;
COMMENT ON FUNCTION same_person(uuid, uuid) IS 'Pairs of media, of an entry and of others, that show the same person whom the organization protects, under a valid consent that covers entries.';
