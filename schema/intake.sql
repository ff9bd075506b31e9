-- Cases of people without an account. They follow and withdraw a case by its number and a PIN.

CREATE TABLE private_intake (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    bank_id uuid NOT NULL REFERENCES bank,
    caller_id uuid NOT NULL REFERENCES caller,
    open boolean NOT NULL,
    changed_by uuid NOT NULL REFERENCES caller,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE private_intake IS 'Which bank takes private cases. No row: nobody ever said so, and none are taken.';
COMMENT ON COLUMN private_intake."only" IS 'There is one.';
COMMENT ON COLUMN private_intake.bank_id IS 'The bank, whose organization takes them. Whether its policy still suits is asked each time.';
COMMENT ON COLUMN private_intake.caller_id IS 'As whom cases are registered: a caller of that organization without a key. Revoked, no more are taken.';
COMMENT ON COLUMN private_intake.open IS 'Whether new cases are taken. Those that are there can be followed and withdrawn whatever it says.';
COMMENT ON COLUMN private_intake.changed_by IS 'The operator who said so last.';
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
COMMENT ON TABLE private_case IS 'An entry that a person without an account registered. Nothing here says who: what they wrote is sealed with the entry''s details.';
COMMENT ON COLUMN private_case.case_id IS 'Identity, for people who work on cases.';
COMMENT ON COLUMN private_case.entry_id IS 'The entry that it became: its own, also where another case holds the same file.';
COMMENT ON COLUMN private_case.case_number IS 'Ten letters and digits of Crockford''s base 32, the last one a check; null once nobody can follow it any more.';
COMMENT ON COLUMN private_case.pin_hash IS 'Argon2id of the PIN, with its own salt and costs. The PIN was shown once.';
COMMENT ON COLUMN private_case.standing IS 'What they say of themselves: depicted (it shows them), authorized (they act for whom it shows).';
COMMENT ON COLUMN private_case.intimate IS 'Whether they say that it is intimate.';
COMMENT ON COLUMN private_case.opened_at IS 'When it came.';
COMMENT ON COLUMN private_case.withdrawn_at IS 'When they withdrew it by number and PIN; nobody restores its entry then. Null: they did not.';
COMMENT ON COLUMN private_case.ended_at IS 'Since when its entry is known to be withdrawn, by whomever; some days later number and PIN are forgotten.';
CREATE INDEX private_case_opened ON private_case (opened_at, case_id);
CREATE INDEX private_case_followed ON private_case (ended_at) WHERE case_number IS NOT NULL;

-- Private cases wait for reviewers before everything else.
CREATE FUNCTION put_cases_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM private_case WHERE entry_id = NEW.entry_id) THEN
        NEW.priority := 0;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION put_cases_first() IS 'A private case waits before everything else, whatever it waits for.';
CREATE TRIGGER private_cases_first BEFORE INSERT ON review_item FOR EACH ROW EXECUTE FUNCTION put_cases_first();
