"""From a fingerprint to a verdict: candidates from the database, alignment in time, decision, answer."""
