-- Feeds that this registry publishes, and what it reads from other registries.

CREATE FUNCTION is_published(asked bank) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN asked.kind = 'fakes' AND coalesce((asked.policy ->> 'published')::boolean, false);
COMMENT ON FUNCTION is_published(bank) IS 'Whether a bank has a feed that other registries may read. A negative bank has none: elsewhere its media would be fakes.';

CREATE TABLE feed_waiting (
    waiting_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bank_id uuid NOT NULL,
    entry_id uuid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_insert_threshold = -1);
COMMENT ON TABLE feed_waiting IS 'Changes of entries of published banks that are not in the feed yet: one row a change, written in its commit, so that none is skipped.';
COMMENT ON COLUMN feed_waiting.waiting_no IS 'Identity.';
COMMENT ON COLUMN feed_waiting.bank_id IS 'The bank.';
COMMENT ON COLUMN feed_waiting.entry_id IS 'The entry.';

CREATE TABLE feed_page (
    bank_id uuid NOT NULL REFERENCES bank,
    page_no integer NOT NULL CHECK (page_no > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    items integer NOT NULL CHECK (items > 0),
    event_id bigint NOT NULL UNIQUE,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (bank_id, page_no)
);
COMMENT ON TABLE feed_page IS 'The feed of a published bank in numbered pages without gaps. The event feed.published of each page commits to its content. Append-only.';
COMMENT ON COLUMN feed_page.bank_id IS 'The bank.';
COMMENT ON COLUMN feed_page.page_no IS 'Its number, from 1.';
COMMENT ON COLUMN feed_page.root IS 'Root of the Merkle tree (RFC 6962) over its items.';
COMMENT ON COLUMN feed_page.items IS 'How many items it has.';
COMMENT ON COLUMN feed_page.event_id IS 'The event that put it on the ledger.';
COMMENT ON COLUMN feed_page.made_at IS 'When.';
CREATE TRIGGER feed_page_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON feed_page
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE feed_item (
    bank_id uuid NOT NULL,
    page_no integer NOT NULL,
    position smallint NOT NULL CHECK (position >= 0),
    entry_id uuid NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    content bytea,
    PRIMARY KEY (bank_id, page_no, position),
    FOREIGN KEY (bank_id, page_no) REFERENCES feed_page
);
COMMENT ON TABLE feed_item IS 'What a page of a feed says of one entry. Only the newest item keeps its content; older ones keep their hash, so that their page can still be verified.';
COMMENT ON COLUMN feed_item.bank_id IS 'The bank.';
COMMENT ON COLUMN feed_item.page_no IS 'The page.';
COMMENT ON COLUMN feed_item.position IS 'Its position in the page, from 0.';
COMMENT ON COLUMN feed_item.entry_id IS 'The entry.';
COMMENT ON COLUMN feed_item.hash IS 'SHA-256 of 0x00 and the content: a leaf of the page''s tree.';
COMMENT ON COLUMN feed_item.content IS 'A line of JSON: registry.sharing.federation.model.feed; null: replaced by a later page.';
CREATE UNIQUE INDEX feed_item_current ON feed_item (entry_id) WHERE content IS NOT NULL;

CREATE FUNCTION feed_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_waiting (bank_id, entry_id)
    SELECT n.bank_id, n.entry_id FROM new_rows n JOIN bank b USING (bank_id) WHERE is_published(b);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION feed_entries() IS 'Trigger: queue changes of entries of a published bank for its feed.';
CREATE TRIGGER entry_made_fed AFTER INSERT ON entry REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_entries();
CREATE TRIGGER entry_changed_fed AFTER UPDATE ON entry REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_entries();

CREATE FUNCTION feed_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_waiting (bank_id, entry_id)
    SELECT DISTINCT e.bank_id, e.entry_id
    FROM changed_rows n JOIN entry e USING (entry_id) JOIN bank b USING (bank_id) WHERE is_published(b);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION feed_media() IS 'Trigger: the same for the media of an entry.';
CREATE TRIGGER entry_asset_made_fed AFTER INSERT ON entry_asset REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_media();
CREATE TRIGGER entry_asset_changed_fed AFTER UPDATE ON entry_asset REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_media();
CREATE TRIGGER entry_asset_gone_fed AFTER DELETE ON entry_asset REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION feed_media();

CREATE FUNCTION feed_bank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_waiting (bank_id, entry_id)
    SELECT e.bank_id, e.entry_id FROM entry e WHERE e.bank_id = NEW.bank_id ORDER BY e.created_at, e.entry_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION feed_bank() IS 'Trigger: queue the entries of a bank that is published, or whose feed changes.';
CREATE TRIGGER bank_published AFTER UPDATE OF policy ON bank FOR EACH ROW
    WHEN (is_published(NEW) AND (NOT is_published(OLD)
        OR OLD.policy -> 'share_claims' IS DISTINCT FROM NEW.policy -> 'share_claims'
        OR OLD.policy -> 'licence' IS DISTINCT FROM NEW.policy -> 'licence'))
    EXECUTE FUNCTION feed_bank();

CREATE TABLE foreign_entry (
    exchange_id uuid NOT NULL REFERENCES exchange,
    origin_entry_id uuid NOT NULL,
    entry_id uuid REFERENCES entry ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('matchable', 'suspended', 'withdrawn')),
    tier text NOT NULL CHECK (tier IN ('unreviewed', 'reviewed', 'court_order')),
    licence text,
    leaf_index bigint NOT NULL,
    item_hash bytea NOT NULL CHECK (octet_length(item_hash) = 32),
    said_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (exchange_id, origin_entry_id)
);
COMMENT ON TABLE foreign_entry IS 'What peers say of their entries, by peer and the peer''s own id: the same id from two peers is two rows.';
COMMENT ON COLUMN foreign_entry.exchange_id IS 'The peer; its options name its signing key.';
COMMENT ON COLUMN foreign_entry.origin_entry_id IS 'The entry''s id there.';
COMMENT ON COLUMN foreign_entry.entry_id IS 'The entry here; null: never imported.';
COMMENT ON COLUMN foreign_entry.status IS 'Its status there.';
COMMENT ON COLUMN foreign_entry.tier IS 'Its tier there; the peer''s options say what that counts for here.';
COMMENT ON COLUMN foreign_entry.licence IS 'Licence under which it was published; null: none named.';
COMMENT ON COLUMN foreign_entry.leaf_index IS 'The leaf of the peer''s ledger that commits to this.';
COMMENT ON COLUMN foreign_entry.item_hash IS 'Hash of the item, a leaf of the tree to which that leaf commits.';
COMMENT ON COLUMN foreign_entry.said_at IS 'When it was imported.';
CREATE INDEX foreign_entry_entry ON foreign_entry (entry_id);

