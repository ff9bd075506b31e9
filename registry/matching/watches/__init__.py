"""Watched lookups: the fingerprint is kept and asked again when something near it is registered.
Owns: `watch`, `watch_frame`, `watch_vector`, `watch_answer`, `watch_due`."""
