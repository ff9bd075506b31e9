"""Match a fingerprint against the registry: find candidates, align them in time, decide, answer."""
