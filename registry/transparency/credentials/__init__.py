"""Signed assertions about entries (JOSE) and their status lists. Owns: `assertion_status`."""
