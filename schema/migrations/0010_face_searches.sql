-- Searches for enrolled persons: the record of each, and what it found.
-- Faces of registered media are compared with aligned footage and enrolled persons, by reading them: no index serves
-- to look for a face among all of them.
DROP INDEX face_embedding;

CREATE INDEX lookup_blob ON lookup (blob_key) WHERE blob_key IS NOT NULL;

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
COMMENT ON TABLE face_search IS 'Every search of a medium''s faces among enrolled persons: ids and numbers, nothing personal. Append-only; outlives medium and person.';
COMMENT ON COLUMN face_search.face_search_id IS 'Identity and order.';
COMMENT ON COLUMN face_search.organization_id IS 'Whose enrolled persons were searched.';
COMMENT ON COLUMN face_search.caller_id IS 'Who asked; null: the service itself, in a registered medium.';
COMMENT ON COLUMN face_search.lookup_id IS 'The lookup whose file was searched; null: a registered medium was.';
COMMENT ON COLUMN face_search.asset_id IS 'The registered medium that was searched; null: a lookup''s file was.';
COMMENT ON COLUMN face_search.searched_at IS 'When.';
COMMENT ON COLUMN face_search.tracks IS 'How many faces through time were compared; 0: none was good enough.';
COMMENT ON COLUMN face_search.persons IS 'With how many persons they were compared.';
COMMENT ON COLUMN face_search.skipped IS 'How many persons could not be opened: their key is gone, or what is sealed is damaged.';
COMMENT ON COLUMN face_search.matched IS 'The persons that were found.';
CREATE INDEX face_search_organization ON face_search (organization_id, face_search_id DESC);
CREATE INDEX face_search_asset ON face_search (asset_id, searched_at) WHERE asset_id IS NOT NULL;
CREATE TRIGGER face_search_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON face_search
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE face_match (
    lookup_id uuid NOT NULL REFERENCES lookup ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    sealed bytea NOT NULL CHECK (octet_length(sealed) > 28),
    PRIMARY KEY (lookup_id, person_id)
);
COMMENT ON TABLE face_match IS 'An enrolled person that a lookup found. Beside the lookup''s answer, which never holds it, so that it goes with the person.';
COMMENT ON COLUMN face_match.lookup_id IS 'The lookup.';
COMMENT ON COLUMN face_match.person_id IS 'Who was found.';
COMMENT ON COLUMN face_match.sealed IS 'Sealed JSON: the seconds in which the person is seen, and in how many moments faces were compared. No likeness.';
CREATE INDEX face_match_person ON face_match (person_id);

CREATE TABLE asset_person (
    asset_id uuid NOT NULL REFERENCES asset ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (asset_id, person_id)
);
COMMENT ON TABLE asset_person IS 'An enrolled person whom a registered medium of the same organization shows. Goes with the person. No likeness.';
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
COMMENT ON FUNCTION same_person(uuid, uuid) IS 'Pairs of media, of an entry and of others, that show the same person whom the organization protects, under a consent that is in force and covers entries.';
