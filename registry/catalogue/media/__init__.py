"""Uploaded media: receive, store, encrypt and delete files; retention. Owns the table `parting_blob`."""
