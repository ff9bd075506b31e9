"""Keys that can be destroyed: one key per subject, in a folder outside the database, and data encrypted with
it. The age format for exported archives."""
