-- Lookups, addresses where fakes were seen, and callers that probe for stored hashes.

CREATE FUNCTION lookup_id_at(at timestamptz) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
COMMENT ON FUNCTION lookup_id_at(timestamptz) IS 'The lowest id that a lookup of this time can have (RFC 9562, version 7: the first 48 bits are milliseconds).';

CREATE FUNCTION new_lookup_id() RETURNS uuid
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN (substr(lookup_id_at(clock_timestamp())::text, 1, 13) || '-7' || substr(gen_random_uuid()::text, 16))::uuid;
COMMENT ON FUNCTION new_lookup_id() IS 'A new id in the order of time, as registry.core.identifiers makes them.';

CREATE TABLE lookup (
    lookup_id uuid PRIMARY KEY DEFAULT new_lookup_id(),
    caller_id uuid NOT NULL,
    bank_id uuid,
    input text NOT NULL CHECK (input IN ('document', 'file', 'sha256', 'md5', 'hash')),
    sha256 bytea CHECK (octet_length(sha256) = 32),
    blob_key text,
    status text NOT NULL CHECK (status IN ('queued', 'answered', 'failed')),
    verdict text CHECK (verdict IN ('known_fake', 'authentic_original', 'related', 'no_match', 'undecidable')),
    answer jsonb,
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    answered_in bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    watch_days smallint CHECK (watch_days > 0),
    effort text NOT NULL DEFAULT 'standard' CHECK (effort IN ('quick', 'standard', 'full')),
    counts_for integer NOT NULL DEFAULT 1 CHECK (counts_for > 0),
    CHECK (status <> 'answered' OR (answer IS NOT NULL AND verdict IS NOT NULL)),
    CHECK (status <> 'failed' OR error_code IS NOT NULL)
) PARTITION BY RANGE (lookup_id);
COMMENT ON TABLE lookup IS 'A query and its answer. Once answered, it holds no fingerprint of the query and no media. A partition is a day of UTC, and goes as a whole.';
COMMENT ON COLUMN lookup.lookup_id IS 'Identity. It begins with the time, which tells the partition.';
COMMENT ON COLUMN lookup.caller_id IS 'The caller. No foreign key, here and for the bank: a day that goes would lock the callers, which every request reads.';
COMMENT ON COLUMN lookup.bank_id IS 'The bank to search; null: all that the caller may see.';
COMMENT ON COLUMN lookup.input IS 'Kind of the query.';
COMMENT ON COLUMN lookup.sha256 IS 'SHA-256 of the queried file, where known.';
COMMENT ON COLUMN lookup.blob_key IS 'The uploaded file while it waits. Deleted and set to null once answered; of a failed lookup, once its dead letter is settled or a week old.';
COMMENT ON COLUMN lookup.status IS 'queued until a worker has answered it or given up.';
COMMENT ON COLUMN lookup.verdict IS 'The answer''s verdict.';
COMMENT ON COLUMN lookup.answer IS 'The answer with all signals; callers without that scope do not see them.';
COMMENT ON COLUMN lookup.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN lookup.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN lookup.created_at IS 'When it was submitted.';
COMMENT ON COLUMN lookup.answered_at IS 'When it was answered.';
COMMENT ON COLUMN lookup.answered_in IS 'Transaction that wrote the answer (while queued: the query). All rows below the oldest running transaction are visible, so that the ledger skips none that commits late. 0: not to be recorded.';
COMMENT ON COLUMN lookup.counts_for IS 'How many lookups it stands for: 1, or of a sample of those without a match as many as one was drawn of.';
COMMENT ON COLUMN lookup.effort IS 'How much of a file is read: quick, a miss of its keyframes ends it; standard; full, all of it.';
COMMENT ON COLUMN lookup.watch_days IS 'Of a file that waits for a worker: for how many days to keep its fingerprint as a watch.';
CREATE INDEX lookup_caller ON lookup (caller_id, created_at DESC);
CREATE INDEX lookup_found ON lookup (caller_id, created_at DESC) WHERE verdict <> 'no_match';
CREATE INDEX lookup_blob ON lookup (blob_key) WHERE blob_key IS NOT NULL;
CREATE INDEX lookup_answered_in ON lookup (answered_in) WHERE answered_in > 0;

CREATE FUNCTION lookup_counts_for(drawn integer, asking uuid, asked uuid) RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE
        WHEN drawn = 1 OR EXISTS (SELECT FROM caller c JOIN organization o USING (organization_id)
                                  WHERE c.caller_id = asking AND o.record_lookups = 'all')
             OR EXISTS (SELECT FROM bank b WHERE b.bank_id = asked AND b.record_lookups = 'all') THEN 1
        ELSE drawn END;
COMMENT ON FUNCTION lookup_counts_for(integer, uuid, uuid) IS 'lookup.counts_for of a lookup without a match, 0: not kept. Where all lookups go into the ledger, none is left out.';

