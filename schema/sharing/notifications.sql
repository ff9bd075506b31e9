-- Events that the console shows to people, and how far each account has read them.

CREATE TABLE notification (
    notification_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id bigint NOT NULL UNIQUE,
    organization_id uuid NOT NULL REFERENCES organization,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    caller_id uuid,
    entry_id uuid,
    subject jsonb NOT NULL CHECK (jsonb_typeof(subject) = 'object')
);
COMMENT ON TABLE notification IS 'An event that people of an organization are notified of. Deleted after some weeks.';
COMMENT ON COLUMN notification.notification_no IS 'The order in which events were dispatched.';
COMMENT ON COLUMN notification.event_id IS 'The event. No foreign key, as for all that refers to events.';
COMMENT ON COLUMN notification.organization_id IS 'The organization: no other one sees it.';
COMMENT ON COLUMN notification.kind IS 'Kind of the event: registry.sharing.notifications.model.KINDS.';
COMMENT ON COLUMN notification.at IS 'When it happened.';
COMMENT ON COLUMN notification.caller_id IS 'Who did it, and is not notified; null: the service.';
COMMENT ON COLUMN notification.entry_id IS 'The entry that it is about. No foreign key: the row outlives it.';
COMMENT ON COLUMN notification.subject IS 'Ids of what else it is about.';
CREATE INDEX notification_organization ON notification (organization_id, notification_no);
CREATE INDEX notification_at ON notification (at);

CREATE TABLE notification_read (
    account_id uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    up_to bigint NOT NULL
);
COMMENT ON TABLE notification_read IS 'How far an account has read its notifications.';
COMMENT ON COLUMN notification_read.account_id IS 'The account.';
COMMENT ON COLUMN notification_read.up_to IS 'The last notification_no that it has read.';

CREATE TABLE notification_digest (
    account_id uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    every text NOT NULL CHECK (every IN ('daily', 'weekly')),
    language text NOT NULL CHECK (language IN ('en', 'es', 'fr', 'ar')),
    zone text NOT NULL CHECK (zone <> ''),
    sent_up_to bigint NOT NULL,
    due_at timestamptz NOT NULL
);
COMMENT ON TABLE notification_digest IS 'Accounts that want their unread notifications by mail. No row: no mail.';
COMMENT ON COLUMN notification_digest.account_id IS 'The account. Its sign-in name is the address.';
COMMENT ON COLUMN notification_digest.every IS 'How often.';
COMMENT ON COLUMN notification_digest.language IS 'Language of the mails: that of the console when it was chosen.';
COMMENT ON COLUMN notification_digest.zone IS 'Time zone of the account (IANA), in which a day begins.';
COMMENT ON COLUMN notification_digest.sent_up_to IS 'The last notification_no that was mailed; what is older is not mailed again.';
COMMENT ON COLUMN notification_digest.due_at IS 'When the next mail is due. A worker that sends one sets it an hour ahead, so that no other sends it too.';
CREATE INDEX notification_digest_due ON notification_digest (due_at);
