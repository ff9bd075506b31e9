-- Hash lists: exchanges that are read, imports, and what each list says of an entry.

CREATE TABLE exchange (
    exchange_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organization,
    bank_id uuid NOT NULL REFERENCES bank,
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('file', 'sample', 'stopncii', 'ncmec', 'threatexchange', 'registry')),
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
COMMENT ON TABLE exchange IS 'A hash exchange that is read into its own bank, and the position reached.';
COMMENT ON COLUMN exchange.exchange_id IS 'Identity, and the name of the key that encrypts the credentials.';
COMMENT ON COLUMN exchange.organization_id IS 'The owner of the bank.';
COMMENT ON COLUMN exchange.bank_id IS 'The bank it fills. It is private, and filled by no other exchange.';
COMMENT ON COLUMN exchange.name IS 'What people call it, unique within the organization while it is active.';
COMMENT ON COLUMN exchange.kind IS 'The protocol. file: a list in the folder FAKEPRINT_EXCHANGE_FILES. sample: example hashes of the library threatexchange. registry: a peer, another Fakeprint registry.';
COMMENT ON COLUMN exchange.address IS 'Base URL, or the name of the file.';
COMMENT ON COLUMN exchange.options IS 'Other settings of the protocol, none secret: privacy_group (threatexchange), only_esp_ids (ncmec), type (file); keys, feed, tiers (registry).';
COMMENT ON COLUMN exchange.credentials IS 'Encrypted JSON (AES-256-GCM under the exchange''s own key); null: none, destroyed, or those of exchange_login.';
COMMENT ON COLUMN exchange.every_s IS 'Seconds between the starts of two readings.';
COMMENT ON COLUMN exchange.checkpoint IS 'Position reached, in the protocol''s own terms, stored in the commit that stores what was read; null: nothing read.';
COMMENT ON COLUMN exchange.state IS 'suspended: not read until somebody resumes it. removed: no longer read; its entries stay.';
COMMENT ON COLUMN exchange.next_at IS 'When it is read next.';
COMMENT ON COLUMN exchange.fetched_at IS 'When it was last read to its end.';
COMMENT ON COLUMN exchange.added IS 'Entries that came from it, or that answer again because of it.';
COMMENT ON COLUMN exchange.withdrawn IS 'Entries that it has withdrawn.';
COMMENT ON COLUMN exchange.rejected IS 'Records that could not be stored.';
COMMENT ON COLUMN exchange.error_code IS 'Why the last reading failed: a stable code; null: it did not.';
COMMENT ON COLUMN exchange.error_message IS 'The same for a person.';
COMMENT ON COLUMN exchange.created_by IS 'The caller that added it.';
COMMENT ON COLUMN exchange.created_at IS 'When.';
COMMENT ON COLUMN exchange.followed_at IS 'When the peer was last asked to notify of new pages, whether it agreed or not; null: never.';
CREATE UNIQUE INDEX exchange_name ON exchange (organization_id, name) WHERE state <> 'removed';
CREATE UNIQUE INDEX exchange_bank ON exchange (bank_id) WHERE state <> 'removed';

CREATE TABLE exchange_login (
    login_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    kind text NOT NULL CHECK (kind IN ('stopncii', 'ncmec', 'threatexchange')),
    credentials bytea NOT NULL,
    UNIQUE (organization_id, kind)
);
COMMENT ON TABLE exchange_login IS 'Credentials of an organization for all its exchanges of a kind that have none of their own.';
COMMENT ON COLUMN exchange_login.login_id IS 'Identity, and the name of the key that encrypts the credentials.';
COMMENT ON COLUMN exchange_login.organization_id IS 'The organization.';
COMMENT ON COLUMN exchange_login.kind IS 'The protocol, as in exchange.kind.';
COMMENT ON COLUMN exchange_login.credentials IS 'Encrypted JSON (AES-256-GCM under its own key).';

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
COMMENT ON TABLE import IS 'An import of a hash list and the position reached, stored in the commit that stores the rows, so that an interrupted import continues there.';
COMMENT ON COLUMN import.import_id IS 'Identity.';
COMMENT ON COLUMN import.organization_id IS 'The organization.';
COMMENT ON COLUMN import.bank_id IS 'The bank that gets the rows.';
COMMENT ON COLUMN import.created_by IS 'The caller that started it.';
COMMENT ON COLUMN import.name IS 'The list''s name, for people, and to find an unfinished import.';
COMMENT ON COLUMN import.format IS 'The format of its lines; auto: not known yet.';
COMMENT ON COLUMN import.assumed IS 'Type of hashes that do not state theirs; null: those are refused.';
COMMENT ON COLUMN import.header IS 'Column names of a CSV, its first line; null: none, or not read yet.';
COMMENT ON COLUMN import.state IS 'open: more may come.';
COMMENT ON COLUMN import.bytes IS 'Bytes imported, always up to the end of a line. The next ones continue here.';
COMMENT ON COLUMN import.crc32 IS 'CRC-32 of these bytes, to recognize another file.';
COMMENT ON COLUMN import.line IS 'Lines in these bytes.';
COMMENT ON COLUMN import.read IS 'Rows: lines that are neither empty, nor a comment, nor the header.';
COMMENT ON COLUMN import.added IS 'Rows that became entries.';
COMMENT ON COLUMN import.duplicates IS 'Rows that the bank had already.';
COMMENT ON COLUMN import.conflicts IS 'Rows that contradict the bank: see import_fault.';
COMMENT ON COLUMN import.rejected IS 'Rows that could not be stored: see import_fault.';
COMMENT ON COLUMN import.created_at IS 'When it began.';
COMMENT ON COLUMN import.changed_at IS 'When rows were last added.';
COMMENT ON COLUMN import.finished_at IS 'When it was completed.';
CREATE INDEX import_organization ON import (organization_id, created_at DESC, import_id DESC);

