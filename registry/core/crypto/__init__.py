"""Keys that can be destroyed: one key per subject, kept in a folder outside the database, and what is
encrypted
under it; the age format for exported archives."""
