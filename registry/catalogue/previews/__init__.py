"""Blurred preview pictures of registered media. Revealing a clear picture is recorded. Owns:
`preview`."""
