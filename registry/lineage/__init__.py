"""Entries with the same footage, and the W3C PROV graph of what was made from what.
Owns: `entry_link`, `entry_derivation`."""
