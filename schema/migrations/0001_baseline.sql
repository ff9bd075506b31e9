-- The whole schema: the files of all rooms, each after those whose tables it refers to. `fakeprint migrate` replaces each
-- line `\ir` by the file, as psql does.
\ir ../core.sql
\ir ../identity.sql
\ir ../jobs.sql
\ir ../catalogue/banks.sql
\ir ../catalogue/entries.sql
\ir ../catalogue/fingerprints.sql
\ir ../catalogue/media.sql
\ir ../matching/candidates.sql
\ir ../matching/lookups.sql
\ir ../matching/watches.sql
\ir ../persons.sql
\ir ../review.sql
\ir ../lineage.sql
\ir ../transparency.sql
\ir ../sharing/webhooks.sql
\ir ../sharing/lists.sql
\ir ../sharing/federation.sql
\ir ../takedown/campaigns.sql
\ir ../takedown/notices.sql
\ir ../takedown/notice_guards.sql
\ir ../takedown/delivery.sql
\ir ../takedown/replies.sql
\ir ../takedown/recurrences.sql
\ir ../takedown/evidence.sql
\ir ../intake.sql
\ir ../operations.sql
