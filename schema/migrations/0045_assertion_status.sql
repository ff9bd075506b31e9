-- What was asserted of entries can be taken back, peers are told of new pages, and watched lookups of entries that end.
CREATE TABLE assertion_status (
    status_no bigint GENERATED ALWAYS AS IDENTITY (START WITH 0 MINVALUE 0) PRIMARY KEY,
    entry_id uuid NOT NULL,
    tier text NOT NULL CHECK (tier IN ('reviewed', 'court_order')),
    media uuid[] NOT NULL,
    said bytea NOT NULL CHECK (octet_length(said) = 32),
    holds_until timestamptz NOT NULL,
    UNIQUE (entry_id, said)
);
COMMENT ON TABLE assertion_status IS 'What is asserted of entries in signed credentials, by its place in the status lists (W3C Bitstring Status List 1.0): whether it still stands is asked of the entry whenever a list is signed.';
COMMENT ON COLUMN assertion_status.status_no IS 'Its place: list number times 131,072 and the index in that list. Never given twice.';
COMMENT ON COLUMN assertion_status.entry_id IS 'The entry. No foreign key: what was asserted of an entry that is gone stands no longer, and is said to.';
COMMENT ON COLUMN assertion_status.tier IS 'The tier that was asserted.';
COMMENT ON COLUMN assertion_status.media IS 'Ids of the media that were named.';
COMMENT ON COLUMN assertion_status.said IS 'SHA-256 of tier and media, by which the same is not given a second place.';
COMMENT ON COLUMN assertion_status.holds_until IS 'When the last credential that says so ends; a day later the place is silent, and nobody asks for it.';
CREATE INDEX assertion_status_held ON assertion_status (holds_until);

ALTER TABLE exchange ADD COLUMN followed_at timestamptz;
COMMENT ON COLUMN exchange.followed_at IS 'When the peer was last asked to tell of new pages, whether it agreed or not; null: never.';

CREATE INDEX watch_answer_entry ON watch_answer (entry_id);
