"""Which registered media may match: SQL proposes candidates for hashes, embeddings and sound. Decides
nothing."""
