"""Uploaded media: receiving, keeping, encrypting and deleting files, and how long they are kept. Owns:
`parting_blob`."""
