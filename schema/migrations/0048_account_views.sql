-- Views of lists that people keep in the console: a name and filters, of one account, in whatever browser.
CREATE TABLE account_view (
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    list text NOT NULL CHECK (list IN ('review', 'entries')),
    name text NOT NULL CHECK (name <> ''),
    query text NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, list, name)
);
COMMENT ON TABLE account_view IS 'Filters of a list of the console that somebody keeps under a name. It goes with the account.';
COMMENT ON COLUMN account_view.account_id IS 'Whose it is; nobody else sees it.';
COMMENT ON COLUMN account_view.list IS 'Of which list: review, what waits for a reviewer; entries.';
COMMENT ON COLUMN account_view.name IS 'What its owner calls it.';
COMMENT ON COLUMN account_view.query IS 'The filters as the query string of the list''s page. It names no depicted person: such words are not kept.';
COMMENT ON COLUMN account_view.kept_at IS 'When it was kept, or last changed.';
