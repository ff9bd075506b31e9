-- Clients, their mandates, and campaigns of notices. All that is personal is encrypted under a key per client.

CREATE TABLE client (
    client_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    sealed bytea,
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    UNIQUE (client_id, organization_id),
    CHECK ((sealed IS NULL) = (erased_at IS NOT NULL))
);
COMMENT ON TABLE client IS 'A person or company for whom an organization requests removals. All personal data in campaigns is encrypted under the client''s key, which is not in the database.';
COMMENT ON COLUMN client.client_id IS 'Identity, and the name of the key.';
COMMENT ON COLUMN client.organization_id IS 'The organization: no other one sees it.';
COMMENT ON COLUMN client.sealed IS 'Name, address and the depicted person, encrypted; null once erased.';
COMMENT ON COLUMN client.created_by IS 'Who recorded it.';
COMMENT ON COLUMN client.created_at IS 'When.';
COMMENT ON COLUMN client.erased_at IS 'When the key was destroyed: since then nothing of the client can be read or sent.';
CREATE INDEX client_organization ON client (organization_id, created_at DESC, client_id);

CREATE TABLE mandate (
    mandate_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    client_id uuid NOT NULL REFERENCES client,
    granted_by text NOT NULL CHECK (granted_by IN ('self', 'representative', 'guardian')),
    document_sha256 bytea NOT NULL CHECK (octet_length(document_sha256) = 32),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL CHECK (valid_until > valid_from),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_by uuid REFERENCES caller,
    revoked_at timestamptz,
    UNIQUE (mandate_id, client_id),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
COMMENT ON TABLE mandate IS 'The depicted person''s authorization to act for them. The document stays with the organization.';
COMMENT ON COLUMN mandate.mandate_id IS 'Identity.';
COMMENT ON COLUMN mandate.client_id IS 'The client.';
COMMENT ON COLUMN mandate.granted_by IS 'Who gave it: the depicted person, a representative or a guardian.';
COMMENT ON COLUMN mandate.document_sha256 IS 'SHA-256 of the document.';
COMMENT ON COLUMN mandate.valid_from IS 'Since when it is valid.';
COMMENT ON COLUMN mandate.valid_until IS 'Until when, exclusive.';
COMMENT ON COLUMN mandate.created_by IS 'Who recorded it.';
COMMENT ON COLUMN mandate.created_at IS 'When.';
COMMENT ON COLUMN mandate.revoked_by IS 'Who recorded the revocation.';
COMMENT ON COLUMN mandate.revoked_at IS 'When; null: it was not.';
CREATE INDEX mandate_client ON mandate (client_id, created_at DESC);

CREATE TABLE campaign (
    campaign_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organization,
    client_id uuid NOT NULL,
    mandate_id uuid NOT NULL,
    regimes text[] NOT NULL CHECK (cardinality(regimes) BETWEEN 1 AND 20),
    language text NOT NULL DEFAULT 'en' CHECK (language ~ '^[a-z]{2}$'),
    sealed bytea NOT NULL,
    signatory_sealed bytea,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_by uuid REFERENCES caller,
    closed_at timestamptz,
    UNIQUE (campaign_id, organization_id),
    FOREIGN KEY (client_id, organization_id) REFERENCES client (client_id, organization_id),
    FOREIGN KEY (mandate_id, client_id) REFERENCES mandate (mandate_id, client_id),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
COMMENT ON TABLE campaign IS 'A batch of notices for one client.';
COMMENT ON COLUMN campaign.campaign_id IS 'Identity.';
COMMENT ON COLUMN campaign.organization_id IS 'The organization: no other one sees it.';
COMMENT ON COLUMN campaign.client_id IS 'The client.';
COMMENT ON COLUMN campaign.mandate_id IS 'The mandate; a renewed one replaces it.';
COMMENT ON COLUMN campaign.regimes IS 'Allowed regimes of its notices: registry.takedown.regimes.model.';
COMMENT ON COLUMN campaign.language IS 'The language of its notices where a platform names none: ISO 639-1.';
COMMENT ON COLUMN campaign.sealed IS 'Title, and the elements that all its notices share: encrypted under the client''s key.';
COMMENT ON COLUMN campaign.signatory_sealed IS 'Name and contact of the signatory, encrypted likewise; null: none yet.';
COMMENT ON COLUMN campaign.state IS 'closed: nothing is sent any more.';
COMMENT ON COLUMN campaign.created_by IS 'Who made it.';
COMMENT ON COLUMN campaign.created_at IS 'When.';
COMMENT ON COLUMN campaign.closed_by IS 'Who closed it; null: the service, when its organization was closed or its client erased.';
COMMENT ON COLUMN campaign.closed_at IS 'When.';
CREATE INDEX campaign_organization ON campaign (organization_id, created_at DESC, campaign_id);
CREATE INDEX campaign_client ON campaign (client_id);

CREATE TABLE campaign_entry (
    campaign_id uuid NOT NULL REFERENCES campaign,
    entry_id uuid NOT NULL REFERENCES entry,
    added_by uuid NOT NULL REFERENCES caller,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, entry_id)
);
COMMENT ON TABLE campaign_entry IS 'The fakes of a campaign.';
COMMENT ON COLUMN campaign_entry.campaign_id IS 'The campaign.';
COMMENT ON COLUMN campaign_entry.entry_id IS 'The entry.';
COMMENT ON COLUMN campaign_entry.added_by IS 'Who added it.';
COMMENT ON COLUMN campaign_entry.added_at IS 'When.';
CREATE INDEX campaign_entry_entry ON campaign_entry (entry_id);

CREATE FUNCTION follow_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE campaign SET state = 'closed', closed_at = clock_timestamp()
    WHERE organization_id = NEW.organization_id AND state = 'open';
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION follow_organization() IS 'Trigger: stop the campaigns of an organization that was closed.';
CREATE TRIGGER organization_campaigns_follow AFTER UPDATE OF closed_at ON organization FOR EACH ROW
    WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL) EXECUTE FUNCTION follow_organization();

