-- Watched lookups: a kept fingerprint is matched again when something near it is registered.

CREATE TABLE watch (
    watch_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    watch_no integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    lookup_id uuid NOT NULL UNIQUE,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid NOT NULL REFERENCES caller,
    bank_id uuid REFERENCES bank,
    input text NOT NULL CHECK (input IN ('document', 'file', 'sha256', 'hash')),
    sha256 bytea CHECK (octet_length(sha256) = 32),
    fingerprint bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CHECK (num_nonnulls(sha256, fingerprint) > 0)
);
COMMENT ON TABLE watch IS 'A lookup that is kept so that a fake registered later still matches it. Holds no media and no face vector.';
COMMENT ON COLUMN watch.watch_id IS 'Identity.';
COMMENT ON COLUMN watch.watch_no IS 'A short id within this database, for tables with millions of rows.';
COMMENT ON COLUMN watch.lookup_id IS 'The lookup. No foreign key: the watch is stored before the lookup is answered, so that entries that become matchable meanwhile match it.';
COMMENT ON COLUMN watch.organization_id IS 'The organization that asked and is notified.';
COMMENT ON COLUMN watch.caller_id IS 'The caller in whose name the lookup is answered again.';
COMMENT ON COLUMN watch.bank_id IS 'The bank to search; null: all that the caller may see.';
COMMENT ON COLUMN watch.input IS 'Kind of the query.';
COMMENT ON COLUMN watch.sha256 IS 'SHA-256 of the queried file, where known.';
COMMENT ON COLUMN watch.fingerprint IS 'Its fingerprint document without faces, zlib; null: the query was a SHA-256.';
COMMENT ON COLUMN watch.created_at IS 'When it was submitted.';
COMMENT ON COLUMN watch.expires_at IS 'When the watch and all its data are deleted.';
CREATE INDEX watch_sha256 ON watch (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX watch_expires ON watch (expires_at);
CREATE INDEX watch_organization ON watch (organization_id, created_at DESC, watch_id);

CREATE TABLE watch_frame (
    watch_no integer NOT NULL REFERENCES watch (watch_no) ON DELETE CASCADE,
    phash256 bit(256),
    pdq bit(256),
    CHECK (num_nonnulls(phash256, pdq) = 1)
);
COMMENT ON TABLE watch_frame IS 'A few moments of a watched lookup: index keys to find it.';
COMMENT ON COLUMN watch_frame.watch_no IS 'The watch.';
COMMENT ON COLUMN watch_frame.phash256 IS 'phash256.1, in the view that the lookup used.';
COMMENT ON COLUMN watch_frame.pdq IS 'pdq.1, where there is no phash256.1.';
CREATE INDEX watch_frame_watch ON watch_frame (watch_no);
CREATE INDEX watch_frame_phash256 ON watch_frame USING gin (phash256_keys(phash256)) WITH (fastupdate = off)
    WHERE phash256 IS NOT NULL;
CREATE INDEX watch_frame_pdq ON watch_frame USING gin (pdq_keys(pdq)) WITH (fastupdate = off)
    WHERE pdq IS NOT NULL;

CREATE FUNCTION watched_near_phash256(hash bit(256), radius integer, effort integer)
    RETURNS TABLE (watch_no integer, bits double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.watch_no, f.bits
    FROM phash256_turned(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint,
        effort) b
    CROSS JOIN LATERAL (
        -- OFFSET 0 keeps the planner from computing the distance to every hash.
        SELECT watch_no, phash256 <~> hash AS bits FROM watch_frame
        WHERE phash256 IS NOT NULL
          AND (phash256_keys(phash256) && b.k0
               OR phash256_keys(phash256) && b.k1
               OR phash256_keys(phash256) && b.k2
               OR phash256_keys(phash256) && b.k3
               OR phash256_keys(phash256) && b.k4
               OR phash256_keys(phash256) && b.k5
               OR phash256_keys(phash256) && b.k6
               OR phash256_keys(phash256) && b.k7
               OR phash256_keys(phash256) && b.k8
               OR phash256_keys(phash256) && b.k9
               OR phash256_keys(phash256) && b.k10
               OR phash256_keys(phash256) && b.k11)
          AND phash256 <~> hash <= radius
        OFFSET 0
    ) f;
END;
COMMENT ON FUNCTION watched_near_phash256(bit, integer, integer) IS 'As near_phash256, for watched lookups.';

CREATE FUNCTION watched_near_pdq(hash bit(256), radius integer, effort integer)
    RETURNS TABLE (watch_no integer, bits double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.watch_no, f.bits
    FROM pdq_turned(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint,
        effort) b
    CROSS JOIN LATERAL (
        -- OFFSET 0 keeps the planner from computing the distance to every hash.
        SELECT watch_no, pdq <~> hash AS bits FROM watch_frame
        WHERE pdq IS NOT NULL
          AND (pdq_keys(pdq) && b.k0
               OR pdq_keys(pdq) && b.k1
               OR pdq_keys(pdq) && b.k2
               OR pdq_keys(pdq) && b.k3
               OR pdq_keys(pdq) && b.k4
               OR pdq_keys(pdq) && b.k5
               OR pdq_keys(pdq) && b.k6
               OR pdq_keys(pdq) && b.k7
               OR pdq_keys(pdq) && b.k8
               OR pdq_keys(pdq) && b.k9
               OR pdq_keys(pdq) && b.k10
               OR pdq_keys(pdq) && b.k11)
          AND pdq <~> hash <= radius
        OFFSET 0
    ) f;
END;
COMMENT ON FUNCTION watched_near_pdq(bit, integer, integer) IS 'As near_pdq, for watched lookups.';

CREATE TABLE watch_vector (
    watch_no integer NOT NULL REFERENCES watch (watch_no) ON DELETE CASCADE,
    sscd halfvec(512) NOT NULL
);
COMMENT ON TABLE watch_vector IS 'A few vectors of a watched lookup, to find it where no hash does.';
COMMENT ON COLUMN watch_vector.watch_no IS 'The watch.';
COMMENT ON COLUMN watch_vector.sscd IS 'sscd.1, L2-normalised.';
CREATE INDEX watch_vector_watch ON watch_vector (watch_no);
CREATE INDEX watch_vector_sscd ON watch_vector USING hnsw (sscd halfvec_cosine_ops);

CREATE TABLE watch_answer (
    watch_id uuid NOT NULL REFERENCES watch ON DELETE CASCADE,
    entry_id uuid NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('known_fake', 'authentic_original', 'related')),
    unreviewed boolean NOT NULL,
    answer jsonb,
    answered_at timestamptz NOT NULL DEFAULT now(),
    organization_id uuid NOT NULL REFERENCES organization,
    seen_by uuid REFERENCES caller,
    seen_at timestamptz,
    PRIMARY KEY (watch_id, entry_id, verdict, unreviewed),
    CHECK ((seen_by IS NULL) = (seen_at IS NULL))
);
COMMENT ON TABLE watch_answer IS 'What an organization was told about an entry: each verdict once, even if the work is done twice.';
COMMENT ON COLUMN watch_answer.watch_id IS 'The watch.';
COMMENT ON COLUMN watch_answer.entry_id IS 'The entry. No foreign key: the row outlives it.';
COMMENT ON COLUMN watch_answer.verdict IS 'The verdict on the entry.';
COMMENT ON COLUMN watch_answer.unreviewed IS 'Whether the match was in doubt and the entry unreviewed; its review is then told as news.';
COMMENT ON COLUMN watch_answer.answer IS 'The new answer, without texts, signals and exact numbers; null: the lookup''s own answer contained it.';
COMMENT ON COLUMN watch_answer.answered_at IS 'When.';
COMMENT ON COLUMN watch_answer.organization_id IS 'The organization of the watch.';
COMMENT ON COLUMN watch_answer.seen_by IS 'Who marked it as seen in the console.';
COMMENT ON COLUMN watch_answer.seen_at IS 'When; null: it is new.';
CREATE INDEX watch_answer_new ON watch_answer (organization_id, answered_at, watch_id) WHERE answer IS NOT NULL AND seen_at IS NULL;
CREATE INDEX watch_answer_organization ON watch_answer (organization_id, answered_at, watch_id) WHERE answer IS NOT NULL;
CREATE INDEX watch_answer_entry ON watch_answer (entry_id);

CREATE TABLE watch_due (
    entry_id uuid PRIMARY KEY,
    due_no bigint GENERATED ALWAYS AS IDENTITY,
    asked bigint NOT NULL DEFAULT 1,
    tries smallint NOT NULL DEFAULT 0
);
COMMENT ON TABLE watch_due IS 'Entries that answer more than before: watched lookups are to be matched with them again.';
COMMENT ON COLUMN watch_due.entry_id IS 'The entry.';
COMMENT ON COLUMN watch_due.due_no IS 'The order.';
COMMENT ON COLUMN watch_due.asked IS 'How often it was requested since it was last done: a request that arrives meanwhile is done again.';
COMMENT ON COLUMN watch_due.tries IS 'How often a worker has started it.';
CREATE INDEX watch_due_order ON watch_due (due_no);

CREATE FUNCTION ask_watches(entry_ids uuid[]) RETURNS void LANGUAGE sql AS $$
    -- Once a transaction for each entry, also where an entry and its media are inserted together.
    INSERT INTO watch_due AS d (entry_id)
    SELECT DISTINCT e FROM unnest(entry_ids) e
    WHERE NOT EXISTS (SELECT FROM watch_due a WHERE a.entry_id = e AND a.xmin = pg_current_xact_id()::xid)
    ORDER BY e
    ON CONFLICT (entry_id) DO UPDATE SET asked = d.asked + 1, tries = 0
$$;
COMMENT ON FUNCTION ask_watches(uuid[]) IS 'Request that watched lookups are matched with these entries again, after the commit.';

CREATE FUNCTION watch_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found uuid[];
BEGIN
    IF TG_TABLE_NAME = 'entry' AND TG_OP = 'INSERT' THEN
        SELECT array_agg(n.entry_id) INTO found FROM made n WHERE n.status = 'matchable';
    ELSIF TG_TABLE_NAME = 'entry' THEN
        SELECT array_agg(n.entry_id) INTO found FROM made n JOIN before o USING (entry_id)
        WHERE n.status = 'matchable'
          AND (o.status <> 'matchable' OR o.tier <> n.tier OR o.original_tier <> n.original_tier);
    ELSIF TG_OP = 'INSERT' THEN
        SELECT array_agg(n.entry_id) INTO found FROM made n WHERE n.matchable_at IS NOT NULL;
    ELSE
        SELECT array_agg(n.entry_id) INTO found FROM made n JOIN before o USING (entry_id, asset_id, role)
        WHERE n.matchable_at IS NOT NULL AND (o.matchable_at IS NULL OR o.tier <> n.tier);
    END IF;
    IF found IS NOT NULL THEN
        PERFORM ask_watches(found);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION watch_entries() IS 'Trigger: match watched lookups with entries that were registered, reviewed or restored, or have more media.';
CREATE TRIGGER entry_made_watched AFTER INSERT ON entry
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION watch_entries();
CREATE TRIGGER entry_changed_watched AFTER UPDATE ON entry
    REFERENCING OLD TABLE AS before NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION watch_entries();
CREATE TRIGGER entry_asset_made_watched AFTER INSERT ON entry_asset
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION watch_entries();
CREATE TRIGGER entry_asset_changed_watched AFTER UPDATE ON entry_asset
    REFERENCING OLD TABLE AS before NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION watch_entries();

CREATE FUNCTION forget_sightings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sighting s USING gone g WHERE s.lookup_id = g.lookup_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION forget_sightings() IS 'Trigger: delete with a watch the addresses at which its media were seen.';
CREATE TRIGGER watch_sightings_go AFTER DELETE ON watch REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION forget_sightings();
