-- What a looked-up file was called is of no use here, and people call files after whom they show.
ALTER TABLE lookup DROP COLUMN filename;
