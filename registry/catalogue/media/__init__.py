"""Uploaded media: receive, store, encrypt and delete files; retention. Owns: `parting_blob`."""
