-- Hash lists: exchanges that are read, imports, and what each list says of an entry.

CREATE TABLE exchange (
    exchange_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    bank_id uuid NOT NULL REFERENCES bank,
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('file', 'stopncii', 'ncmec', 'threatexchange', 'registry')),
    address text NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    credentials bytea,
    every_s integer NOT NULL DEFAULT 3600 CHECK (every_s >= 60),
    checkpoint jsonb,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'removed')),
    next_at timestamptz NOT NULL DEFAULT now(),
    fetched_at timestamptz,
    added bigint NOT NULL DEFAULT 0,
    withdrawn bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    error_code text,
    error_message text,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    followed_at timestamptz,
    CONSTRAINT exchange_removed_check CHECK (state <> 'removed' OR credentials IS NULL)
);
COMMENT ON TABLE exchange IS 'A hash exchange that is read into a bank of its own, and how far it has been read.';
COMMENT ON COLUMN exchange.exchange_id IS 'Identity; also whose key (registry.keys) the credentials are sealed under.';
COMMENT ON COLUMN exchange.organization_id IS 'Whose it is: the owner of the bank.';
COMMENT ON COLUMN exchange.bank_id IS 'The bank it fills. It is private, and filled by no other exchange.';
COMMENT ON COLUMN exchange.name IS 'What people call it, unique within the organization while it is active.';
COMMENT ON COLUMN exchange.kind IS 'Which protocol is spoken; file: a list in the folder of FAKEPRINT_EXCHANGE_FILES; registry: a peer, another Fakeprint registry.';
COMMENT ON COLUMN exchange.address IS 'Base URL, or the name of the file.';
COMMENT ON COLUMN exchange.options IS 'What the protocol needs besides, nothing secret: privacy_group (threatexchange), only_esp_ids (ncmec), type (file); keys, feed, tiers (registry).';
COMMENT ON COLUMN exchange.credentials IS 'Sealed JSON (AES-256-GCM under the exchange''s own key); null: none, or destroyed.';
COMMENT ON COLUMN exchange.every_s IS 'Seconds from the beginning of one reading to the next.';
COMMENT ON COLUMN exchange.checkpoint IS 'How far it has been read, in the protocol''s own terms, kept in the commit that keeps what was read; null: not at all.';
COMMENT ON COLUMN exchange.state IS 'suspended: a peer that is not read until somebody resumes it; removed: no longer read; its entries stay as they are.';
COMMENT ON COLUMN exchange.next_at IS 'When it is read next.';
COMMENT ON COLUMN exchange.fetched_at IS 'When it was last read to its end.';
COMMENT ON COLUMN exchange.added IS 'Entries that came from it so far, or that answer again because of it.';
COMMENT ON COLUMN exchange.withdrawn IS 'Entries that it has taken back so far.';
COMMENT ON COLUMN exchange.rejected IS 'Records so far that could not be kept.';
COMMENT ON COLUMN exchange.error_code IS 'Why the last reading failed: a stable code; null: it did not.';
COMMENT ON COLUMN exchange.error_message IS 'The same for a person.';
COMMENT ON COLUMN exchange.created_by IS 'The caller that added it.';
COMMENT ON COLUMN exchange.created_at IS 'When.';
COMMENT ON COLUMN exchange.followed_at IS 'When the peer was last asked to tell of new pages, whether it agreed or not; null: never.';
CREATE UNIQUE INDEX exchange_name ON exchange (organization_id, name) WHERE state <> 'removed';
CREATE UNIQUE INDEX exchange_bank ON exchange (bank_id) WHERE state <> 'removed';

CREATE TABLE import (
    import_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    bank_id uuid NOT NULL REFERENCES bank,
    created_by uuid NOT NULL REFERENCES caller,
    name text NOT NULL DEFAULT '',
    format text NOT NULL CHECK (format IN ('auto', 'csv', 'jsonl', 'threatexchange', 'text')),
    assumed text,
    header text,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'finished')),
    bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    crc32 bigint NOT NULL DEFAULT 0 CHECK (crc32 BETWEEN 0 AND 4294967295),
    line bigint NOT NULL DEFAULT 0 CHECK (line >= 0),
    read bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    conflicts bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
COMMENT ON TABLE import IS 'A list that is, or was, taken in, and how far: kept in the commit that keeps the rows, so that it goes on there whatever was cut off.';
COMMENT ON COLUMN import.import_id IS 'Identity.';
COMMENT ON COLUMN import.organization_id IS 'Whose it is.';
COMMENT ON COLUMN import.bank_id IS 'The bank that its rows come into.';
COMMENT ON COLUMN import.created_by IS 'The caller that began it.';
COMMENT ON COLUMN import.name IS 'The list''s name, for people, and to find what was not finished.';
COMMENT ON COLUMN import.format IS 'As what its lines are read; auto: not known yet.';
COMMENT ON COLUMN import.assumed IS 'The type of hashes that do not say theirs; null: those are refused.';
COMMENT ON COLUMN import.header IS 'The names of a CSV''s columns, its first line; null: there is none, or it was not read yet.';
COMMENT ON COLUMN import.state IS 'open: more may come.';
COMMENT ON COLUMN import.bytes IS 'How many bytes were taken: always up to the end of a line. The next ones continue here.';
COMMENT ON COLUMN import.crc32 IS 'CRC-32 of these bytes, by which another file is told.';
COMMENT ON COLUMN import.line IS 'How many lines these are.';
COMMENT ON COLUMN import.read IS 'How many rows: lines that are neither empty, nor a comment, nor the header.';
COMMENT ON COLUMN import.added IS 'Rows that became entries.';
COMMENT ON COLUMN import.duplicates IS 'Rows that the bank had already.';
COMMENT ON COLUMN import.conflicts IS 'Rows that said otherwise than what the bank had: see import_fault.';
COMMENT ON COLUMN import.rejected IS 'Rows that could not be kept: see import_fault.';
COMMENT ON COLUMN import.created_at IS 'When it began.';
COMMENT ON COLUMN import.changed_at IS 'When rows last came.';
COMMENT ON COLUMN import.finished_at IS 'When its end came.';
CREATE INDEX import_organization ON import (organization_id, created_at DESC, import_id DESC);

