"""Lookups by document, file, digest or hash: asked, answered, recorded, fetched later. Owns: `lookup`,
`sighting`."""