CREATE TABLE notice_release (
    release_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    recipient text NOT NULL CHECK (recipient ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
    fields text[] NOT NULL
        CHECK (fields <@ ARRAY['places', 'client', 'depicted', 'signatory', 'contacts', 'texts'] AND
            cardinality(fields) BETWEEN 1 AND 6),
    created_by uuid NOT NULL REFERENCES caller,
    created_at timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz NOT NULL CHECK (valid_until > created_at),
    revoked_by uuid REFERENCES caller,
    revoked_at timestamptz,
    FOREIGN KEY (campaign_id, organization_id) REFERENCES campaign (campaign_id, organization_id),
    CONSTRAINT notice_release_texts_are_whole CHECK (NOT 'texts' = ANY (fields) OR cardinality(fields) = 6),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
COMMENT ON TABLE notice_release IS 'A permission to export parts of a campaign unredacted: which, to whom, until when.';
COMMENT ON COLUMN notice_release.release_id IS 'Identity.';
COMMENT ON COLUMN notice_release.organization_id IS 'The organization of the campaign.';
COMMENT ON COLUMN notice_release.campaign_id IS 'The campaign.';
COMMENT ON COLUMN notice_release.recipient IS 'The recipient: a short name, such as lumen.';
COMMENT ON COLUMN notice_release.fields IS 'Parts. places: URLs, content ids and hosts. client, depicted, signatory: their names. contacts: e-mail and postal addresses. texts: the letter, which holds all of these.';
COMMENT ON COLUMN notice_release.created_by IS 'Who released it.';
COMMENT ON COLUMN notice_release.created_at IS 'When.';
COMMENT ON COLUMN notice_release.valid_until IS 'Until when, exclusive.';
COMMENT ON COLUMN notice_release.revoked_by IS 'Who revoked it.';
COMMENT ON COLUMN notice_release.revoked_at IS 'When; null: it is valid.';
CREATE INDEX notice_release_campaign ON notice_release (campaign_id, created_at DESC);
