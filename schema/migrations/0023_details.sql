-- What a fact-checker says of an entry beside its claim, and which entry it is a variant of.
ALTER TABLE entry
    ADD COLUMN language text CHECK (language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$'),
    ADD COLUMN variant_of uuid REFERENCES entry CHECK (variant_of <> entry_id);
COMMENT ON COLUMN entry.language IS 'The language of title and claim, as BCP 47 has it; null: not said.';
COMMENT ON COLUMN entry.variant_of IS 'The entry that this one is a variant of, never itself a variant; null: of none.';
CREATE INDEX entry_variant ON entry (variant_of) WHERE variant_of IS NOT NULL;

CREATE TABLE entry_detail (
    entry_id uuid PRIMARY KEY REFERENCES entry ON DELETE CASCADE,
    key_id uuid,
    sealed bytea,
    changed_by uuid NOT NULL REFERENCES caller,
    changed_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    CHECK ((sealed IS NULL) = (erased_at IS NOT NULL)),
    CHECK ((sealed IS NULL) = (key_id IS NULL))
);
COMMENT ON TABLE entry_detail IS 'Whom an entry depicts, where it was seen, on what evidence: sealed under a key of the entry''s own, outside the database.';
COMMENT ON COLUMN entry_detail.entry_id IS 'The entry.';
COMMENT ON COLUMN entry_detail.key_id IS 'The key that seals it, in registry.keys; null: erased, and the key is destroyed.';
COMMENT ON COLUMN entry_detail.sealed IS 'JSON of registry.domain.details.Details, sealed (AES-256-GCM); null: erased.';
COMMENT ON COLUMN entry_detail.changed_by IS 'The caller that said it last.';
COMMENT ON COLUMN entry_detail.changed_at IS 'When.';
COMMENT ON COLUMN entry_detail.erased_at IS 'When it was erased and the key destroyed; null: it was not.';
