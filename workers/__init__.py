"""Fakeprint's heavy half: media in, fingerprints out. May import `registry`; never the reverse."""
