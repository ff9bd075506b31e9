-- Cases of people without an account. They follow and withdraw a case by its number and a PIN.

CREATE TABLE private_intake (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    bank_id uuid NOT NULL REFERENCES bank,
    caller_id uuid NOT NULL REFERENCES caller,
    open boolean NOT NULL,
    changed_by uuid NOT NULL REFERENCES caller,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE private_intake IS 'The bank that takes intake cases. No row: never configured; none are taken.';
COMMENT ON COLUMN private_intake."only" IS 'There is one row.';
COMMENT ON COLUMN private_intake.bank_id IS 'The bank; its organization handles the cases. Whether its policy is suitable is checked each time.';
COMMENT ON COLUMN private_intake.caller_id IS 'The caller that registers cases: one of that organization, without a key. If it is revoked, no more are taken.';
COMMENT ON COLUMN private_intake.open IS 'Whether new cases are taken. Existing ones can always be followed and withdrawn.';
COMMENT ON COLUMN private_intake.changed_by IS 'The operator who changed it last.';
COMMENT ON COLUMN private_intake.changed_at IS 'When.';

CREATE TABLE private_case (
    case_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    entry_id uuid NOT NULL UNIQUE REFERENCES entry ON DELETE CASCADE,
    case_number text UNIQUE CHECK (case_number ~ '^[0-9A-HJKMNP-TV-Z]{10}$'),
    pin_hash text,
    standing text NOT NULL CHECK (standing IN ('depicted', 'authorized')),
    intimate boolean NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz,
    ended_at timestamptz,
    CHECK ((case_number IS NULL) = (pin_hash IS NULL)),
    CHECK (withdrawn_at IS NULL OR ended_at IS NOT NULL)
);
COMMENT ON TABLE private_case IS 'An intake case: an entry registered by a person without an account. It does not say who; what they wrote is encrypted with the entry''s details.';
COMMENT ON COLUMN private_case.case_id IS 'Identity, for people who work on cases.';
COMMENT ON COLUMN private_case.entry_id IS 'Its entry, for this case alone, even if another case holds the same file.';
COMMENT ON COLUMN private_case.case_number IS 'Ten characters of Crockford''s base 32, the last a check digit; null once nobody can follow the case any more.';
COMMENT ON COLUMN private_case.pin_hash IS 'Argon2id of the PIN, with its own salt and costs. The PIN is shown once.';
COMMENT ON COLUMN private_case.standing IS 'Their own statement: depicted (it shows them), authorized (they act for the depicted person).';
COMMENT ON COLUMN private_case.intimate IS 'Whether they say that the content is intimate.';
COMMENT ON COLUMN private_case.opened_at IS 'When it was opened.';
COMMENT ON COLUMN private_case.withdrawn_at IS 'When they withdrew it by number and PIN; its entry cannot be restored then. Null: they did not.';
COMMENT ON COLUMN private_case.ended_at IS 'Since when its entry is known to be withdrawn, by anybody; some days later number and PIN are deleted.';
CREATE INDEX private_case_opened ON private_case (opened_at, case_id);
CREATE INDEX private_case_followed ON private_case (ended_at) WHERE case_number IS NOT NULL;

CREATE FUNCTION put_cases_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM private_case WHERE entry_id = NEW.entry_id) THEN
        NEW.priority := 0;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION put_cases_first() IS 'Trigger: intake cases have the highest priority in the review queue.';
CREATE TRIGGER private_cases_first BEFORE INSERT ON review_item FOR EACH ROW EXECUTE FUNCTION put_cases_first();
