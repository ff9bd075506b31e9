-- Takedown: how notices reach their platforms, what came back, and what the clock says of them.
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
    UNIQUE (notice_id, move_no),
    FOREIGN KEY (notice_id, move_no) REFERENCES notice_move (notice_id, move_no),
    CONSTRAINT notice_delivery_handed_says_when CHECK ((status = 'handed_over') = (handed_at IS NOT NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
COMMENT ON TABLE notice_delivery IS 'A notice on its way: one for each time that it moved to sent, written in that commit.';
COMMENT ON COLUMN notice_delivery.delivery_id IS 'Identity, and the idempotency key: every attempt names it (Message-ID, webhook-id).';
COMMENT ON COLUMN notice_delivery.notice_id IS 'The notice.';
COMMENT ON COLUMN notice_delivery.organization_id IS 'Whose it is.';
COMMENT ON COLUMN notice_delivery.move_no IS 'The move to sent that it follows from: one delivery a move.';
COMMENT ON COLUMN notice_delivery.platform IS 'Who is asked; attempts are limited an hour by it.';
COMMENT ON COLUMN notice_delivery.channel IS 'api: a signed POST. email: SMTP. paper: printed, and sent by a person, who says so.';
COMMENT ON COLUMN notice_delivery.address IS 'Where to, by that channel; for paper a form''s or a postal address, or nothing known.';
COMMENT ON COLUMN notice_delivery.language IS 'In which language it is worded.';
COMMENT ON COLUMN notice_delivery.token IS 'Stands in the subject: a reply that keeps it is this notice''s.';
COMMENT ON COLUMN notice_delivery.sealed IS 'What was written, as it was when it was sent: sealed under the client''s key. Each attempt sends the same.';
COMMENT ON COLUMN notice_delivery.content_sha256 IS 'SHA-256 of the text that was written.';
COMMENT ON COLUMN notice_delivery.status IS 'waiting: for its time, or a person. sending: nothing of it was told yet. handing: it is being told. handed_over: the other side has taken it, or a person has sent it. unsure: nobody knows, and a person decides. dead: given up. stopped: the notice needs it no more.';
COMMENT ON COLUMN notice_delivery.attempts IS 'Attempts, each counted before it is made.';
COMMENT ON COLUMN notice_delivery.tries IS 'Those since a person last had it sent again.';
COMMENT ON COLUMN notice_delivery.next_at IS 'Not before.';
COMMENT ON COLUMN notice_delivery.outcome IS 'What the last attempt came to, or why there was none.';
COMMENT ON COLUMN notice_delivery.response_code IS 'The HTTP status or the SMTP reply code of the last attempt.';
COMMENT ON COLUMN notice_delivery.created_by IS 'Who sent it.';
COMMENT ON COLUMN notice_delivery.created_at IS 'When.';
COMMENT ON COLUMN notice_delivery.handed_at IS 'When the other side took it: from then on its time runs.';
COMMENT ON COLUMN notice_delivery.decided_by IS 'Who last said by hand what became of it.';
COMMENT ON COLUMN notice_delivery.decided_at IS 'When.';
COMMENT ON COLUMN notice_delivery.proof_sha256 IS 'SHA-256 of a person''s proof that it was handed over.';
CREATE INDEX notice_delivery_due ON notice_delivery (next_at)
    WHERE channel <> 'paper' AND status IN ('waiting', 'sending', 'handing');
CREATE INDEX notice_delivery_organization ON notice_delivery (organization_id, created_at, delivery_id);

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
COMMENT ON COLUMN notice_attempt.attempt_no IS 'From 1 on, without a gap.';
COMMENT ON COLUMN notice_attempt.platform IS 'Whom it was made to: the attempts of an hour are counted by it.';
COMMENT ON COLUMN notice_attempt.at IS 'When, by the database''s clock.';
COMMENT ON COLUMN notice_attempt.ended_at IS 'When it was over; null: it is being made, or whoever made it was killed.';
COMMENT ON COLUMN notice_attempt.outcome IS 'What it came to.';
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
COMMENT ON TABLE notice_alarm IS 'When to remind of a deadline and when it is over, planned when the notice was handed over: each is raised once.';
COMMENT ON COLUMN notice_alarm.delivery_id IS 'The delivery whose time runs.';
COMMENT ON COLUMN notice_alarm.kind IS 'reminder: it ends soon. breach: a term that the law sets is over. overdue: one that no law sets.';
COMMENT ON COLUMN notice_alarm.step IS 'Which reminder, from 0 on; 0 for the others.';
COMMENT ON COLUMN notice_alarm.notice_id IS 'The notice.';
COMMENT ON COLUMN notice_alarm.organization_id IS 'Whose it is.';
COMMENT ON COLUMN notice_alarm.platform IS 'Who was asked.';
COMMENT ON COLUMN notice_alarm.planned_at IS 'After that moment it is raised.';
COMMENT ON COLUMN notice_alarm.due_at IS 'The last moment at which the platform is in time.';
COMMENT ON COLUMN notice_alarm.raised_at IS 'When it was; null: not yet, or never needed.';
COMMENT ON COLUMN notice_alarm.dropped_at IS 'When it was found that nobody needs it: a reminder of what is over, or of what was sent anew.';
CREATE INDEX notice_alarm_planned ON notice_alarm (planned_at) WHERE raised_at IS NULL AND dropped_at IS NULL;
CREATE INDEX notice_alarm_raised ON notice_alarm (organization_id, raised_at) WHERE kind <> 'reminder';
CREATE INDEX notice_alarm_notice ON notice_alarm (notice_id);

CREATE TABLE notice_reply (
    reply_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    source text NOT NULL CHECK (source IN ('api', 'mailbox')),
    state text NOT NULL CHECK (state IN ('matched', 'unmatched', 'dismissed')),
    notice_id uuid REFERENCES notice,
    matched_by text CHECK (matched_by IN ('message_id', 'token', 'reference', 'person')),
    candidates uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(candidates) <= 100),
    automatic boolean NOT NULL DEFAULT false,
    key_id uuid NOT NULL,
    sealed bytea,
    said_at timestamptz,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    decided_by uuid REFERENCES caller,
    decided_at timestamptz,
    UNIQUE (organization_id, digest),
    CONSTRAINT notice_reply_matched_says_what CHECK ((state = 'matched') = (notice_id IS NOT NULL)
        AND (state = 'matched') = (matched_by IS NOT NULL)),
    CHECK ((state = 'dismissed') = (sealed IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
COMMENT ON TABLE notice_reply IS 'What came back to notices. It moves none of them: a person says what it means.';
COMMENT ON COLUMN notice_reply.reply_id IS 'Identity.';
COMMENT ON COLUMN notice_reply.organization_id IS 'To whom it came.';
COMMENT ON COLUMN notice_reply.digest IS 'HMAC-SHA-256 of what was said, under the organization''s key: what comes twice is kept once.';
COMMENT ON COLUMN notice_reply.source IS 'By which way it came in.';
COMMENT ON COLUMN notice_reply.state IS 'unmatched: it names no notice, or several, and waits for a person. dismissed: a person said that it is none, and it was forgotten.';
COMMENT ON COLUMN notice_reply.notice_id IS 'The notice that it answers.';
COMMENT ON COLUMN notice_reply.matched_by IS 'How that is known.';
COMMENT ON COLUMN notice_reply.candidates IS 'The notices that it names, where these are several.';
COMMENT ON COLUMN notice_reply.automatic IS 'Whether it says of itself that no person wrote it (RFC 3834), or is a report of delivery.';
COMMENT ON COLUMN notice_reply.key_id IS 'Under whose key it is sealed: the client''s once it is matched, before that the organization''s.';
COMMENT ON COLUMN notice_reply.sealed IS 'From whom, the subject, the text, names and SHA-256 of what was attached: sealed.';
COMMENT ON COLUMN notice_reply.said_at IS 'When it was written, by its own account.';
COMMENT ON COLUMN notice_reply.created_by IS 'Who brought it in.';
COMMENT ON COLUMN notice_reply.created_at IS 'When.';
COMMENT ON COLUMN notice_reply.decided_by IS 'Who matched or dismissed it by hand.';
COMMENT ON COLUMN notice_reply.decided_at IS 'When.';
CREATE INDEX notice_reply_organization ON notice_reply (organization_id, state, created_at DESC, reply_id);
CREATE INDEX notice_reply_notice ON notice_reply (notice_id, created_at) WHERE notice_id IS NOT NULL;
