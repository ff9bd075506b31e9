"""Compute a fingerprint from media: read the file, divide it into chapters, and long videos into segments."""
