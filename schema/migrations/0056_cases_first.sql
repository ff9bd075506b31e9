-- Private cases wait for reviewers before everything else.
ALTER TABLE review_item DROP CONSTRAINT review_item_priority_check;
ALTER TABLE review_item ADD CONSTRAINT review_item_priority_check CHECK (priority BETWEEN 0 AND 5);
COMMENT ON COLUMN review_item.priority IS '0: a private case. Else 1 comes first: see registry.domain.review.PRIORITY.';
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
UPDATE review_item q SET priority = 0 FROM private_case p WHERE p.entry_id = q.entry_id;