CREATE TABLE import_fault (
    import_id uuid NOT NULL REFERENCES import ON DELETE CASCADE,
    line bigint NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    next_step text,
    PRIMARY KEY (import_id, line)
);
COMMENT ON TABLE import_fault IS 'What was wrong with a line of a list; a million a list at most.';
COMMENT ON COLUMN import_fault.import_id IS 'The list.';
COMMENT ON COLUMN import_fault.line IS 'The line, from 1 on.';
COMMENT ON COLUMN import_fault.code IS 'What was wrong: a stable code.';
COMMENT ON COLUMN import_fault.message IS 'The same for a person; quotes little of the line.';
COMMENT ON COLUMN import_fault.next_step IS 'What to do.';

CREATE TABLE listing (
    entry_id uuid PRIMARY KEY REFERENCES entry ON DELETE CASCADE,
    import_id uuid,
    exchange_id uuid,
    opinion text NOT NULL CHECK (opinion IN ('malicious', 'unknown', 'non_malicious', 'disputed', 'withdrawn')),
    made_status boolean NOT NULL DEFAULT false,
    tags text[] NOT NULL DEFAULT '{}',
    said jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(said) = 'object')
);
COMMENT ON TABLE listing IS 'What a hash list says of an entry that came from it.';
COMMENT ON COLUMN listing.entry_id IS 'The entry.';
COMMENT ON COLUMN listing.import_id IS 'The import that brought it; null: an exchange did.';
COMMENT ON COLUMN listing.exchange_id IS 'The exchange that brought it.';
COMMENT ON COLUMN listing.opinion IS 'What the list holds of it: malicious and unknown answer lookups; non_malicious, disputed and withdrawn (taken back by the exchange) do not. Where two rows say otherwise it is disputed.';
COMMENT ON COLUMN listing.made_status IS 'Whether the entry is suspended or withdrawn because of the list alone: only then does the list undo it.';
COMMENT ON COLUMN listing.tags IS 'The list''s tags, in order.';
COMMENT ON COLUMN listing.said IS 'What else it says that is worth keeping: owner, confidence, share_level, description …; see registry.domain.listed.SAID.';

CREATE FUNCTION listed_status(opinion text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN opinion IN ('malicious', 'unknown') THEN 'matchable' WHEN opinion = 'withdrawn' THEN 'withdrawn'
                ELSE 'suspended' END;
COMMENT ON FUNCTION listed_status(text) IS 'The status of an entry of which lists hold that, while no person has decided otherwise.';

CREATE TABLE listing_source (
    exchange_id uuid NOT NULL REFERENCES exchange,
    source_key text NOT NULL,
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    opinion text NOT NULL CHECK (opinion IN ('malicious', 'unknown', 'non_malicious', 'disputed')),
    media uuid[],
    PRIMARY KEY (exchange_id, source_key)
);
COMMENT ON TABLE listing_source IS 'Records of exchanges that stand behind an entry; several may name one hash. It is withdrawn with the last of them.';
COMMENT ON COLUMN listing_source.exchange_id IS 'The exchange.';
COMMENT ON COLUMN listing_source.source_key IS 'The exchange''s own name for the record, by which it changes and withdraws it.';
COMMENT ON COLUMN listing_source.entry_id IS 'The entry.';
COMMENT ON COLUMN listing_source.opinion IS 'What this record holds of it; those of all records together are listing.opinion.';
COMMENT ON COLUMN listing_source.media IS 'Which of the entry''s media this record names, as what they are there; null: all that lists have brought. A medium that no record names any more goes.';
CREATE INDEX listing_source_entry ON listing_source (entry_id);

CREATE TABLE hashing (
    hashing_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    caller_id uuid NOT NULL REFERENCES caller,
    content text NOT NULL CHECK (content IN ('photo', 'video')),
    blob_key text,
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'done', 'failed')),
    signals jsonb,
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (status <> 'done' OR signals IS NOT NULL),
    CHECK (status <> 'failed' OR error_code IS NOT NULL)
);
COMMENT ON TABLE hashing IS 'A file of which somebody wants the hashes, as Hasher-Matcher-Actioner gives them. Rows are deleted an hour later.';
COMMENT ON COLUMN hashing.hashing_id IS 'Identity.';
COMMENT ON COLUMN hashing.caller_id IS 'Who asked.';
COMMENT ON COLUMN hashing.content IS 'What it was said to be.';
COMMENT ON COLUMN hashing.blob_key IS 'The file while it waits; deleted and nulled once hashed.';
COMMENT ON COLUMN hashing.status IS 'queued until a worker has hashed it or given up.';
COMMENT ON COLUMN hashing.signals IS 'The hashes by type: pdq of a photo; video_md5 and vpdq of a video.';
COMMENT ON COLUMN hashing.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN hashing.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN hashing.created_at IS 'When it was asked for.';
CREATE INDEX hashing_created ON hashing (created_at);
CREATE INDEX hashing_blob ON hashing (blob_key) WHERE blob_key IS NOT NULL;
