"""Entries with the same footage, and what was made from what (W3C PROV). Owns: `entry_link`,
`entry_derivation`."""
