"""Opinions: a caller confirms or denies a match. Owns the table `opinion`."""
