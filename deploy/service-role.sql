-- A role for the API and the workers that cannot alter the record: psql DATABASE -f deploy/service-role.sql, as the
-- tables' owner, after each `fakeprint migrate`, which goes on as the owner. To make the role, the owner needs CREATEROLE.
-- Give the role a way to log in yourself:
--   ALTER ROLE fakeprint_service LOGIN PASSWORD '…';
-- and name it in FAKEPRINT_DATABASE_URL. It owns nothing, so it can neither switch triggers off nor give itself more.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fakeprint_service') THEN
        CREATE ROLE fakeprint_service;
    END IF;
    IF to_regnamespace('pgmq') IS NOT NULL THEN
        GRANT USAGE, CREATE ON SCHEMA pgmq TO fakeprint_service;
        GRANT ALL ON ALL TABLES IN SCHEMA pgmq TO fakeprint_service;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA pgmq TO fakeprint_service;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA public TO fakeprint_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO fakeprint_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO fakeprint_service;
-- Those of the extension `vector` are whoever's made it, who gave them to everybody: no word about each.
SET client_min_messages = error;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO fakeprint_service;
RESET client_min_messages;
REVOKE UPDATE, DELETE, TRUNCATE ON event, ledger_leaf, ledger_node, ledger_checkpoint, ledger_key, ledger_lookup,
    ledger_stamp, person_event, face_assessment, face_search, notice_move, notice_exhibit, feed_page, peer_fork,
    migration FROM fakeprint_service;
-- Erasing what opens a lookup's commitments is no alteration.
GRANT UPDATE (salt) ON ledger_lookup TO fakeprint_service;
-- What a later `fakeprint migrate` makes is the service's from the same commit on: a new trigger writes into a new table from
-- then on, for processes of the release before too, and this file comes after it. More than the lines above give is never
-- given, and of the record less, once this has run again; until then its triggers alone refuse a change (refuse_change).
DO $$
DECLARE
    owner name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'migration'::regclass);
BEGIN
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public'
                   ' GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO fakeprint_service', owner);
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public'
                   ' GRANT USAGE ON SEQUENCES TO fakeprint_service', owner);
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public'
                   ' GRANT EXECUTE ON FUNCTIONS TO fakeprint_service', owner);
END
$$;
-- It sees which timeline a read replica follows, so that one that still follows a fenced primary answers nothing. Only a
-- superuser may grant that, or who was given it WITH ADMIN OPTION; all else goes on without.
DO $$
BEGIN
    IF NOT pg_has_role('fakeprint_service', 'pg_read_all_stats', 'USAGE') THEN
        GRANT pg_read_all_stats TO fakeprint_service;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'fakeprint_service cannot see which timeline a replica follows: % may not grant it', current_user
        USING HINT = 'With read replicas, as a superuser: GRANT pg_read_all_stats TO fakeprint_service';
END
$$;
