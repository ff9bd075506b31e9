-- Deliveries of notices, one attempt a job, and alarms on deadlines.

CREATE TABLE notice_delivery (
    delivery_id uuid PRIMARY KEY,
    notice_id uuid NOT NULL,
    organization_id uuid NOT NULL REFERENCES organization,
    move_no integer NOT NULL,
    platform text NOT NULL CHECK (length(platform) BETWEEN 1 AND 253),
    channel text NOT NULL CHECK (channel IN ('api', 'email', 'paper')),
    address text NOT NULL CHECK (length(address) <= 4000),
    language text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
    token text NOT NULL UNIQUE CHECK (token ~ '^[A-Z2-7]{16}$'),
    sealed bytea NOT NULL,
    content_sha256 bytea NOT NULL CHECK (octet_length(content_sha256) = 32),
    status text NOT NULL DEFAULT 'waiting'
        CHECK (status IN ('waiting', 'sending', 'handing', 'handed_over', 'unsure', 'dead', 'stopped')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    tries integer NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND attempts),
    next_at timestamptz NOT NULL DEFAULT now(),
    outcome text CHECK (outcome ~ '^[a-z_]{1,40}$'),
    response_code integer,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    handed_at timestamptz,
    decided_by uuid REFERENCES caller,
    decided_at timestamptz,
    proof_sha256 bytea CHECK (octet_length(proof_sha256) = 32),
    kind text NOT NULL DEFAULT 'notice' CHECK (kind IN ('notice', 'retraction')),
    delivered_at timestamptz,
    receipt_sha256 bytea CHECK (octet_length(receipt_sha256) = 32),
    receipt_by uuid REFERENCES caller,
    UNIQUE (notice_id, move_no),
    FOREIGN KEY (notice_id, move_no) REFERENCES notice_move (notice_id, move_no),
    CONSTRAINT notice_delivery_handed_says_when CHECK ((status = 'handed_over') = (handed_at IS NOT NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT notice_delivery_delivered_was_handed CHECK (delivered_at IS NULL OR (handed_at IS NOT NULL AND
        delivered_at >= handed_at)),
    CONSTRAINT notice_delivery_receipt_says_who CHECK (num_nulls(receipt_sha256, receipt_by) IN (0, 2) AND
        (receipt_by IS NULL OR delivered_at IS NOT NULL))
);
COMMENT ON TABLE notice_delivery IS 'The delivery of a notice: one for each move to sent, written in that commit.';
COMMENT ON COLUMN notice_delivery.delivery_id IS 'Identity, and the idempotency key: every attempt names it (Message-ID, webhook-id).';
COMMENT ON COLUMN notice_delivery.notice_id IS 'The notice.';
COMMENT ON COLUMN notice_delivery.organization_id IS 'The organization.';
COMMENT ON COLUMN notice_delivery.move_no IS 'The move to sent that it follows from: one delivery a move.';
COMMENT ON COLUMN notice_delivery.platform IS 'The platform; attempts an hour are limited by it.';
COMMENT ON COLUMN notice_delivery.channel IS 'api: a signed POST. email: SMTP. paper: printed and posted by a person, who records it.';
COMMENT ON COLUMN notice_delivery.address IS 'Where to send it by that channel; for paper a form or a postal address, or empty.';
COMMENT ON COLUMN notice_delivery.language IS 'Language of the letter.';
COMMENT ON COLUMN notice_delivery.token IS 'Stands in the subject: a reply that keeps it belongs to this notice.';
COMMENT ON COLUMN notice_delivery.sealed IS 'The letter as it was sent, encrypted under the client''s key. Each attempt sends the same.';
COMMENT ON COLUMN notice_delivery.content_sha256 IS 'SHA-256 of the letter''s text.';
COMMENT ON COLUMN notice_delivery.status IS 'waiting: for its time, or for a person. sending: nothing was transmitted yet. handing: being transmitted. handed_over: the other side has accepted it, or a person has posted it. unsure: unknown; a person decides. dead: given up. stopped: no longer needed.';
COMMENT ON COLUMN notice_delivery.attempts IS 'Attempts; each is counted before it is made.';
COMMENT ON COLUMN notice_delivery.tries IS 'Attempts since a person last had it sent again.';
COMMENT ON COLUMN notice_delivery.next_at IS 'Not to be sent before.';
COMMENT ON COLUMN notice_delivery.outcome IS 'Result of the last attempt, or why there was none.';
COMMENT ON COLUMN notice_delivery.response_code IS 'The HTTP status or the SMTP reply code of the last attempt.';
COMMENT ON COLUMN notice_delivery.created_by IS 'Who sent it.';
COMMENT ON COLUMN notice_delivery.created_at IS 'When.';
COMMENT ON COLUMN notice_delivery.handed_at IS 'When it was handed over: the mail server or the platform''s API accepted it, or a person posted it. The deadline runs from then on.';
COMMENT ON COLUMN notice_delivery.decided_by IS 'Who last recorded its outcome by hand.';
COMMENT ON COLUMN notice_delivery.decided_at IS 'When.';
COMMENT ON COLUMN notice_delivery.proof_sha256 IS 'SHA-256 of a person''s proof of the hand-over; null: their word only.';
COMMENT ON COLUMN notice_delivery.kind IS 'notice: a request. retraction: takes the request back; one for each closing.';
COMMENT ON COLUMN notice_delivery.delivered_at IS 'When the platform has certainly received it: its own API said so, or a receipt does. Null: unknown.';
COMMENT ON COLUMN notice_delivery.receipt_sha256 IS 'SHA-256 of the receipt of delivery; null for an API''s answer.';
COMMENT ON COLUMN notice_delivery.receipt_by IS 'Who recorded it.';
CREATE INDEX notice_delivery_due ON notice_delivery (next_at)
    WHERE channel <> 'paper' AND status IN ('waiting', 'sending', 'handing');
CREATE INDEX notice_delivery_by_hand ON notice_delivery (organization_id, created_at, delivery_id)
    WHERE channel = 'paper' AND status = 'waiting';
CREATE INDEX notice_delivery_failed ON notice_delivery (organization_id, created_at, delivery_id)
    WHERE status IN ('unsure', 'dead');
CREATE INDEX notice_delivery_organization ON notice_delivery (organization_id, created_at, delivery_id);

CREATE FUNCTION guard_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM notice_move m WHERE m.notice_id = NEW.notice_id AND m.move_no = NEW.move_no
                     AND m.act = CASE NEW.kind WHEN 'notice' THEN 'send' ELSE 'close' END) THEN
        RAISE EXCEPTION 'a delivery needs a sent notice, a retraction a closed one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_delivery_follows_its_move';
    END IF;
    IF NEW.kind = 'retraction' AND NOT EXISTS (
        SELECT FROM notice_delivery d WHERE d.notice_id = NEW.notice_id AND d.kind = 'notice'
          AND d.status IN ('handing', 'handed_over', 'unsure')) THEN
        RAISE EXCEPTION 'only a delivered notice can be retracted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_delivery_takes_back_what_was_told';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_delivery() IS 'Trigger: a delivery belongs to the move that it names, and only what was handed over can be retracted.';
CREATE TRIGGER notice_delivery_guarded BEFORE INSERT OR UPDATE OF notice_id, move_no, kind ON notice_delivery
    FOR EACH ROW EXECUTE FUNCTION guard_delivery();

CREATE TABLE notice_attempt (
    delivery_id uuid NOT NULL REFERENCES notice_delivery,
    attempt_no integer NOT NULL CHECK (attempt_no > 0),
    platform text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    outcome text CHECK (outcome ~ '^[a-z_]{1,40}$'),
    response_code integer,
    PRIMARY KEY (delivery_id, attempt_no)
);
COMMENT ON TABLE notice_attempt IS 'Each attempt to hand a notice over, written before it is made.';
COMMENT ON COLUMN notice_attempt.delivery_id IS 'The delivery.';
COMMENT ON COLUMN notice_attempt.attempt_no IS 'From 1, without a gap.';
COMMENT ON COLUMN notice_attempt.platform IS 'The platform, by which the attempts of an hour are counted.';
COMMENT ON COLUMN notice_attempt.at IS 'When, by the database''s clock.';
COMMENT ON COLUMN notice_attempt.ended_at IS 'When it ended; null: it is running, or its process was killed.';
COMMENT ON COLUMN notice_attempt.outcome IS 'Its result.';
COMMENT ON COLUMN notice_attempt.response_code IS 'The HTTP status or the SMTP reply code.';
CREATE INDEX notice_attempt_platform ON notice_attempt (platform, at);

CREATE TABLE notice_alarm (
    delivery_id uuid NOT NULL REFERENCES notice_delivery,
    kind text NOT NULL CHECK (kind IN ('reminder', 'breach', 'overdue')),
    step integer NOT NULL CHECK (step >= 0),
    notice_id uuid NOT NULL REFERENCES notice,
    organization_id uuid NOT NULL REFERENCES organization,
    platform text NOT NULL,
    planned_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL CHECK (planned_at <= due_at),
    raised_at timestamptz,
    dropped_at timestamptz,
    PRIMARY KEY (delivery_id, kind, step),
    CHECK (num_nonnulls(raised_at, dropped_at) <= 1)
);
COMMENT ON TABLE notice_alarm IS 'Reminders and the end of a deadline, planned when the notice was handed over. Each is raised once.';
COMMENT ON COLUMN notice_alarm.delivery_id IS 'The delivery whose deadline runs.';
COMMENT ON COLUMN notice_alarm.kind IS 'reminder: the deadline is near. breach: a deadline set by law has passed. overdue: another deadline has passed.';
COMMENT ON COLUMN notice_alarm.step IS 'Number of the reminder, from 0; 0 for the other kinds.';
COMMENT ON COLUMN notice_alarm.notice_id IS 'The notice.';
COMMENT ON COLUMN notice_alarm.organization_id IS 'The organization.';
COMMENT ON COLUMN notice_alarm.platform IS 'The platform.';
COMMENT ON COLUMN notice_alarm.planned_at IS 'It is raised after this moment.';
COMMENT ON COLUMN notice_alarm.due_at IS 'The last moment at which the platform is in time.';
COMMENT ON COLUMN notice_alarm.raised_at IS 'When it was raised; null: not yet, or never needed.';
COMMENT ON COLUMN notice_alarm.dropped_at IS 'When it was found unnecessary: the notice is settled, or was sent again.';
CREATE INDEX notice_alarm_planned ON notice_alarm (planned_at) WHERE raised_at IS NULL AND dropped_at IS NULL;
CREATE INDEX notice_alarm_raised ON notice_alarm (organization_id, raised_at) WHERE kind <> 'reminder';
CREATE INDEX notice_alarm_notice ON notice_alarm (notice_id);

CREATE FUNCTION notice_stands(n notice) RETURNS text LANGUAGE sql STABLE
    RETURN CASE WHEN n.state <> 'sent' THEN n.state ELSE coalesce(
        (SELECT CASE WHEN d.delivered_at IS NOT NULL THEN 'delivered' WHEN d.handed_at IS NOT NULL THEN 'handed_over' END
         FROM notice_delivery d WHERE d.notice_id = n.notice_id AND d.kind = 'notice' ORDER BY d.move_no DESC LIMIT 1),
        'prepared') END;
COMMENT ON FUNCTION notice_stands(notice) IS 'The state of a notice as shown to users. `sent` is shown as its delivery stands: prepared, handed_over or delivered.';
