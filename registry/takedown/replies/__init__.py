"""Replies of platforms and their statements of reasons. Owns: `notice_reply`, `notice_statement`."""
