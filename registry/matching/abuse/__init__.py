"""Detection of callers that reconstruct a stored hash by near-identical queries. Owns: `reconstruction`."""
