"""Callers that seem to reconstruct a stored hash by near-identical queries. Owns: `probing`."""