CREATE TABLE import_fault (
    import_id uuid NOT NULL REFERENCES import ON DELETE CASCADE,
    line bigint NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    next_step text,
    PRIMARY KEY (import_id, line)
);
COMMENT ON TABLE import_fault IS 'Errors in lines of a list; at most a million a list.';
COMMENT ON COLUMN import_fault.import_id IS 'The list.';
COMMENT ON COLUMN import_fault.line IS 'The line, from 1 on.';
COMMENT ON COLUMN import_fault.code IS 'The error: a stable code.';
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
COMMENT ON COLUMN listing.opinion IS 'The list''s opinion: malicious and unknown answer lookups; non_malicious, disputed and withdrawn (by the exchange) do not. Rows that contradict each other make it disputed.';
COMMENT ON COLUMN listing.made_status IS 'Whether the entry is suspended or withdrawn because of the list alone: only then does the list undo it.';
COMMENT ON COLUMN listing.tags IS 'The list''s tags, in order.';
COMMENT ON COLUMN listing.said IS 'Other fields of the list: owner, confidence, share_level, description …: registry.sharing.lists.model.listed.DETAILS.';

CREATE FUNCTION listed_status(opinion text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN opinion IN ('malicious', 'unknown') THEN 'matchable' WHEN opinion = 'withdrawn' THEN 'withdrawn'
                ELSE 'suspended' END;
COMMENT ON FUNCTION listed_status(text) IS 'The status of an entry with this opinion of lists, while no person has decided otherwise.';

CREATE TABLE listing_source (
    exchange_id uuid NOT NULL REFERENCES exchange,
    source_key text NOT NULL,
    entry_id uuid NOT NULL REFERENCES entry ON DELETE CASCADE,
    opinion text NOT NULL CHECK (opinion IN ('malicious', 'unknown', 'non_malicious', 'disputed')),
    media uuid[],
    PRIMARY KEY (exchange_id, source_key)
);
COMMENT ON TABLE listing_source IS 'Records of exchanges that support an entry; several may name one hash. The entry is withdrawn with the last of them.';
COMMENT ON COLUMN listing_source.exchange_id IS 'The exchange.';
COMMENT ON COLUMN listing_source.source_key IS 'The exchange''s id of the record, by which it changes and withdraws it.';
COMMENT ON COLUMN listing_source.entry_id IS 'The entry.';
COMMENT ON COLUMN listing_source.opinion IS 'The opinion of this record; those of all records together are listing.opinion.';
COMMENT ON COLUMN listing_source.media IS 'Which of the entry''s media this record names, by role; null: all that came from lists. A medium that no record names any more is removed.';
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
COMMENT ON TABLE hashing IS 'A request for the hashes of a file, by the API of Hasher-Matcher-Actioner. Deleted an hour later.';
COMMENT ON COLUMN hashing.hashing_id IS 'Identity.';
COMMENT ON COLUMN hashing.caller_id IS 'The caller.';
COMMENT ON COLUMN hashing.content IS 'The stated type of the file.';
COMMENT ON COLUMN hashing.blob_key IS 'The file while it waits; deleted and nulled once hashed.';
COMMENT ON COLUMN hashing.status IS 'queued until a worker has hashed it or given up.';
COMMENT ON COLUMN hashing.signals IS 'The hashes by type: pdq of a photo; video_md5 and vpdq of a video.';
COMMENT ON COLUMN hashing.error_code IS 'Why it failed: a stable code.';
COMMENT ON COLUMN hashing.error_message IS 'Why it failed: for a person.';
COMMENT ON COLUMN hashing.created_at IS 'When it was requested.';
CREATE TABLE content_disabled (
    asset_id uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
    until timestamptz NOT NULL
);
COMMENT ON TABLE content_disabled IS 'Media that clients of Hasher-Matcher-Actioner switched off: lookups through that API leave them out.';
COMMENT ON COLUMN content_disabled.asset_id IS 'The medium.';
COMMENT ON COLUMN content_disabled.until IS 'When it answers again; infinity: never by itself.';
CREATE INDEX hashing_created ON hashing (created_at);
CREATE INDEX hashing_blob ON hashing (blob_key) WHERE blob_key IS NOT NULL;
