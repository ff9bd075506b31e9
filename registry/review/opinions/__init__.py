"""Opinions: a caller confirms or denies a match. Owns: `opinion`."""
