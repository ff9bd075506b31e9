"""From a fingerprint to a verdict: candidates, alignment in time, decision, answer."""
