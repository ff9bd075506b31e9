"""Organizations: create, change, list, close. Owns: `organization`."""