CREATE TABLE peer_checkpoint (
    verifier_key text NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (verifier_key, size)
);
COMMENT ON TABLE peer_checkpoint IS 'Checkpoints of peers'' ledgers seen here: two roots of one size are a fork. Each follows from the one before, so older ones may be deleted.';
COMMENT ON COLUMN peer_checkpoint.verifier_key IS 'The peer, by the first of its keys.';
COMMENT ON COLUMN peer_checkpoint.size IS 'How many leaves it covers.';
COMMENT ON COLUMN peer_checkpoint.root IS 'Their root hash.';
COMMENT ON COLUMN peer_checkpoint.note IS 'The signed note.';
COMMENT ON COLUMN peer_checkpoint.seen_at IS 'When it was first seen.';

CREATE TABLE peer_fork (
    fork_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    exchange_id uuid NOT NULL REFERENCES exchange,
    reason text NOT NULL CHECK (reason IN ('same_size', 'inconsistent')),
    first_note text NOT NULL,
    second_note text NOT NULL,
    proof text[] NOT NULL DEFAULT '{}',
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    teller_id uuid REFERENCES exchange
);
COMMENT ON TABLE peer_fork IS 'Proof that a peer has forked or rewritten its ledger: two signed notes that are inconsistent. Append-only.';
COMMENT ON COLUMN peer_fork.fork_no IS 'Identity.';
COMMENT ON COLUMN peer_fork.exchange_id IS 'The peer.';
COMMENT ON COLUMN peer_fork.reason IS 'same_size: two roots of one size. inconsistent: the later one does not extend the earlier one.';
COMMENT ON COLUMN peer_fork.first_note IS 'The note that was seen first.';
COMMENT ON COLUMN peer_fork.second_note IS 'The note that contradicts it.';
COMMENT ON COLUMN peer_fork.proof IS 'The hashes that the peer gave as proof of consistency, in hex.';
COMMENT ON COLUMN peer_fork.found_at IS 'When.';
COMMENT ON COLUMN peer_fork.teller_id IS 'The peer that saw the second note; null: it was seen here.';
CREATE TRIGGER peer_fork_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON peer_fork
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE peer_awaited (
    exchange_id uuid NOT NULL REFERENCES exchange,
    origin_entry_id uuid NOT NULL,
    page_no integer NOT NULL CHECK (page_no > 0),
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (exchange_id, origin_entry_id)
);
COMMENT ON TABLE peer_awaited IS 'Entries of which a peer shows a replaced item, but not yet the newer one. If that does not come, the peer withholds something.';
COMMENT ON COLUMN peer_awaited.exchange_id IS 'The peer.';
COMMENT ON COLUMN peer_awaited.origin_entry_id IS 'The entry''s id there.';
COMMENT ON COLUMN peer_awaited.page_no IS 'The page that shows the hash.';
COMMENT ON COLUMN peer_awaited.since IS 'When that was first read.';

CREATE TABLE peer_heard (
    exchange_id uuid NOT NULL REFERENCES exchange,
    teller_id uuid NOT NULL REFERENCES exchange,
    size bigint NOT NULL CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (exchange_id, size, root)
);
COMMENT ON TABLE peer_heard IS 'Checkpoints of a peer as another peer saw them, until they are proved consistent with those seen here. A peer that shows two different ledgers has forked.';
COMMENT ON COLUMN peer_heard.exchange_id IS 'The peer whose ledger it is.';
COMMENT ON COLUMN peer_heard.teller_id IS 'The peer that saw it first and reported it.';
COMMENT ON COLUMN peer_heard.size IS 'How many leaves it covers.';
COMMENT ON COLUMN peer_heard.root IS 'Their root hash.';
COMMENT ON COLUMN peer_heard.note IS 'The signed note; its signature was verified.';
COMMENT ON COLUMN peer_heard.heard_at IS 'When it was reported.';
CREATE INDEX peer_heard_teller ON peer_heard (teller_id, exchange_id);
