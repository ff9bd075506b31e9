"""Fakes that come back where they were removed. Owns: `notice_return`."""
