"""Compute fingerprints of media: all code that decodes pictures and sound. Imports `registry`, never the
reverse."""
