-- Relays of earlier releases refuse a queue that they do not know, and ones that say a job again take its queue as it
-- stands. Where a message goes says its job; what they read here is always a queue that they know.
CREATE FUNCTION say_known_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.queue := 'media';
    RETURN NEW;
END $$;
CREATE TRIGGER outbox_known_queue BEFORE INSERT ON outbox
    FOR EACH ROW WHEN (NEW.queue = 'bulk') EXECUTE FUNCTION say_known_queue();
COMMENT ON COLUMN outbox.queue IS 'Queue that relays of earlier releases publish it to; others ask its job.';
