"""Entries with the same footage, and which seconds of a fake show which of its originals. Owns: `entry_link`,
`entry_derivation`."""
