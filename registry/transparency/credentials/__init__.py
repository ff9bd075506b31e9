"""Signed assertions about entries (JOSE) and their status lists. Owns the table `assertion_status`."""
