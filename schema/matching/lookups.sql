-- Lookups, addresses where fakes were seen, and callers that probe for stored hashes.

CREATE TABLE lookup (
    lookup_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL REFERENCES caller,
    bank_id uuid REFERENCES bank,
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
    CHECK (status <> 'answered' OR (answer IS NOT NULL AND verdict IS NOT NULL)),
    CHECK (status <> 'failed' OR error_code IS NOT NULL)
);
COMMENT ON TABLE lookup IS 'A question and its answer. Holds no fingerprint of the query and no media once answered.';
COMMENT ON COLUMN lookup.lookup_id IS 'Identity.';
COMMENT ON COLUMN lookup.caller_id IS 'Who asked.';
COMMENT ON COLUMN lookup.bank_id IS 'The one bank asked, null: all that the caller may see.';
COMMENT ON COLUMN lookup.input IS 'What was given.';
COMMENT ON COLUMN lookup.sha256 IS 'SHA-256 of the file asked about, where known.';
COMMENT ON COLUMN lookup.blob_key IS 'The uploaded file while it waits; deleted and nulled once answered or, given up, once its dead letter is settled or a week old.';
COMMENT ON COLUMN lookup.status IS 'queued until a worker has answered or given up.';
COMMENT ON COLUMN lookup.verdict IS 'The answer''s verdict.';
COMMENT ON COLUMN lookup.answer IS 'The answer as given, with all signals; they are shown only to callers with that scope.';
COMMENT ON COLUMN lookup.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN lookup.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN lookup.created_at IS 'When it was asked.';
COMMENT ON COLUMN lookup.answered_at IS 'When it was answered.';
COMMENT ON COLUMN lookup.answered_in IS 'Number of the transaction that wrote the answer (while it is queued, the question). Whatever is below the oldest one that runs is all there, so that the record passes over none that commits late. 0: from before there was a record.';
COMMENT ON COLUMN lookup.watch_days IS 'Of a file that waits for a worker: for how many days its fingerprint is to be kept as a watch.';
CREATE INDEX lookup_caller ON lookup (caller_id, created_at DESC);
CREATE INDEX lookup_blob ON lookup (blob_key) WHERE blob_key IS NOT NULL;
CREATE INDEX lookup_answered_in ON lookup (answered_in) WHERE answered_in > 0;

CREATE TABLE sighting (
    lookup_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    caller_id uuid NOT NULL REFERENCES caller,
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    sealed bytea NOT NULL,
    seen_time timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sighting IS 'Where what a lookup asked about was seen. Kept until the lookup was followed, and as long as it is watched.';
COMMENT ON COLUMN sighting.lookup_id IS 'The lookup. No foreign key: a file''s is told before it is answered.';
COMMENT ON COLUMN sighting.organization_id IS 'Who asked; under its key the place is sealed.';
COMMENT ON COLUMN sighting.caller_id IS 'The caller that asked.';
COMMENT ON COLUMN sighting.platform IS 'Where: a platform''s id of registry.domain.platforms, or the host.';
COMMENT ON COLUMN sighting.sealed IS 'The address, sealed under the organization''s key, which is not in the database.';
COMMENT ON COLUMN sighting.seen_time IS 'When it was seen there: as it was said, else when the lookup was asked.';
COMMENT ON COLUMN sighting.created_at IS 'When it was told.';
CREATE INDEX sighting_created ON sighting (created_at);

CREATE TABLE probing (
    organization_id uuid NOT NULL REFERENCES organization,
    algorithm text NOT NULL CHECK (algorithm IN ('phash256.1', 'pdq.1')),
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
COMMENT ON TABLE probing IS 'Walks of an organization''s lookups: near-identical hashes whose answers differ. Only those that have turned enough bits to be shared between API processes; of other lookups no hash is kept.';
COMMENT ON COLUMN probing.organization_id IS 'Whose callers ask.';
COMMENT ON COLUMN probing.algorithm IS 'What made the hashes.';
COMMENT ON COLUMN probing.centre IS 'The hash that was asked first; the others are near it.';
COMMENT ON COLUMN probing.turned IS 'The bits in which any of the others differs from it: what their answers may have told.';
COMMENT ON COLUMN probing.turns IS 'By how many bits all together differ from what most of them have, each hash counted once in a process.';
COMMENT ON COLUMN probing.hashes IS 'How many others there are, each counted once in a process.';
COMMENT ON COLUMN probing.caller_id IS 'The caller that asked last.';
COMMENT ON COLUMN probing.began_at IS 'When it was first shared.';
COMMENT ON COLUMN probing.changed_at IS 'When it last changed; a month later it is forgotten.';
COMMENT ON COLUMN probing.suspected_at IS 'When it was last taken for an attempt to reconstruct a hash; null: it was not.';
COMMENT ON COLUMN probing.refused_until IS 'Until when near-identical hashes of the organization are refused for it.';
COMMENT ON COLUMN probing.lifted_at IS 'When the operator last said that it is none; null: never.';
CREATE INDEX probing_changed ON probing (changed_at);
