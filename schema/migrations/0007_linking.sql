-- Links between entries are looked for by a job of its own, beside the fingerprints.
ALTER TABLE job DROP CONSTRAINT job_task_check;
ALTER TABLE job ADD CONSTRAINT job_task_check
    CHECK (task IN ('fingerprint_asset', 'answer_lookup', 'relate_entry'));
COMMENT ON COLUMN job.subject_id IS 'The asset, the lookup or the entry.';
COMMENT ON COLUMN job.progress IS 'Share of the media that has been read, or compared with the others, 0-1.';
