-- What registries exchange: which media each record names, what was replaced and has not come, what peers saw of each other.
ALTER TABLE listing_source ADD COLUMN media uuid[];
COMMENT ON COLUMN listing_source.media IS 'Which of the entry''s media this record names, as what they are there; null: all that lists have brought. A medium that no record names any more goes.';

CREATE TABLE peer_awaited (
    exchange_id uuid NOT NULL REFERENCES exchange,
    origin_entry_id uuid NOT NULL,
    page_no integer NOT NULL CHECK (page_no > 0),
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (exchange_id, origin_entry_id)
);
COMMENT ON TABLE peer_awaited IS 'Entries of which a peer shows the hash of what it said, as replaced, and not yet what it says instead: where that does not come, it holds back something.';
COMMENT ON COLUMN peer_awaited.exchange_id IS 'The peer.';
COMMENT ON COLUMN peer_awaited.origin_entry_id IS 'The entry''s id there.';
COMMENT ON COLUMN peer_awaited.page_no IS 'The page that shows the hash.';
COMMENT ON COLUMN peer_awaited.since IS 'When that was read first.';

CREATE TABLE peer_heard (
    exchange_id uuid NOT NULL REFERENCES exchange,
    teller_id uuid NOT NULL REFERENCES exchange,
    size bigint NOT NULL CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (exchange_id, size, root)
);
CREATE INDEX peer_heard_teller ON peer_heard (teller_id, exchange_id);
COMMENT ON TABLE peer_heard IS 'What a peer has signed of its ledger as another peer was shown it, until it is proved to be the ledger that is shown here: whoever shows two has forked.';
COMMENT ON COLUMN peer_heard.exchange_id IS 'The peer whose ledger it is.';
COMMENT ON COLUMN peer_heard.teller_id IS 'The peer that was shown it, and told of it first.';
COMMENT ON COLUMN peer_heard.size IS 'How many leaves it covers.';
COMMENT ON COLUMN peer_heard.root IS 'Their root hash.';
COMMENT ON COLUMN peer_heard.note IS 'The signed note; its signature was verified.';
COMMENT ON COLUMN peer_heard.heard_at IS 'When it was heard.';

ALTER TABLE peer_fork ADD COLUMN teller_id uuid REFERENCES exchange;
COMMENT ON COLUMN peer_fork.teller_id IS 'The peer that was shown the second note; null: it was shown here.';
