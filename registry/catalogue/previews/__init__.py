"""Blurred preview pictures of registered media; revealing one is recorded. Owns: `still`."""
