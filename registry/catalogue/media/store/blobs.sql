-- name: lock
-- Serialise those that store a blob and those that delete it.
SELECT pg_advisory_xact_lock(hashtextextended(%(blob_key)s, 1));

-- name: be_patient
-- Re-encrypting a large file takes longer than the usual idle timeout of a transaction.
SELECT set_config('idle_in_transaction_session_timeout', '0', true);
