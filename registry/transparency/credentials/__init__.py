"""Signed statements about entries (JOSE) and the list that revokes them. Owns: `assertion_status`."""
