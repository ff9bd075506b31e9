"""Watched lookups: their fingerprint is stored and answered again when similar media are registered. Owns:
`watch`, `watch_frame`, `watch_vector`, `watch_answer`, `watch_due`."""