CREATE TABLE lookup_other (LIKE lookup INCLUDING ALL);
ALTER TABLE lookup ATTACH PARTITION lookup_other DEFAULT;
COMMENT ON TABLE lookup_other IS 'The partition of lookups whose day has none of its own.';

-- Days are made and dropped with the rights of the tables' owner, who is not the service's role.
CREATE FUNCTION add_lookup_day(day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
    name text := 'lookup_' || to_char(day, 'YYYYMMDD');
    low uuid := lookup_id_at(day::timestamp AT TIME ZONE 'UTC');
    high uuid := lookup_id_at((day + 1)::timestamp AT TIME ZONE 'UTC');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- The table as a whole: a statement that was planned without the new partition would not find the rows that move.
    LOCK TABLE lookup IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE lookup INCLUDING ALL)', name);
    EXECUTE format('WITH moved AS (DELETE FROM lookup_other WHERE lookup_id >= %L AND lookup_id < %L RETURNING *)'
                   ' INSERT INTO %I SELECT * FROM moved', low, high, name);
    EXECUTE format('ALTER TABLE lookup ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
    EXECUTE format('COMMENT ON TABLE %I IS %L', name, 'The partition of the lookups of a day.');
END
$$;
COMMENT ON FUNCTION add_lookup_day(date) IS 'Make the partition of a day, with what the other partition holds of it.';

CREATE FUNCTION drop_lookup_day(day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '200ms' AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS %I', 'lookup_' || to_char(day, 'YYYYMMDD'));
END
$$;
COMMENT ON FUNCTION drop_lookup_day(date) IS 'Drop the partition of a day and its lookups.';
REVOKE EXECUTE ON FUNCTION add_lookup_day(date), drop_lookup_day(date) FROM PUBLIC;

CREATE TABLE sighting (
    lookup_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid NOT NULL REFERENCES caller,
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    sealed bytea NOT NULL,
    seen_time timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sighting IS 'Address at which the medium of a lookup was seen. Kept until it was processed, and as long as the lookup is watched.';
COMMENT ON COLUMN sighting.lookup_id IS 'The lookup. No foreign key: the address of a file is stored before the lookup.';
COMMENT ON COLUMN sighting.organization_id IS 'The organization that asks; the address is encrypted under its key.';
COMMENT ON COLUMN sighting.caller_id IS 'The caller.';
COMMENT ON COLUMN sighting.platform IS 'Id of the platform (registry.catalogue.platforms), or the host.';
COMMENT ON COLUMN sighting.sealed IS 'The address, encrypted under the organization''s key, which is not in the database.';
COMMENT ON COLUMN sighting.seen_time IS 'When it was seen there: as reported, else when the lookup was submitted.';
COMMENT ON COLUMN sighting.created_at IS 'When it was reported.';
CREATE INDEX sighting_created ON sighting (created_at);

CREATE TABLE reconstruction (
    organization_id uuid NOT NULL REFERENCES organization,
    algorithm text NOT NULL CHECK (algorithm IN ('phash256.1', 'pdq.1', 'iscc.1')),
    centre bit(256) NOT NULL,
    turned bit(256) NOT NULL,
    turns bigint NOT NULL,
    hashes bigint NOT NULL,
    caller_id uuid NOT NULL REFERENCES caller,
    began_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    suspected_at timestamptz,
    refused_until timestamptz,
    lifted_at timestamptz,
    PRIMARY KEY (organization_id, algorithm, centre),
    CHECK ((suspected_at IS NULL) = (refused_until IS NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE reconstruction IS 'Suspected hash reconstruction: near-identical hashes of an organization with different answers. Only groups that vary enough bits to be shared between API processes; no hash of other lookups is stored.';
COMMENT ON COLUMN reconstruction.organization_id IS 'The organization.';
COMMENT ON COLUMN reconstruction.algorithm IS 'Algorithm of the hashes.';
COMMENT ON COLUMN reconstruction.centre IS 'The first hash; the others are near it.';
COMMENT ON COLUMN reconstruction.turned IS 'Bits in which any of the others differs from it: what their answers may have revealed.';
COMMENT ON COLUMN reconstruction.turns IS 'Sum of the bits by which the hashes differ from most of the group; a process counts each hash once.';
COMMENT ON COLUMN reconstruction.hashes IS 'Number of other hashes; a process counts each once.';
COMMENT ON COLUMN reconstruction.caller_id IS 'The caller of the last one.';
COMMENT ON COLUMN reconstruction.began_at IS 'When it was first shared.';
COMMENT ON COLUMN reconstruction.changed_at IS 'When it last changed; deleted a month later.';
COMMENT ON COLUMN reconstruction.suspected_at IS 'When it was last judged an attempt to reconstruct a hash; null: it was not.';
COMMENT ON COLUMN reconstruction.refused_until IS 'Until when near-identical hashes of the organization are refused.';
COMMENT ON COLUMN reconstruction.lifted_at IS 'When the operator last cleared it; null: never.';
CREATE INDEX reconstruction_changed ON reconstruction (changed_at);
