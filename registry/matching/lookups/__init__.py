"""Lookups by document, file, digest or hash: answer, record, and fetch the answer later. Owns: `lookup`,
`sighting`."""
